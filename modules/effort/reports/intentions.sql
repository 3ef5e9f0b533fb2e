-- Calls by the intention written down, and by age.
WITH edge AS (
	SELECT l.starts_at + 86400000 AS until, (SELECT f.starts_at FROM calendar_day f WHERE f.day = $from) AS from_at
	FROM calendar_day l
	WHERE l.day = $to
), call AS (
	SELECT coalesce(a.intention, 'unsorted') AS level, (edge.until - a.done_at) / 86400000 AS age
	FROM edge
	CROSS JOIN activity a
	LEFT JOIN member m ON m.id = a.owner
	WHERE a.kind = 'call' AND coalesce(a.state, '') = 'done' AND a.done_at >= coalesce(edge.from_at, 0) AND a.done_at < edge.until
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
), level AS (
	SELECT column1 AS place, column2 AS name, column3 AS test
	FROM (VALUES (1, 'unsorted', 'is.null'), (2, 'high', 'eq.high'), (3, 'medium', 'eq.medium'), (4, 'low', 'eq.low'), (5, 'none', 'eq.none')) listed
)
SELECT level.name AS level, count(call.level) AS calls, count(call.level) FILTER (WHERE call.age < 7) AS week,
       count(call.level) FILTER (WHERE call.age >= 7 AND call.age < 30) AS month, count(call.level) FILTER (WHERE call.age >= 30) AS older, level.test AS test
FROM level
LEFT JOIN call ON call.level = level.name
GROUP BY level.place, level.name, level.test
ORDER BY level.place
