WITH met AS (
	SELECT a.customer AS customer, CASE WHEN a.done_weekday >= 6 THEN 'weekend' ELSE 'weekday' END AS days,
	       CASE WHEN a.done_hour < 11 THEN 'morning' WHEN a.done_hour < 14 THEN 'noon' WHEN a.done_hour < 18 THEN 'afternoon' ELSE 'evening' END AS part
	FROM activity a
	JOIN calendar_day f ON f.day = $from
	JOIN calendar_day t ON t.day = $to
	WHERE a.customer IS NOT NULL AND a.state = 'done' AND a.kind IN ('reception', 'visit', 'meeting', 'call')
	AND a.done_at >= f.starts_at AND a.done_at < t.starts_at + 86400000
), cell AS (
	SELECT customer, days, part, count(*) AS n FROM met GROUP BY customer, days, part
), whole AS (
	SELECT customer, count(*) AS n FROM met GROUP BY customer HAVING count(*) >= 3
)
SELECT c.days AS days, c.part AS part, count(*) AS customers, CAST(sum(c.n) AS BIGINT) AS contacts,
       CASE c.part WHEN 'morning' THEN 0 WHEN 'noon' THEN 11 WHEN 'afternoon' THEN 14 ELSE 18 END AS since,
       CASE c.part WHEN 'morning' THEN 11 WHEN 'noon' THEN 14 WHEN 'afternoon' THEN 18 ELSE 24 END AS until,
       CASE c.days WHEN 'weekday' THEN 1 ELSE 6 END AS first, CASE c.days WHEN 'weekday' THEN 5 ELSE 7 END AS last
FROM cell c
JOIN whole w ON w.customer = c.customer
JOIN customer k ON k.id = c.customer
WHERE c.n * 10 >= w.n * 6
GROUP BY c.days, c.part
ORDER BY customers DESC, c.days, c.part
