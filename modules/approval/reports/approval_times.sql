-- Turns decided in the period, and those that wait now.
WITH edge AS (
	SELECT first.starts_at AS since, last.starts_at + 86400000 AS until
	FROM calendar_day last
	JOIN calendar_day first ON first.day = coalesce($from, substr(last.day, 1, 8) || '01')
	WHERE last.day = $to
), turn AS (
	SELECT t.member AS member, t.state AS state, (t.at - t.created_at) / 60000 AS minutes,
	       CASE WHEN t.state = 'waiting' OR t.due_at IS NULL THEN NULL WHEN t.at > t.due_at THEN 1 ELSE 0 END AS late
	FROM approval_turn t, edge
	WHERE t.state = 'waiting' OR (t.state IN ('approved', 'returned') AND t.at >= edge.since AND t.at < edge.until)
)
SELECT m.id AS member_id, m.label AS who,
       count(*) FILTER (WHERE turn.state <> 'waiting') AS decided,
       count(*) FILTER (WHERE turn.state = 'returned') AS returned,
       avg(turn.minutes) FILTER (WHERE turn.state <> 'waiting') AS mean_minutes,
       max(turn.minutes) FILTER (WHERE turn.state <> 'waiting') AS longest_minutes,
       CASE WHEN count(turn.late) > 0 THEN CAST(sum(turn.late) AS BIGINT) * 10000 / count(turn.late) END AS late_rate,
       count(*) FILTER (WHERE turn.state = 'waiting') AS waiting
FROM turn
JOIN member m ON m.id = turn.member
WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY m.id, m.label
ORDER BY m.label, m.id
