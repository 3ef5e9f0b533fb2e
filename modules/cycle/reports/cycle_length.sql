-- The middle and nine of ten of the cycles of each class; a month has 365 / 12 days.
WITH ranked AS (
	SELECT o.offer_class AS class, o.cycle_days AS days, row_number() OVER (PARTITION BY o.offer_class ORDER BY o.cycle_days, o.id) AS place,
	       count(*) OVER (PARTITION BY o.offer_class) AS n
	FROM opportunity o
	-- By the class: those that have none are not looked at.
	WHERE coalesce(o.result, '') = 'won' AND o.offer_class > 0 AND o.cycle_days IS NOT NULL
	AND coalesce(o.closed_on, '') >= coalesce($from, '0') AND coalesce(o.closed_on, '') <= $to AND o.owner = coalesce($owner, o.owner)
), summed AS (
	SELECT class, max(n) AS n, CAST(10 * avg(1.0 * days) FILTER (WHERE place = (n + 1) / 2 OR place = (n + 2) / 2) AS BIGINT) AS median,
	       min(days) FILTER (WHERE place * 10 >= n * 9) AS p90
	FROM ranked
	GROUP BY class
)
SELECT k.name AS label, s.n AS deals, s.median AS median_days, s.p90 AS p90_days, k.months_from AS months_from, k.months_to AS months_to,
       CASE WHEN s.n < 5 THEN 'few' WHEN s.median * 12 < k.months_from * 3650 THEN 'shorter' WHEN s.median * 12 > k.months_to * 3650 THEN 'longer' ELSE 'within' END AS reading,
       k.id AS class_id
FROM summed s
JOIN offer_class k ON k.id = s.class
ORDER BY k.months_from, k.id
