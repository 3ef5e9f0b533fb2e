-- Minutes of 30 days and the last day with a new lead, by person.
WITH edge AS (
	SELECT d.day_number AS n, (SELECT s.day FROM calendar_day s WHERE s.day_number = d.day_number - 29) AS since FROM calendar_day d WHERE d.day = $today
), spent AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS minutes FROM activity_minutes WHERE grain = 'd' AND day >= (SELECT since FROM edge) AND day <= $today GROUP BY member
), used AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS minutes FROM minutes_prospecting WHERE grain = 'd' AND day >= (SELECT since FROM edge) AND day <= $today GROUP BY member
), came AS (
	SELECT member, max(day) AS day FROM lead_new WHERE grain = 'd' AND value > 0 AND day <= $today GROUP BY member
), judged AS (
	SELECT m.id AS id, m.label AS label, m.team AS team, spent.minutes AS minutes, coalesce(used.minutes, 0) AS used, came.day AS lead_on, e.n - l.day_number AS lead_days,
	       CASE WHEN spent.minutes >= 600 AND coalesce(used.minutes, 0) * 10000 < $share * spent.minutes THEN 1 ELSE 0 END AS short_time,
	       -- Who had none for half a year works without leads.
	       CASE WHEN e.n - l.day_number >= $days AND e.n - l.day_number < 180 THEN 1 ELSE 0 END AS short_leads
	FROM member m
	CROSS JOIN edge e
	LEFT JOIN spent ON spent.member = m.id
	LEFT JOIN used ON used.member = m.id
	LEFT JOIN came ON came.member = m.id
	LEFT JOIN calendar_day l ON l.day = came.day
	WHERE m.active = 1 AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
)
SELECT id AS owner_id, label AS who, coalesce(minutes, 0) AS minutes, CASE WHEN minutes > 0 THEN used * 10000 / minutes END AS prospecting, lead_on AS last_lead_on, lead_days,
       CASE WHEN short_time + short_leads = 2 THEN 'both' WHEN short_time = 1 THEN 'time' ELSE 'leads' END AS gap
FROM judged
WHERE short_time = 1 OR short_leads = 1
ORDER BY team, id
