-- S01-16: what waits for the superior first, the longest waiting at the top; then what was decided lately.
SELECT r.id AS report_id, r.title AS title, r.asked AS asked, coalesce(r.decision, 'pending') AS decision, r.answer AS answer,
       team.name AS team, leader.label AS leader, superior.label AS answered_by, s.day AS submitted_on,
       coalesce(a.day_number, now.day_number) - s.day_number AS days
FROM month_report r
JOIN team ON team.id = r.team
JOIN member leader ON leader.id = r.owner
JOIN calendar_day now ON now.day = $today
JOIN calendar_day s ON s.starts_at <= r.submitted_at AND s.starts_at + 86400000 > r.submitted_at
LEFT JOIN member superior ON superior.id = r.answered_by
LEFT JOIN calendar_day a ON a.starts_at <= r.answered_at AND a.starts_at + 86400000 > r.answered_at
WHERE r.state <> 'draft' AND coalesce(r.asked, '') <> ''
AND (coalesce($state, '') = '' OR ($state = 'pending') = (r.decision IS NULL))
AND s.day >= coalesce($from, s.day) AND s.day <= coalesce($to, s.day)
ORDER BY CASE WHEN r.decision IS NULL THEN 0 ELSE 1 END, CASE WHEN r.decision IS NULL THEN r.submitted_at ELSE -r.answered_at END, r.id
