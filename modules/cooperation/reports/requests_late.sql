-- Asked, and past the day of acceptance.
SELECT r.id AS request_id, m.id AS receiver_id, m.label AS who, r.title AS request, a.label AS asker, r.accept_by AS accept_by, now.day_number - due.day_number AS days
FROM internal_request r
JOIN member m ON m.id = r.receiver
JOIN member a ON a.id = r.asker
JOIN calendar_day now ON now.day = $today
JOIN calendar_day due ON due.day = r.accept_by
WHERE r.state = 'asked' AND r.accept_by < $today AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY r.accept_by, r.id
LIMIT 200
