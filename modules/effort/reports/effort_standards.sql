-- Each person's calls, intentions, attempts and visits a workday against the standard (K-68 … K-72).
WITH edge AS (
	SELECT coalesce($from, substr($today, 1, 8) || '01') AS first_day,
	       (SELECT count(*) FROM calendar_day c WHERE c.workday = 1 AND c.day >= coalesce($from, substr($today, 1, 8) || '01')
	        AND c.day <= CASE WHEN $to < $today THEN $to ELSE $today END) AS days
), done AS MATERIALIZED (
	SELECT member, sum(value) AS calls, 0 AS intending, 0 AS attempts, 0 AS appointments, 0 AS visits, 0 AS closing
	FROM call_done WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, sum(value), 0, 0, 0, 0 FROM call_intending WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, sum(value), 0, 0, 0 FROM call_attempts WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, 0, sum(value), 0, 0 FROM call_appointment WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, 0, 0, sum(value), 0 FROM visit_done WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, 0, 0, 0, sum(value) FROM closing_attempts WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
), asked AS (
	SELECT m.id AS id, m.label AS label, m.team AS team, m.roles AS roles, $to AS day, CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(intending) AS BIGINT) AS intending,
	       CAST(sum(attempts) AS BIGINT) AS attempts, CAST(sum(appointments) AS BIGINT) AS appointments, CAST(sum(visits) AS BIGINT) AS visits,
	       CAST(sum(closing) AS BIGINT) AS closing
	FROM done
	JOIN member m ON m.id = done.member
	WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY m.id, m.label, m.team, m.roles
), standard AS (
	SELECT p.id AS person, s.calls_day AS calls, s.intending_day AS intending, s.attempts_call AS attempts, s.visits_day AS visits, s.closing_visit AS closing,
-- include twoq/standard
	WHERE s.calls_day IS NOT NULL OR s.intending_day IS NOT NULL OR s.visits_day IS NOT NULL OR s.attempts_call IS NOT NULL OR s.closing_visit IS NOT NULL
), judged AS (
	-- Standards in tenths; empty ones are the source's.
	SELECT p.*, coalesce(s.calls, 100) * 10 AS calls_due, coalesce(s.intending, 50) AS intending_due, coalesce(s.attempts, 30) AS attempts_due,
	       coalesce(s.visits, 20) AS visits_due, coalesce(s.closing, 30) AS closing_due
	FROM asked p
	LEFT JOIN standard s ON s.person = p.id AND s.place = 1
)
SELECT j.id AS owner_id, j.label AS who, team.name AS team, edge.days AS days, j.calls AS calls,
       10.0 * j.calls / nullif(edge.days, 0) AS calls_day, j.calls_due AS calls_due, CASE WHEN 10 * j.calls >= j.calls_due * edge.days THEN 'green' ELSE 'red' END AS calls_ok,
       j.intending AS intending, 10.0 * j.intending / nullif(edge.days, 0) AS intending_day, j.intending_due AS intending_due,
       CASE WHEN 10 * j.intending >= j.intending_due * edge.days THEN 'green' ELSE 'red' END AS intending_ok,
       CASE WHEN j.calls < 20 THEN 'few' WHEN 1000 * j.intending < 33 * j.calls THEN 'low' WHEN 100 * j.intending > 12 * j.calls THEN 'high' ELSE 'usual' END AS rate_reading,
       CASE WHEN j.calls > 0 THEN 10.0 * j.attempts / j.calls END AS attempts_call, j.attempts_due AS attempts_due,
       CASE WHEN j.calls = 0 THEN 'none' WHEN 10 * j.attempts >= j.attempts_due * j.calls THEN 'green' ELSE 'red' END AS attempts_ok,
       j.appointments AS appointments, j.visits AS visits, 10.0 * j.visits / nullif(edge.days, 0) AS visits_day, j.visits_due AS visits_due,
       CASE WHEN 10 * j.visits >= j.visits_due * edge.days THEN 'green' ELSE 'red' END AS visits_ok,
       CASE WHEN j.visits > 0 THEN 10.0 * j.closing / j.visits END AS closing_visit, j.closing_due AS closing_due,
       CASE WHEN j.visits = 0 THEN 'none' WHEN 10 * j.closing >= j.closing_due * j.visits THEN 'green' ELSE 'red' END AS closing_ok,
       edge.first_day AS since
FROM judged j
CROSS JOIN edge
LEFT JOIN team ON team.id = j.team
ORDER BY j.team, j.id
