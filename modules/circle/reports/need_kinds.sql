-- Kinds of need by group: what lies open now, what was closed in the period, and how long it took to become explicit.
-- Counted first, named afterwards.
WITH asked AS MATERIALIZED (
	SELECT CASE WHEN $by IN ('owner', 'team') OR CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS persons
), part AS (
	SELECT o.result AS result, o.need_kind AS kind, CASE WHEN asked.persons = 1 THEN o.owner END AS owner,
	       CASE $by WHEN 'product' THEN o.product WHEN 'source' THEN o.source END AS thing, count(*) AS n
	FROM asked CROSS JOIN opportunity o
	WHERE o.result = 'open'
	GROUP BY 1, 2, 3, 4
	UNION ALL
	SELECT o.result, o.need_kind, CASE WHEN asked.persons = 1 THEN o.owner END,
	       CASE $by WHEN 'product' THEN o.product WHEN 'source' THEN o.source END, count(*)
	FROM asked CROSS JOIN opportunity o
	WHERE o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
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
), ripened AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(o.owner AS TEXT) WHEN 'team' THEN CAST(member.team AS TEXT)
	                WHEN 'product' THEN CAST(o.product AS TEXT) WHEN 'source' THEN CAST(o.source AS TEXT) ELSE '*' END, '') AS bucket,
	       said.day_number - begun.day_number AS days
	FROM opportunity o
	LEFT JOIN member ON member.id = o.owner
	JOIN calendar_day said ON said.day = o.explicit_on
	JOIN calendar_day begun ON begun.day = o.engaged_on
	WHERE o.explicit_on > o.engaged_on AND o.explicit_on >= coalesce($from, '0') AND o.explicit_on <= coalesce($to, '9')
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
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
)
SELECT coalesce(g.name, '–') AS label, g.n AS n, g.explicit AS explicit, g.implicit AS implicit, g.unsaid AS unsaid,
       g.won_explicit AS won_explicit, g.closed_explicit AS closed_explicit, g.won_implicit AS won_implicit,
       g.closed_implicit AS closed_implicit, coalesce(median.n, 0) AS cultivated, CAST(median.days AS BIGINT) AS days,
       CASE WHEN $by = 'owner' THEN test.test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN test.test ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'product' THEN test.test END AS product,
       CASE WHEN $by = 'source' THEN test.test END AS source
FROM grouped g
JOIN (SELECT bucket, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test FROM grouped) test ON test.bucket = g.bucket
LEFT JOIN median ON median.bucket = g.bucket
ORDER BY g.n DESC, g.bucket
