-- One sample per closed opportunity, in tenths of a day.  Columns that are not declared are the
-- tests of the list behind a row.
WITH sample AS (
	SELECT coalesce(CASE $by
	       WHEN 'owner' THEN CAST(o.owner AS TEXT)
	       WHEN 'team' THEN CAST(member.team AS TEXT)
	       WHEN 'product' THEN CAST(o.product AS TEXT)
	       ELSE o.result END, '') AS bucket,
	       CASE $by
	       WHEN 'owner' THEN member.label
	       WHEN 'team' THEN team.name
	       WHEN 'product' THEN product.name
	       ELSE CASE o.result WHEN 'won' THEN '赢单 won' ELSE '输单 lost' END END AS name,
	       o.cycle_days * 10 AS days
	FROM opportunity o
	LEFT JOIN member ON member.id = o.owner
	LEFT JOIN team ON team.id = member.team
	LEFT JOIN product ON product.id = o.product
	WHERE o.cycle_days IS NOT NULL
	AND (o.result = 'won' OR (o.result = 'lost' AND $by = 'result'))
	AND o.result = coalesce($result, o.result)
	AND o.pipeline = coalesce($pipeline, o.pipeline)
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
), ranked AS (
	SELECT bucket, days,
	       row_number() OVER (PARTITION BY bucket ORDER BY days) AS place,
	       count(*) OVER (PARTITION BY bucket) AS places
	FROM sample
), median AS (
	SELECT bucket, CAST(sum(days) AS BIGINT) / count(*) AS days
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY bucket
), ninety AS (
	-- Nearest rank: the smallest value with at least nine tenths at or below it.
	SELECT bucket, min(days) AS days
	FROM ranked
	WHERE place * 10 >= places * 9
	GROUP BY bucket
), grouped AS (
	SELECT bucket, max(name) AS name, count(*) AS samples, CAST(sum(days) AS BIGINT) AS days, max(days) AS longest,
	       CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test
	FROM sample
	GROUP BY bucket
)
SELECT coalesce(g.name, '–') AS label,
       g.samples AS count,
       (2 * CAST(g.days AS BIGINT) + g.samples) / (2 * g.samples) AS mean_days,
       CAST(median.days AS BIGINT) AS median_days,
       CAST(ninety.days AS BIGINT) AS p90_days,
       CAST(g.longest AS BIGINT) AS max_days,
       CASE WHEN $by = 'result' THEN g.test ELSE 'eq.won' END AS result,
       CASE WHEN $by = 'owner' THEN g.test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN g.test ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'product' THEN g.test ELSE 'eq.' || CAST($product AS TEXT) END AS product
FROM grouped g
JOIN median ON median.bucket = g.bucket
JOIN ninety ON ninety.bucket = g.bucket
ORDER BY g.samples DESC, g.bucket
