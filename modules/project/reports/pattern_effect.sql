-- What followed the visits prepared with each pattern of talk.
WITH counted AS (
	SELECT s.pattern AS pattern, count(*) AS n, count(*) FILTER (WHERE s.willing = 'yes') AS k, count(*) FILTER (WHERE s.result = 'yes') AS reached
	FROM calendar_day f
	CROSS JOIN calendar_day l
	CROSS JOIN visit_sheet s
	WHERE f.day = $from AND l.day = $to AND s.created_at >= f.starts_at AND s.created_at < l.starts_at + 86400000
	AND s.willing IS NOT NULL AND s.owner = coalesce($owner, s.owner)
	GROUP BY s.pattern
),
-- include opportunity/wilson
SELECT coalesce(p.name, '–') AS label, c.n AS sheets, c.k AS willing, c.reached AS reached, c.rate AS rate, c.low AS low, c.high AS high,
       CASE WHEN c.n < 20 THEN 'few' ELSE 'judged' END AS verdict, CASE WHEN c.pattern IS NULL THEN 'is.null' ELSE 'eq.' || CAST(c.pattern AS TEXT) END AS card
FROM rated c
LEFT JOIN talk_pattern p ON p.id = c.pattern
ORDER BY c.n DESC, coalesce(c.pattern, 0)
