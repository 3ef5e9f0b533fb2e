-- S01-62: what was planned and is over, by who chairs.
WITH span AS (
	SELECT coalesce($from, substr($to, 1, 7) || '-01') AS since
), m AS (
	SELECT m.id AS id, m.owner AS owner, m.state AS state
	FROM meeting m, span
	WHERE m.day >= span.since AND m.day <= $to AND m.state <> 'planned' AND m.kind = coalesce($kind, m.kind)
	AND m.owner = coalesce($owner, m.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), seat AS (
	SELECT m.owner AS owner, count(*) AS due, count(*) FILTER (WHERE s.state IN ('present', 'remote')) AS taken
	FROM m JOIN meeting_seat s ON s.meeting = m.id
	WHERE m.state = 'held' AND s.state IN ('present', 'remote', 'absent')
	GROUP BY m.owner
), act AS (
	SELECT m.owner AS owner, count(*) AS given, count(*) FILTER (WHERE t.state = 'done') AS done,
	       count(*) FILTER (WHERE t.state = 'done' AND t.on_time = 1) AS on_time
	FROM m JOIN task t ON t.meeting = m.id
	WHERE t.state <> 'cancelled'
	GROUP BY m.owner
), held AS (
	SELECT owner, count(*) AS planned, count(*) FILTER (WHERE state = 'held') AS held,
	       count(*) FILTER (WHERE state = 'missed') AS missed, count(*) FILTER (WHERE state = 'cancelled') AS cancelled
	FROM m GROUP BY owner
)
SELECT h.owner AS owner_id, u.label AS who, h.planned AS planned, h.held AS held, h.missed AS missed, h.cancelled AS cancelled,
       h.held * 10000 / h.planned AS held_rate,
       coalesce(seat.due, 0) AS seats, coalesce(seat.taken, 0) AS attended, seat.taken * 10000 / nullif(seat.due, 0) AS attendance,
       coalesce(act.given, 0) AS actions, coalesce(act.done, 0) AS done, coalesce(act.on_time, 0) AS on_time,
       act.done * 10000 / nullif(act.given, 0) AS done_rate, span.since AS since
FROM held h
CROSS JOIN span
JOIN member u ON u.id = h.owner
LEFT JOIN seat ON seat.owner = h.owner
LEFT JOIN act ON act.owner = h.owner
ORDER BY u.label, h.owner
