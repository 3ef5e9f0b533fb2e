-- What each person opened in the period, and what came into follow-up: entered one of its stages, and not from another of them.
WITH edge AS (
	SELECT first.day AS first_day, last.day AS last_day
	FROM calendar_day last
	JOIN calendar_day first ON first.day_number = coalesce((SELECT day_number FROM calendar_day WHERE day = $from),
	                                                       last.day_number - 89)
	WHERE last.day = $to
), follow AS MATERIALIZED (
	SELECT id FROM stage WHERE quantity_role = 'follow'
), counted AS (
	SELECT member AS person, CAST(sum(value) AS BIGINT) AS opened, 0 AS followed
	FROM opening
	WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= (SELECT last_day FROM edge)
	GROUP BY member
	UNION ALL
	SELECT v.owner, 0, count(*)
	FROM stage_visit v
	JOIN follow ON follow.id = v.stage
	WHERE v.entered_on >= (SELECT first_day FROM edge) AND v.entered_on <= (SELECT last_day FROM edge)
	AND NOT EXISTS (SELECT 1 FROM stage_visit p JOIN follow f ON f.id = p.stage
	                WHERE p.opportunity = v.opportunity AND p.left_at = v.entered_at AND p.id < v.id)
	GROUP BY v.owner
)
SELECT member.id AS id, member.label AS who, coalesce(member.team, 0) AS team_id, team.name AS team,
       CAST(sum(counted.opened) AS BIGINT) AS opened, CAST(sum(counted.followed) AS BIGINT) AS followed
FROM counted
JOIN member ON member.id = counted.person
LEFT JOIN team ON team.id = member.team
GROUP BY member.id, member.label, member.team, team.name
ORDER BY member.team, member.id
