-- Blocks and planned activities of the day.
WITH edge AS (
	SELECT starts_at AS from_at, starts_at + 86400000 AS until FROM calendar_day WHERE day = $day
), entry AS (
	SELECT b.start_at AS start_at, b.end_at AS end_at, 'block' AS what, b.id AS id, b.name AS name, NULL AS customer, b.guarded AS guarded
	FROM time_block b
	CROSS JOIN edge
	WHERE b.owner = coalesce($owner, $me) AND b.start_at >= edge.from_at AND b.start_at < edge.until
	UNION ALL
	SELECT a.planned_at, a.planned_end, 'activity', a.id, a.subject, c.name, 0
	FROM activity a
	CROSS JOIN edge
	LEFT JOIN customer c ON c.id = a.customer
	WHERE a.owner = coalesce($owner, $me) AND a.state = 'planned' AND a.planned_at >= edge.from_at AND a.planned_at < edge.until
)
SELECT start_at, end_at, what, name, customer, guarded,
       CASE WHEN max(coalesce(end_at, start_at)) OVER (ORDER BY start_at, what, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > start_at THEN 1 ELSE 0 END AS overlaps,
       CASE what WHEN 'block' THEN 'time_block' ELSE 'activity' END || '?id=eq.' || CAST(id AS TEXT) AS open
FROM entry
ORDER BY start_at, what, id
