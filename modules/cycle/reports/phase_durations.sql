-- Stays of opportunities that have a class; days are tenths.
WITH stay AS (
	SELECT o.offer_class AS class, v.stage AS stage, v.days AS days
	FROM opportunity o
	CROSS JOIN stage_visit v
	WHERE o.offer_class > 0 AND o.offer_class = coalesce($class, o.offer_class) AND v.opportunity = o.id
	AND v.entered_on >= coalesce($from, '0') AND v.entered_on <= $to
), ranked AS (
	SELECT class, stage, days, row_number() OVER (PARTITION BY class, stage ORDER BY days) AS place, count(*) OVER (PARTITION BY class, stage) AS n
	FROM stay
	WHERE days IS NOT NULL
), summed AS (
	SELECT class, stage, max(n) AS n, CAST(avg(1.0 * days) FILTER (WHERE place = (n + 1) / 2 OR place = (n + 2) / 2) AS BIGINT) AS median,
	       min(days) FILTER (WHERE place * 10 >= n * 9) AS p90
	FROM ranked
	GROUP BY class, stage
), counted AS (
	SELECT class, stage, count(*) FILTER (WHERE days IS NULL) AS there FROM stay GROUP BY class, stage
)
SELECT k.name AS class_name, stage.name AS stage, coalesce(s.n, 0) AS ended, s.median AS median_days, s.p90 AS p90_days, stage.norm_days AS norm_days, c.there AS there,
       k.id AS class_id, stage.id AS stage_id
FROM counted c
JOIN offer_class k ON k.id = c.class
JOIN stage ON stage.id = c.stage
LEFT JOIN summed s ON s.class = c.class AND s.stage = c.stage
WHERE stage.kind = 'open' AND stage.pipeline = coalesce($pipeline, stage.pipeline)
ORDER BY k.months_from, k.id, stage.pipeline, stage.position
