-- One sample per closed opportunity, or per finished stay in a stage, in tenths of a day.
WITH sample AS (
	SELECT CASE $by
	       WHEN 'owner' THEN CAST(o.owner AS TEXT)
	       WHEN 'team' THEN CAST(member.team AS TEXT)
	       WHEN 'product' THEN CAST(o.product AS TEXT)
	       ELSE o.result END AS bucket,
	       CASE $by
	       WHEN 'owner' THEN member.label
	       WHEN 'team' THEN team.name
	       WHEN 'product' THEN product.name
	       WHEN 'result' THEN CASE o.result WHEN 'won' THEN '赢单 Won' ELSE '输单 Lost' END END AS name,
	       0 AS position,
	       CAST(NULL AS BIGINT) AS norm_days,
	       o.cycle_days * 10 AS days
	FROM opportunity o
	LEFT JOIN member ON member.id = o.owner
	LEFT JOIN team ON team.id = member.team
	LEFT JOIN product ON product.id = o.product
	WHERE $by <> 'stage' AND o.cycle_days IS NOT NULL
	AND (o.result = 'won' OR (o.result = 'lost' AND $by = 'result'))
	AND o.pipeline = coalesce($pipeline, o.pipeline)
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	UNION ALL
	SELECT CAST(stage.id AS TEXT), stage.name, stage.position, stage.norm_days, v.days
	FROM stage_visit v
	JOIN stage ON stage.id = v.stage
	JOIN opportunity o ON o.id = v.opportunity
	WHERE $by = 'stage' AND v.days IS NOT NULL
	AND stage.pipeline = coalesce($pipeline, stage.pipeline)
	AND v.entered_on >= coalesce($from, '0') AND v.entered_on <= coalesce($to, '9')
), ranked AS (
	SELECT coalesce(bucket, '') AS bucket, days,
	       row_number() OVER (PARTITION BY bucket ORDER BY days) AS place,
	       count(*) OVER (PARTITION BY bucket) AS places
	FROM sample
), median AS (
	SELECT bucket, sum(days) / count(*) AS days
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
	SELECT coalesce(bucket, '') AS bucket, max(name) AS name, max(position) AS position,
	       max(norm_days) AS norm_days, count(*) AS samples, sum(days) AS days, max(days) AS longest,
	       count(*) FILTER (WHERE days > norm_days * 10) AS over_norm
	FROM sample
	GROUP BY coalesce(bucket, '')
)
SELECT CASE WHEN g.bucket = '' THEN '–' ELSE coalesce(g.name, g.bucket) END AS label,
       g.samples AS count,
       CAST((2 * CAST(g.days AS BIGINT) + g.samples) / (2 * g.samples) AS BIGINT) AS mean_days,
       CAST(median.days AS BIGINT) AS median_days,
       CAST(ninety.days AS BIGINT) AS p90_days,
       CAST(g.longest AS BIGINT) AS max_days,
       g.norm_days AS norm_days,
       CASE WHEN g.norm_days IS NOT NULL THEN g.over_norm END AS over_norm
FROM grouped g
JOIN median ON median.bucket = g.bucket
JOIN ninety ON ninety.bucket = g.bucket
ORDER BY g.position, g.samples DESC, g.bucket
