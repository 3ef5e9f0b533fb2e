-- The last 20,000 stays that ended in the period, of opportunities that have a class; days are tenths.  Counted by how long they were before they are put in order.
WITH latest AS MATERIALIZED (
	SELECT v.opportunity AS opportunity, v.stage AS stage, v.days AS days
	FROM stage_visit v
	WHERE v.left_at >= coalesce((SELECT starts_at FROM calendar_day WHERE day = $from), 0) AND v.left_at < (SELECT starts_at + 86400000 FROM calendar_day WHERE day = $to)
	AND v.days IS NOT NULL
	ORDER BY v.left_at DESC, v.id DESC
	LIMIT 20000
), counted AS (
	SELECT o.offer_class AS class, l.stage AS stage, l.days AS days, count(*) AS n
	FROM latest l
	CROSS JOIN opportunity o
	WHERE o.id = l.opportunity AND o.offer_class = coalesce($class, o.offer_class)
	GROUP BY 1, 2, 3
), running AS (
	SELECT class, stage, days, sum(n) OVER (PARTITION BY class, stage ORDER BY days) AS place, sum(n) OVER (PARTITION BY class, stage) AS n
	FROM counted
), summed AS (
	SELECT class, stage, max(n) AS n,
	       CAST((1.0 * min(days) FILTER (WHERE place >= floor((n + 1) / 2)) + min(days) FILTER (WHERE place >= floor((n + 2) / 2))) / 2 AS BIGINT) AS median,
	       min(days) FILTER (WHERE place * 10 >= n * 9) AS p90, 0 AS there
	FROM running
	GROUP BY class, stage
	UNION ALL
	SELECT o.offer_class, o.stage, 0, NULL, NULL, count(*)
	FROM opportunity o
	WHERE o.result = 'open' AND o.offer_class = coalesce($class, o.offer_class)
	GROUP BY o.offer_class, o.stage
)
SELECT k.name AS class_name, stage.name AS stage, CAST(sum(s.n) AS BIGINT) AS ended, max(s.median) AS median_days, max(s.p90) AS p90_days, stage.norm_days AS norm_days,
       CAST(sum(s.there) AS BIGINT) AS there, k.id AS class_id, stage.id AS stage_id
FROM summed s
JOIN offer_class k ON k.id = s.class
JOIN stage ON stage.id = s.stage
WHERE stage.kind = 'open' AND stage.pipeline = coalesce($pipeline, stage.pipeline)
GROUP BY k.id, k.name, k.months_from, stage.id, stage.name, stage.norm_days, stage.pipeline, stage.position
ORDER BY k.months_from, k.id, stage.pipeline, stage.position
