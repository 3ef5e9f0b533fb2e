WITH s AS (
	SELECT week, monday,
-- include sums
	FROM week_report
	WHERE monday >= coalesce($from, '0') AND monday <= $to AND team = coalesce($team, team)
	GROUP BY week, monday
)
SELECT s.week AS week, s.monday AS monday,
-- include rates
FROM s
ORDER BY s.monday
