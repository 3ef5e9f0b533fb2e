SELECT s.id AS id, s.name AS script, count(*) AS used, CAST(sum(CASE WHEN a.goal_reached = 'yes' THEN 1 ELSE 0 END) AS BIGINT) AS reached
FROM activity a
JOIN sales_script s ON s.id = a.sales_script
JOIN calendar_day f ON f.day = $from
JOIN calendar_day t ON t.day = $to
WHERE a.state = 'done' AND a.done_at >= f.starts_at AND a.done_at < t.starts_at + 86400000
GROUP BY s.id, s.name
ORDER BY used DESC, s.id
