-- The latest assessment of each person.
WITH ranked AS (
	SELECT person, stage, since, row_number() OVER (PARTITION BY person ORDER BY since DESC, id DESC) AS place FROM growth_step WHERE since <= $today
)
SELECT member.team AS team_id, coalesce(team.name, '–') AS team,
       count(*) FILTER (WHERE stage = '1') AS one, count(*) FILTER (WHERE stage = '2') AS two,
       count(*) FILTER (WHERE stage = '3') AS three, count(*) FILTER (WHERE stage = '4') AS four,
       CAST(sum(today.day_number - began.day_number) AS BIGINT) / count(*) AS days
FROM ranked
JOIN member ON member.id = ranked.person
LEFT JOIN team ON team.id = member.team
JOIN calendar_day today ON today.day = $today
JOIN calendar_day began ON began.day = ranked.since
WHERE place = 1 AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
GROUP BY member.team, team.name
ORDER BY member.team
