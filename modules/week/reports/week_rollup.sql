-- S01-60: team by team, then all of them.
WITH chosen AS (
	SELECT coalesce((SELECT week_start FROM calendar_day WHERE day = $day), (SELECT max(monday) FROM week_report)) AS monday
), one AS (
	SELECT w.*, team.name AS team_name, member.label AS leader
	FROM week_report w
	JOIN chosen ON chosen.monday = w.monday
	JOIN team ON team.id = w.team
	JOIN member ON member.id = w.owner
), s AS (
	SELECT 0 AS last, team, max(team_name) AS label, max(leader) AS who,
-- include sums
	FROM one
	GROUP BY team
	UNION ALL
	SELECT 1, NULL, '∑', NULL,
-- include sums
	FROM one
	HAVING count(*) > 0
)
SELECT s.label AS label, s.who AS who, chosen.monday AS monday, s.team AS team_is,
-- include rates
FROM s
CROSS JOIN chosen
ORDER BY s.last, s.sales DESC, s.label
