WITH wish AS (
	SELECT 'heard' AS wish UNION ALL SELECT 'serious' UNION ALL SELECT 'at_once' UNION ALL SELECT 'compensation'
	UNION ALL SELECT 'punishment' UNION ALL SELECT 'prevention' UNION ALL SELECT 'gratitude'
), one AS (
	SELECT coalesce(wishes, '') AS wishes, coalesce(wishes_met, '') AS wishes_met
	FROM complaint
	WHERE received_on >= coalesce($from, substr($to, 1, 7) || '-01') AND received_on <= $to
), counted AS (
	SELECT wish.wish AS wish, count(*) FILTER (WHERE one.wishes LIKE '%,' || wish.wish || ',%') AS wished,
	       count(*) FILTER (WHERE one.wishes LIKE '%,' || wish.wish || ',%'
	                        AND one.wishes_met LIKE '%,' || wish.wish || ',%') AS met,
	       count(*) AS complaints
	FROM wish
	CROSS JOIN one
	GROUP BY wish.wish
)
SELECT wish, wished, met, met * 10000 / nullif(wished, 0) AS rate, complaints
FROM counted
WHERE wished > 0
ORDER BY wished DESC, wish
