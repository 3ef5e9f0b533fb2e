-- By the time, not by the state: nearly all of a day are done.
SELECT m.id AS owner_id, m.label AS who, count(*) AS visits, count(*) FILTER (WHERE coalesce(a.recall, '') = '') AS missing
FROM calendar_day d
CROSS JOIN activity a
JOIN member m ON m.id = a.owner
WHERE d.day = $day AND a.done_at >= d.starts_at AND a.done_at < d.starts_at + 86400000 AND coalesce(a.state, '') = 'done' AND a.kind = 'visit'
AND a.owner = coalesce($owner, a.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY m.id, m.label, m.team
HAVING count(*) FILTER (WHERE coalesce(a.recall, '') = '') > 0
ORDER BY m.team, m.id
