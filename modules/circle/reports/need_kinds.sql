-- Kinds of need by group: what lies open now, what was closed in the period, and how long it took to become explicit.
-- Counted first, named afterwards.  Of leads, converted is won and invalid lost, and the day is the one they came.
WITH asked AS MATERIALIZED (
	SELECT CASE WHEN $by IN ('owner', 'team') OR CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS persons
), part AS (
	SELECT o.result AS result, o.need_kind AS kind, CASE WHEN asked.persons = 1 THEN o.owner END AS owner,
	       CASE $by WHEN 'product' THEN o.product WHEN 'source' THEN o.source END AS thing, count(*) AS n
	FROM asked CROSS JOIN opportunity o
	WHERE $of = 'opportunity' AND o.result = 'open'
	GROUP BY 1, 2, 3, 4
	UNION ALL
	SELECT o.result, o.need_kind, CASE WHEN asked.persons = 1 THEN o.owner END,
	       CASE $by WHEN 'product' THEN o.product WHEN 'source' THEN o.source END, count(*)
	FROM asked CROSS JOIN opportunity o
	WHERE $of = 'opportunity' AND o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	GROUP BY 1, 2, 3, 4
	UNION ALL
	SELECT CASE l.state WHEN 'converted' THEN 'won' WHEN 'invalid' THEN 'lost' ELSE 'open' END, l.need_kind, CASE WHEN asked.persons = 1 THEN l.owner END,
	       CASE $by WHEN 'product' THEN l.product WHEN 'source' THEN l.source END, count(*)
	FROM asked CROSS JOIN lead l
	WHERE $of = 'lead' AND (l.state IN ('new', 'contacted', 'qualified') OR (l.received_on >= coalesce($from, '0') AND l.received_on <= coalesce($to, '9')))
	GROUP BY 1, 2, 3, 4
), held AS (
	SELECT part.result AS result, part.kind AS kind, part.n AS n,
	       coalesce(CASE $by WHEN 'owner' THEN CAST(part.owner AS TEXT) WHEN 'team' THEN CAST(member.team AS TEXT)
	                WHEN 'product' THEN CAST(part.thing AS TEXT) WHEN 'source' THEN CAST(part.thing AS TEXT) ELSE '*' END, '') AS bucket,
	       CASE $by WHEN 'owner' THEN member.label WHEN 'team' THEN team.name WHEN 'product' THEN product.name
	                WHEN 'source' THEN source.name END AS name
	FROM part
	LEFT JOIN member ON member.id = part.owner
	LEFT JOIN team ON team.id = member.team
	LEFT JOIN product ON $by = 'product' AND product.id = part.thing
	LEFT JOIN source ON $by = 'source' AND source.id = part.thing
	WHERE coalesce(part.owner, 0) = coalesce($owner, part.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
), turned AS (
	SELECT o.owner AS owner, o.product AS product, o.source AS source, o.engaged_on AS begun_on, o.explicit_on AS explicit_on
	FROM opportunity o
	WHERE $of = 'opportunity' AND o.explicit_on > o.engaged_on AND o.explicit_on >= coalesce($from, '0') AND o.explicit_on <= coalesce($to, '9')
	UNION ALL
	SELECT l.owner, l.product, l.source, l.received_on, l.explicit_on
	FROM lead l
	WHERE $of = 'lead' AND l.explicit_on > l.received_on AND l.explicit_on >= coalesce($from, '0') AND l.explicit_on <= coalesce($to, '9')
), ripened AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(t.owner AS TEXT) WHEN 'team' THEN CAST(member.team AS TEXT)
	                WHEN 'product' THEN CAST(t.product AS TEXT) WHEN 'source' THEN CAST(t.source AS TEXT) ELSE '*' END, '') AS bucket,
	       said.day_number - begun.day_number AS days
	FROM turned t
	LEFT JOIN member ON member.id = t.owner
	JOIN calendar_day said ON said.day = t.explicit_on
	JOIN calendar_day begun ON begun.day = t.begun_on
	WHERE coalesce(t.owner, 0) = coalesce($owner, t.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
), ranked AS (
	SELECT bucket, days, row_number() OVER (PARTITION BY bucket ORDER BY days) AS place, count(*) OVER (PARTITION BY bucket) AS places
	FROM ripened
), median AS (
	-- Tenths of a day: of an even count the mean of the middle two.
	SELECT bucket, max(places) AS n, CAST(sum(days) AS BIGINT) * 10 / count(*) AS days
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY bucket
), grouped AS (
	SELECT bucket, max(name) AS name, CAST(coalesce(sum(n) FILTER (WHERE result = 'open'), 0) AS BIGINT) AS n,
	       CAST(coalesce(sum(n) FILTER (WHERE result = 'open' AND kind = 'explicit'), 0) AS BIGINT) AS explicit,
	       CAST(coalesce(sum(n) FILTER (WHERE result = 'open' AND kind = 'implicit'), 0) AS BIGINT) AS implicit,
	       CAST(coalesce(sum(n) FILTER (WHERE result = 'open' AND kind IS NULL), 0) AS BIGINT) AS unsaid,
	       CAST(coalesce(sum(n) FILTER (WHERE result = 'won' AND kind = 'explicit'), 0) AS BIGINT) AS won_explicit,
	       CAST(coalesce(sum(n) FILTER (WHERE result <> 'open' AND kind = 'explicit'), 0) AS BIGINT) AS closed_explicit,
	       CAST(coalesce(sum(n) FILTER (WHERE result = 'won' AND kind = 'implicit'), 0) AS BIGINT) AS won_implicit,
	       CAST(coalesce(sum(n) FILTER (WHERE result <> 'open' AND kind = 'implicit'), 0) AS BIGINT) AS closed_implicit
	FROM held
	GROUP BY bucket
), told AS (
	SELECT coalesce(g.name, '–') AS label, g.n AS n, g.explicit AS explicit, g.implicit AS implicit, g.unsaid AS unsaid,
	       g.won_explicit AS won_explicit, g.closed_explicit AS closed_explicit, g.won_implicit AS won_implicit,
	       g.closed_implicit AS closed_implicit, coalesce(median.n, 0) AS cultivated, CAST(median.days AS BIGINT) AS days,
	       CASE WHEN $by = 'owner' THEN test.test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
	       CASE WHEN $by = 'team' THEN test.test ELSE 'eq.' || CAST($team AS TEXT) END AS team,
	       CASE WHEN $by = 'product' THEN test.test END AS product,
	       CASE WHEN $by = 'source' THEN test.test END AS source, g.bucket AS bucket
	FROM grouped g
	JOIN (SELECT bucket, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test FROM grouped) test ON test.bucket = g.bucket
	LEFT JOIN median ON median.bucket = g.bucket
)
SELECT label, n, explicit, implicit, unsaid, won_explicit, closed_explicit, won_implicit, closed_implicit, cultivated, days, owner, team, product, source,
       CASE WHEN $of = 'lead' THEN 'lead?state=in.(new,contacted,qualified)' || coalesce('&owner=' || owner, '') || coalesce('&owner.team=' || team, '')
            || coalesce('&product=' || product, '') || coalesce('&source=' || source, '') || '&sort=need_kind' END AS open
FROM told
ORDER BY n DESC, bucket
