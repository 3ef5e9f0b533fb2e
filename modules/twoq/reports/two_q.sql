-- The figures of each person in the period, and the value won in each of the last months (a row each).
WITH period AS MATERIALIZED (
	SELECT 1 AS number, 0 AS until_before, 9000000000000000 AS until_after, p.*, CASE p.grain WHEN 'm' THEN substr(p.first_day, 1, 7) ELSE p.first_day END AS since
	FROM (SELECT first.day AS first_day, last.day AS last_day, last.month AS this_month, last.day_number AS last_number, last.starts_at + 86400000 AS until,
	             -- Whole months are read as such.
	             CASE WHEN first.day LIKE '%-01' AND (last.day >= $today OR NOT EXISTS (SELECT 1 FROM calendar_day c WHERE c.month = last.month AND c.day > last.day)) THEN 'm' ELSE 'd' END AS grain,
	             (SELECT count(*) FROM calendar_day c WHERE c.day >= first.day AND c.day <= last.day AND c.workday = 1) AS workdays,
	             (SELECT c.day FROM calendar_day c WHERE c.day_number = last.day_number - 180) AS rated_from,
	             (SELECT c.month FROM calendar_day c WHERE c.day_number = last.day_number - 365) AS year_ago
	      FROM calendar_day last
	      JOIN calendar_day first ON first.day = coalesce($from, substr(last.day, 1, 8) || '01')
	      WHERE last.day = $to) p
),
-- include figures_person
-- include standard
-- include figures
, month AS MATERIALIZED (
	-- Whole months before this one.
	SELECT month, row_number() OVER (ORDER BY month DESC) AS back
	FROM calendar_day
	WHERE coalesce(month, '') < (SELECT this_month FROM period)
	AND day_number >= (SELECT last_number - 31 * $months FROM period) AND day_number <= (SELECT last_number FROM period)
	GROUP BY month
), earned AS MATERIALIZED (
	SELECT p.id AS person, month.back AS back, CAST(coalesce(t.value, 0) AS BIGINT) AS amount
	FROM person p
	CROSS JOIN month
	LEFT JOIN (SELECT member, day, sum(value) AS value FROM opportunity_won_amount
	           WHERE grain = 'm' AND member IN (SELECT id FROM person) AND day >= (SELECT min(month) FROM month) AND day < (SELECT this_month FROM period) GROUP BY member, day) t
	     ON t.member = p.id AND t.day = month.month
	WHERE month.back <= $months AND month.month >= substr(coalesce(p.hired_on, '0'), 1, 7)
)
SELECT f.id AS id, f.who AS who, f.team AS team, f.opening AS opening, f.opening_due AS opening_due, f.follow AS follow, f.follow_due AS follow_due,
       f.visits AS visits, f.reached AS reached, f.advanced AS advanced, f.known AS known, f.met AS met, f.skill AS skill,
       f.floor_quantity AS floor_quantity, f.floor_quality AS floor_quality, f.final AS final, f.amount AS amount, earned.amount AS month_amount
FROM figures f
LEFT JOIN earned ON earned.person = f.id
ORDER BY f.team_id, f.id, earned.back
