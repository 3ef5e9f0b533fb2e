-- Visits by the source of the customer.
WITH edge AS (
	SELECT f.day AS since, f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day f
	JOIN calendar_day l ON l.day = $to
	WHERE f.day = coalesce($from, substr($today, 1, 8) || '01')
), counted AS (
	SELECT c.source AS source, count(*) AS n, count(*) FILTER (WHERE a.effective = 1) AS k, count(*) FILTER (WHERE a.ordered = 1) AS ordered
	FROM edge
	CROSS JOIN activity a
	CROSS JOIN customer c
	LEFT JOIN member m ON m.id = a.owner
	WHERE c.id = a.customer AND a.kind = 'visit' AND coalesce(a.state, '') = 'done' AND a.done_at >= edge.from_at AND a.done_at < edge.until
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY c.source
),
-- include opportunity/wilson
SELECT coalesce(s.name, '–') AS label, c.n AS visits, c.k AS effective, c.rate AS rate, c.low AS low, c.high AS high,
       c.ordered AS ordered, (c.ordered * 20000 + c.n) / (2 * c.n) AS order_rate, CASE WHEN c.n < 20 THEN 'few' ELSE 'judged' END AS verdict,
       CASE WHEN c.source IS NULL THEN 'is.null' ELSE 'eq.' || CAST(c.source AS TEXT) END AS came, (SELECT since FROM edge) AS since
FROM rated c
LEFT JOIN source s ON s.id = c.source
ORDER BY c.n DESC, coalesce(c.source, 0)
