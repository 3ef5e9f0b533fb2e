-- Stays of opportunities that have a class; days are tenths.  Counted by how long they were before they are put in order.
WITH counted AS MATERIALIZED (
	SELECT o.offer_class AS class, v.stage AS stage, v.days AS days, count(*) AS n
	FROM stage_visit v
	CROSS JOIN opportunity o
	-- By the deals of the class, or by whose they are: a join would try all of somebody's stays with each deal.
	WHERE o.id = v.opportunity AND coalesce(o.offer_class, 0) > 0
	AND v.opportunity IN (SELECT c.id FROM opportunity c WHERE coalesce(c.offer_class, 0) > 0 AND c.offer_class = coalesce($class, c.offer_class))
	AND coalesce(v.entered_on, '') >= coalesce($from, '0') AND coalesce(v.entered_on, '') <= $to
	GROUP BY o.offer_class, v.stage, v.days
), running AS (
	SELECT class, stage, days, sum(n) OVER (PARTITION BY class, stage ORDER BY days) AS place, sum(n) OVER (PARTITION BY class, stage) AS n
	FROM counted
	WHERE days IS NOT NULL
), summed AS (
	SELECT class, stage, max(n) AS n,
	       CAST((1.0 * min(days) FILTER (WHERE place >= floor((n + 1) / 2)) + min(days) FILTER (WHERE place >= floor((n + 2) / 2))) / 2 AS BIGINT) AS median,
	       min(days) FILTER (WHERE place * 10 >= n * 9) AS p90
	FROM running
	GROUP BY class, stage
), there AS (
	SELECT class, stage, coalesce(sum(n) FILTER (WHERE days IS NULL), 0) AS n FROM counted GROUP BY class, stage
)
SELECT k.name AS class_name, stage.name AS stage, CAST(coalesce(s.n, 0) AS BIGINT) AS ended, s.median AS median_days, s.p90 AS p90_days, stage.norm_days AS norm_days,
       CAST(t.n AS BIGINT) AS there, k.id AS class_id, stage.id AS stage_id
FROM there t
JOIN offer_class k ON k.id = t.class
JOIN stage ON stage.id = t.stage
LEFT JOIN summed s ON s.class = t.class AND s.stage = t.stage
WHERE stage.kind = 'open' AND stage.pipeline = coalesce($pipeline, stage.pipeline)
ORDER BY k.months_from, k.id, stage.pipeline, stage.position
