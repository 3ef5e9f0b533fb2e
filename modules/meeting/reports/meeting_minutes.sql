-- section, place in it, who or topic, three texts, day, state, id of the record; minutes.c puts them in words.
SELECT 1 AS part, 0 AS place, m.name AS who, m.summary AS text, NULL AS text2, NULL AS text3, m.day AS day, m.state AS state, m.id AS id
FROM meeting m WHERE m.id = $meeting
UNION ALL
SELECT 2, i.position, i.topic, i.points, NULL, NULL, NULL, NULL, i.id
FROM meeting_item i WHERE i.meeting = $meeting AND i.points IS NOT NULL
UNION ALL
SELECT 3, 0, CASE WHEN s.role IS NULL THEN u.label ELSE s.role || ' · ' || u.label END, s.progress, s.problem, s.proposal, NULL, s.state, s.id
FROM meeting_seat s JOIN member u ON u.id = s.member WHERE s.meeting = $meeting
UNION ALL
SELECT 4, i.position, i.topic, i.decision, NULL, NULL, NULL, NULL, i.id
FROM meeting_item i WHERE i.meeting = $meeting AND i.decision IS NOT NULL
UNION ALL
SELECT 5, 0, u.label, t.title, t.answer, NULL, t.due_on, t.state, t.id
FROM task t JOIN member u ON u.id = t.owner WHERE t.meeting = $meeting
ORDER BY 1, 2, 3, 9
