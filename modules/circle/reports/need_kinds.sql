-- Kinds of need by group: what lies open now, what was closed in the period, and how long it took to become explicit.
-- Counted first, named afterwards.  Of leads, converted is won and invalid lost, and the day is the one they came.
WITH person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), part AS (
	-- By one number: what has two or three, or words, takes twice as long to be put in order.
	SELECT CASE $by WHEN 'owner' THEN o.owner WHEN 'team' THEN o.owner WHEN 'product' THEN o.product WHEN 'source' THEN o.source ELSE 0 END AS thing,
	       count(*) AS n, count(*) FILTER (WHERE o.need_kind = 'explicit') AS explicit, count(*) FILTER (WHERE o.need_kind = 'implicit') AS implicit,
	       count(*) FILTER (WHERE o.need_kind IS NULL) AS unsaid, 0 AS won_explicit, 0 AS closed_explicit, 0 AS won_implicit, 0 AS closed_implicit
	FROM opportunity o
	WHERE $of = 'opportunity' AND o.result = 'open' AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
	GROUP BY 1
	UNION ALL
	SELECT CASE $by WHEN 'owner' THEN o.owner WHEN 'team' THEN o.owner WHEN 'product' THEN o.product WHEN 'source' THEN o.source ELSE 0 END, 0, 0, 0, 0,
	       count(*) FILTER (WHERE o.result = 'won' AND o.need_kind = 'explicit'), count(*) FILTER (WHERE o.need_kind = 'explicit'),
	       count(*) FILTER (WHERE o.result = 'won' AND o.need_kind = 'implicit'), count(*) FILTER (WHERE o.need_kind = 'implicit')
	FROM opportunity o
	WHERE $of = 'opportunity' AND o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
	GROUP BY 1
	UNION ALL
	SELECT l.thing, count(*) FILTER (WHERE l.result = 'open'), count(*) FILTER (WHERE l.result = 'open' AND l.need_kind = 'explicit'),
	       count(*) FILTER (WHERE l.result = 'open' AND l.need_kind = 'implicit'), count(*) FILTER (WHERE l.result = 'open' AND l.need_kind IS NULL),
	       count(*) FILTER (WHERE l.result = 'won' AND l.need_kind = 'explicit'), count(*) FILTER (WHERE l.result <> 'open' AND l.need_kind = 'explicit'),
	       count(*) FILTER (WHERE l.result = 'won' AND l.need_kind = 'implicit'), count(*) FILTER (WHERE l.result <> 'open' AND l.need_kind = 'implicit')
	FROM (SELECT CASE $by WHEN 'owner' THEN l.owner WHEN 'team' THEN l.owner WHEN 'product' THEN l.product WHEN 'source' THEN l.source ELSE 0 END AS thing,
	             CASE l.state WHEN 'converted' THEN 'won' WHEN 'invalid' THEN 'lost' ELSE 'open' END AS result, l.need_kind AS need_kind
	      FROM lead l
	      WHERE $of = 'lead' AND (l.state IN ('new', 'contacted', 'qualified') OR (l.received_on >= coalesce($from, '0') AND l.received_on <= coalesce($to, '9')))
	      AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR l.owner IN (SELECT id FROM person))) l
	GROUP BY 1
), held AS (
	SELECT part.*,
	       coalesce(CASE $by WHEN 'team' THEN CAST(member.team AS TEXT) WHEN 'none' THEN '*' ELSE CAST(part.thing AS TEXT) END, '') AS bucket,
	       coalesce(CASE $by WHEN 'owner' THEN member.label WHEN 'team' THEN team.name END, product.name, source.name) AS name
	FROM part
	LEFT JOIN member ON $by IN ('owner', 'team') AND member.id = part.thing
	LEFT JOIN team ON team.id = member.team
	LEFT JOIN product ON $by = 'product' AND product.id = part.thing
	LEFT JOIN source ON $by = 'source' AND source.id = part.thing
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
	AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
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
	SELECT bucket, max(name) AS name, CAST(sum(n) AS BIGINT) AS n, CAST(sum(explicit) AS BIGINT) AS explicit, CAST(sum(implicit) AS BIGINT) AS implicit,
	       CAST(sum(unsaid) AS BIGINT) AS unsaid, CAST(sum(won_explicit) AS BIGINT) AS won_explicit, CAST(sum(closed_explicit) AS BIGINT) AS closed_explicit,
	       CAST(sum(won_implicit) AS BIGINT) AS won_implicit, CAST(sum(closed_implicit) AS BIGINT) AS closed_implicit
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
