-- The chain from call to signature, a row each: how many, per person and workday, the standard, and which part went on.
WITH edge AS (
	SELECT coalesce($from, substr($today, 1, 8) || '01') AS first_day,
	       (SELECT count(*) FROM calendar_day c WHERE c.workday = 1 AND c.day >= coalesce($from, substr($today, 1, 8) || '01')
	        AND c.day <= CASE WHEN $to < $today THEN $to ELSE $today END) AS days
), person AS (
	SELECT m.id AS id, m.team AS team, m.roles AS roles
	FROM member m
	WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), done AS (
	SELECT 1 AS step, member, sum(value) AS n FROM call_done WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT 2, member, sum(value) FROM call_intending WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT 3, member, sum(value) FROM call_appointment WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT 4, member, sum(value) FROM visit_done WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT 5, member, sum(value) FROM opportunity_won WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
), asked AS (
	SELECT DISTINCT p.id AS id, p.team AS team, p.roles AS roles, $to AS day FROM person p JOIN done ON done.member = p.id
), standard AS (
	SELECT p.id AS person, s.calls_day AS calls, s.intending_day AS intending, s.visits_day AS visits,
-- include twoq/standard
	WHERE s.calls_day IS NOT NULL OR s.intending_day IS NOT NULL OR s.visits_day IS NOT NULL
), due AS (
	-- Tenths a workday, of all persons together; the defaults are the source's (K-68, K-69, K-71).
	SELECT CAST(count(*) AS BIGINT) AS people, CAST(coalesce(sum(coalesce(s.calls, 100) * 10), 0) AS BIGINT) AS calls,
	       CAST(coalesce(sum(coalesce(s.intending, 50)), 0) AS BIGINT) AS intending, CAST(coalesce(sum(coalesce(s.visits, 20)), 0) AS BIGINT) AS visits
	FROM asked
	LEFT JOIN standard s ON s.person = asked.id AND s.place = 1
), counted AS (
	SELECT step, CAST(sum(done.n) AS BIGINT) AS n FROM done JOIN person p ON p.id = done.member GROUP BY step
), step AS (
	SELECT column1 AS step, column2 AS name, column3 AS kind, column4 AS test
	FROM (VALUES (1, 'call', 'call', NULL), (2, 'intending', 'call', 'in.(high,medium)'), (3, 'appointment', 'call', 'eq.true'),
	      (4, 'visit', 'visit', NULL), (5, 'sign', NULL, NULL)) listed
)
SELECT step.name AS step, coalesce(now.n, 0) AS n, before.n AS before,
       CASE WHEN due.people * edge.days > 0 THEN 10.0 * coalesce(now.n, 0) / (due.people * edge.days) END AS per_day,
       CASE step.step WHEN 1 THEN 1.0 * due.calls / nullif(due.people, 0) WHEN 2 THEN 1.0 * due.intending / nullif(due.people, 0)
                      WHEN 4 THEN 1.0 * due.visits / nullif(due.people, 0) END AS standard,
       CASE WHEN due.people * edge.days = 0 OR step.step IN (3, 5) THEN 'none'
            WHEN 10 * coalesce(now.n, 0) >= edge.days * CASE step.step WHEN 1 THEN due.calls WHEN 2 THEN due.intending ELSE due.visits END THEN 'green'
            ELSE 'red' END AS verdict,
       due.people AS people, edge.days AS days, step.kind AS kind,
       CASE WHEN step.step = 5 THEN 'opportunity?result=eq.won&closed_on=gte.' || edge.first_day || '&closed_on=lte.' || $to
            || coalesce('&owner=eq.' || CAST($owner AS TEXT), '') || coalesce('&owner.team=eq.' || CAST($team AS TEXT), '') END AS "open",
       CASE WHEN step.step = 2 THEN step.test END AS intention, CASE WHEN step.step = 3 THEN step.test END AS appointment, edge.first_day AS since
FROM step
CROSS JOIN edge
CROSS JOIN due
LEFT JOIN counted now ON now.step = step.step
LEFT JOIN counted before ON before.step = step.step - 1
ORDER BY step.step
