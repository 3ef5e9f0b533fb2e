-- Visits by the source of the customer.
WITH edge AS (
	SELECT f.day AS since, f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day f
	JOIN calendar_day l ON l.day = $to
	WHERE f.day = coalesce($from, substr($today, 1, 8) || '01')
), counted AS (
	SELECT c.source AS source, count(*) AS n, count(*) FILTER (WHERE a.effective = 1) AS effective, count(*) FILTER (WHERE a.ordered = 1) AS ordered
	FROM activity a
	JOIN customer c ON c.id = a.customer
	LEFT JOIN member m ON m.id = a.owner
	WHERE a.kind = 'visit' AND a.state = 'done' AND a.done_at >= (SELECT from_at FROM edge) AND a.done_at < (SELECT until FROM edge)
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
	GROUP BY c.source
), rated AS (
	SELECT counted.*, effective * 1.0 / n AS r FROM counted
)
SELECT coalesce(s.name, '–') AS label, c.n AS visits, c.effective AS effective, CAST(floor(c.r * 10000 + 0.5) AS BIGINT) AS rate,
       CAST(floor(0.5 + 10000 * (c.r + 1.9208 / c.n - 1.96 * sqrt(c.r * (1 - c.r) / c.n + 0.9604 / c.n / c.n)) / (1 + 3.8416 / c.n)) AS BIGINT) AS low,
       CAST(floor(0.5 + 10000 * (c.r + 1.9208 / c.n + 1.96 * sqrt(c.r * (1 - c.r) / c.n + 0.9604 / c.n / c.n)) / (1 + 3.8416 / c.n)) AS BIGINT) AS high,
       c.ordered AS ordered, (c.ordered * 20000 + c.n) / (2 * c.n) AS order_rate, CASE WHEN c.n < 20 THEN 'few' ELSE 'judged' END AS verdict,
       CASE WHEN c.source IS NULL THEN 'is.null' ELSE 'eq.' || CAST(c.source AS TEXT) END AS came, (SELECT since FROM edge) AS since
FROM rated c
LEFT JOIN source s ON s.id = c.source
ORDER BY c.n DESC, coalesce(c.source, 0)
