WITH seller AS (
	SELECT m.id AS id, m.team AS team FROM member m
	WHERE m.active = 1 AND EXISTS (SELECT 1 FROM role r WHERE r.name = 'rep' AND m.roles LIKE '%,' || CAST(r.id AS TEXT) || ',%')
), counted AS (
	SELECT n.team AS team, n.skill AS skill, n.share AS wanted, count(s.id) AS heads, count(k.id) AS have
	FROM team_skill n
	LEFT JOIN seller s ON s.team = n.team
	LEFT JOIN member_skill k ON k.person = s.id AND k.skill = n.skill AND k.seen_on <= $today
	WHERE n.from_on <= $today AND n.team = coalesce(CAST($team AS BIGINT), n.team)
	GROUP BY n.team, n.skill, n.share
)
SELECT t.name AS team_name, s.name AS skill_name, c.heads AS heads, c.have AS have, c.have * 10000 / nullif(c.heads, 0) AS rate, c.wanted AS wanted,
       CASE WHEN c.have * 10000 < c.wanted * c.heads THEN 1 ELSE 0 END AS gap, c.team AS team_id, c.skill AS skill_id
FROM counted c
JOIN team t ON t.id = c.team
JOIN skill s ON s.id = c.skill
ORDER BY gap DESC, t.name, t.id, s.name
