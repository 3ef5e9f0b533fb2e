-- Calls by the intention written down, and by age.
WITH edge AS (
	SELECT l.starts_at + 86400000 AS until, (SELECT f.starts_at FROM calendar_day f WHERE f.day = $from) AS from_at
	FROM calendar_day l
	WHERE l.day = $to
), person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), call AS (
	SELECT coalesce(a.intention, 'unsorted') AS level, count(*) AS calls,
	       count(*) FILTER (WHERE a.done_at > edge.until - 604800000) AS week, count(*) FILTER (WHERE a.done_at > edge.until - 2592000000) AS month
	FROM edge
	CROSS JOIN activity a
	WHERE a.kind = 'call' AND coalesce(a.state, '') = 'done' AND a.done_at >= coalesce(edge.from_at, 0) AND a.done_at < edge.until
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR a.owner IN (SELECT id FROM person))
	GROUP BY 1
), level AS (
	SELECT column1 AS place, column2 AS name, column3 AS test
	FROM (VALUES (1, 'unsorted', 'is.null'), (2, 'high', 'eq.high'), (3, 'medium', 'eq.medium'), (4, 'low', 'eq.low'), (5, 'none', 'eq.none')) listed
)
SELECT level.name AS level, coalesce(call.calls, 0) AS calls, coalesce(call.week, 0) AS week, coalesce(call.month - call.week, 0) AS month,
       coalesce(call.calls - call.month, 0) AS older, level.test AS test
FROM level
LEFT JOIN call ON call.level = level.name
ORDER BY level.place
