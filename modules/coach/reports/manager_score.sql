SELECT t.id AS id, t.name AS name, l.label AS leader, m.id AS member, $on AS day, $metric AS metric
FROM team t
JOIN member m ON m.team = t.id AND m.active = 1
LEFT JOIN member l ON l.id = t.leader
ORDER BY t.id, m.id
