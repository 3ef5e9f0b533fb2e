-- One sample per stay in a stage that ended, in tenths of a day.
WITH sample AS MATERIALIZED (
	SELECT v.stage AS stage, v.days AS days,
	       row_number() OVER (PARTITION BY v.stage ORDER BY v.days) AS place,
	       count(*) OVER (PARTITION BY v.stage) AS places
	FROM stage_visit v
	JOIN opportunity o ON o.id = v.opportunity
	WHERE v.left_at IS NOT NULL AND v.days IS NOT NULL
	AND v.entered_on >= coalesce($from, '0') AND v.entered_on <= coalesce($to, '9')
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
), median AS (
	SELECT stage, CAST(sum(days) AS BIGINT) / count(*) AS days
	FROM sample
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY stage
), ninety AS (
	-- Nearest rank: the smallest value with at least nine tenths at or below it.
	SELECT stage, min(days) AS days
	FROM sample
	WHERE place * 10 >= places * 9
	GROUP BY stage
), grouped AS (
	SELECT sample.stage AS stage, count(*) AS stays, CAST(sum(days) AS BIGINT) AS days, max(days) AS longest,
	       count(*) FILTER (WHERE days > stage.norm_days * 10) AS over
	FROM sample
	JOIN stage ON stage.id = sample.stage
	GROUP BY sample.stage
)
SELECT stage.name AS stage,
       stage.name_en AS stage_en,
       stage.id AS stage_id,
       g.stays AS count,
       (2 * g.days + g.stays) / (2 * g.stays) AS mean_days,
       CAST(median.days AS BIGINT) AS median_days,
       CAST(ninety.days AS BIGINT) AS p90_days,
       g.longest AS max_days,
       stage.norm_days AS norm_days,
       CASE WHEN stage.norm_days IS NOT NULL THEN g.over END AS over_norm
FROM grouped g
JOIN stage ON stage.id = g.stage
JOIN median ON median.stage = g.stage
JOIN ninety ON ninety.stage = g.stage
WHERE stage.pipeline = coalesce($pipeline, stage.pipeline)
ORDER BY stage.pipeline, stage.position
