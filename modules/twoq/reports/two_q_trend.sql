-- The figures of each person in each of the last whole months, the latest first.
WITH month AS MATERIALIZED (
	SELECT month, min(day) AS first_day, max(day) AS last_day, max(day_number) AS last_number, max(starts_at) + 86400000 AS until,
	       count(*) FILTER (WHERE workday = 1) AS workdays, row_number() OVER (ORDER BY month DESC) AS number
	FROM calendar_day
	WHERE coalesce(month, '') < substr($today, 1, 7)
	AND day_number >= (SELECT c.day_number - 31 * ($months + 1) FROM calendar_day c WHERE c.day = $today)
	AND day_number <= (SELECT c.day_number FROM calendar_day c WHERE c.day = $today)
	GROUP BY month
), period AS MATERIALIZED (
	SELECT m.number AS number, m.first_day AS first_day, m.last_day AS last_day, m.month AS this_month, m.until AS until, 'm' AS grain, m.workdays AS workdays,
	       (SELECT c.day FROM calendar_day c WHERE c.day_number = m.last_number - 180) AS rated_from,
	       (SELECT c.month FROM calendar_day c WHERE c.day_number = m.last_number - 365) AS year_ago, m.month AS since,
	       coalesce(lead(m.until) OVER (ORDER BY m.number), 0) AS until_before, coalesce(lag(m.until) OVER (ORDER BY m.number), 9000000000000000) AS until_after
	FROM month m
	WHERE m.number <= $months
),
-- include figures_person
-- include standard
-- include figures
SELECT f.id AS id, f.who AS who, f.team AS team, f.opening AS opening, f.opening_due AS opening_due, f.follow AS follow, f.follow_due AS follow_due,
       f.visits AS visits, f.reached AS reached, f.advanced AS advanced, f.known AS known, f.met AS met, f.skill AS skill,
       f.floor_quantity AS floor_quantity, f.floor_quality AS floor_quality, f.final AS final, f.amount AS amount,
       period.this_month AS month, period.first_day AS first_day, period.last_day AS last_day
FROM figures f
JOIN period ON period.number = f.number
ORDER BY f.team_id, f.id, f.number
