-- What is planned for the day and has a place, as planned.
SELECT a.id AS id, c.name AS name, coalesce(c.location, a.place) AS location, a.planned_at AS planned_at
FROM activity a
JOIN customer c ON c.id = a.customer
JOIN calendar_day d ON d.day = $day
WHERE a.kind = 'visit' AND a.state = 'planned' AND a.owner = coalesce($owner, $me) AND a.planned_at >= d.starts_at AND a.planned_at < d.starts_at + 86400000
AND coalesce(c.location, a.place) IS NOT NULL
ORDER BY a.planned_at, a.id
LIMIT 50
