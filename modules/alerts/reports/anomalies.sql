-- The tasks that rules raised in the period, by rule; declared.c takes the name in the reader's language.
WITH edge AS (
	SELECT first.starts_at AS since, last.starts_at + 86400000 AS until
	FROM calendar_day last
	JOIN calendar_day first ON first.day = coalesce($from, substr(last.day, 1, 8) || '01')
	WHERE last.day = $to
)
SELECT r.rule AS rule, r.name AS name, r.name_en AS name_en, count(*) AS found,
       count(*) FILTER (WHERE t.state = 'open') AS open_count,
       count(*) FILTER (WHERE t.state = 'open' AND t.due_on < $today) AS overdue,
       count(*) FILTER (WHERE t.state = 'done') AS solved,
       CAST(coalesce(sum(t.done_at - t.created_at) FILTER (WHERE t.state = 'done'), 0) AS BIGINT) AS took,
       count(*) FILTER (WHERE t.state = 'done' AND t.on_time = 1) AS on_time
FROM task t
JOIN alert_rule r ON t.origin LIKE 'alert/' || r.rule || '/%'
LEFT JOIN member m ON m.id = t.owner
CROSS JOIN edge
WHERE t.created_at >= edge.since AND t.created_at < edge.until
AND coalesce(t.owner, 0) = coalesce($owner, t.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY r.rule, r.name, r.name_en
ORDER BY 4 DESC, r.rule
