-- What each technique brought after a refusal.
WITH counted AS (
	SELECT pattern, count(*) AS n, count(*) FILTER (WHERE effect IN ('introduced', 'went_on')) AS worked, count(*) FILTER (WHERE effect = 'introduced') AS introduced
	FROM refusal
	WHERE refused_on >= coalesce($from, '0') AND refused_on <= $to AND owner = coalesce($owner, owner)
	GROUP BY pattern
), rated AS (
	SELECT counted.*, worked * 1.0 / n AS r FROM counted
)
SELECT coalesce(p.name, '–') AS label, c.n AS used, c.worked AS worked, c.introduced AS introduced, CAST(floor(c.r * 10000 + 0.5) AS BIGINT) AS rate,
       CAST(floor(0.5 + 10000 * (c.r + 1.9208 / c.n - 1.96 * sqrt(c.r * (1 - c.r) / c.n + 0.9604 / c.n / c.n)) / (1 + 3.8416 / c.n)) AS BIGINT) AS low,
       CAST(floor(0.5 + 10000 * (c.r + 1.9208 / c.n + 1.96 * sqrt(c.r * (1 - c.r) / c.n + 0.9604 / c.n / c.n)) / (1 + 3.8416 / c.n)) AS BIGINT) AS high,
       CASE WHEN c.n < 20 THEN 'few' ELSE 'judged' END AS verdict, CASE WHEN c.pattern IS NULL THEN 'is.null' ELSE 'eq.' || CAST(c.pattern AS TEXT) END AS card
FROM rated c
LEFT JOIN talk_pattern p ON p.id = c.pattern
ORDER BY c.n DESC, coalesce(c.pattern, 0)
