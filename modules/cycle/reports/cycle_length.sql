-- The middle and nine of ten of the cycles of each class; a month has 365 / 12 days.  Counted by their length before they are put in order.
WITH counted AS (
	-- By the calendar, which is quicker than working it out.
	SELECT o.offer_class AS class, coalesce(l.day_number - f.day_number, o.cycle_days) AS days, count(*) AS n
	FROM opportunity o
	LEFT JOIN calendar_day f ON f.day = o.engaged_on
	LEFT JOIN calendar_day l ON l.day = o.closed_on
	WHERE o.result = 'won' AND coalesce(o.offer_class, 0) > 0 AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND o.owner = coalesce($owner, o.owner)
	GROUP BY 1, 2
), running AS (
	SELECT class, days, sum(n) OVER (PARTITION BY class ORDER BY days) AS place, sum(n) OVER (PARTITION BY class) AS n
	FROM counted
	WHERE days IS NOT NULL
), summed AS (
	SELECT class, CAST(max(n) AS BIGINT) AS n,
	       CAST(10 * (1.0 * min(days) FILTER (WHERE place >= floor((n + 1) / 2)) + min(days) FILTER (WHERE place >= floor((n + 2) / 2))) / 2 AS BIGINT) AS median,
	       min(days) FILTER (WHERE place * 10 >= n * 9) AS p90
	FROM running
	GROUP BY class
)
SELECT k.name AS label, s.n AS deals, s.median AS median_days, s.p90 AS p90_days, k.months_from AS months_from, k.months_to AS months_to,
       CASE WHEN s.n < 5 THEN 'few' WHEN s.median * 12 < k.months_from * 3650 THEN 'shorter' WHEN s.median * 12 > k.months_to * 3650 THEN 'longer' ELSE 'within' END AS reading,
       k.id AS class_id
FROM summed s
JOIN offer_class k ON k.id = s.class
ORDER BY k.months_from, k.id
