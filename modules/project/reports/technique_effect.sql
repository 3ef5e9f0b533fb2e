-- What each technique brought after a refusal.
WITH counted AS (
	SELECT pattern, count(*) AS n, count(*) FILTER (WHERE effect IN ('introduced', 'went_on')) AS k, count(*) FILTER (WHERE effect = 'introduced') AS introduced
	FROM refusal
	WHERE refused_on >= coalesce($from, '0') AND refused_on <= $to AND owner = coalesce($owner, owner)
	GROUP BY pattern
),
-- include opportunity/wilson
SELECT coalesce(p.name, '–') AS label, c.n AS used, c.k AS worked, c.introduced AS introduced, c.rate AS rate, c.low AS low, c.high AS high,
       CASE WHEN c.n < 20 THEN 'few' ELSE 'judged' END AS verdict, CASE WHEN c.pattern IS NULL THEN 'is.null' ELSE 'eq.' || CAST(c.pattern AS TEXT) END AS card
FROM rated c
LEFT JOIN talk_pattern p ON p.id = c.pattern
ORDER BY c.n DESC, coalesce(c.pattern, 0)
