-- Whom the reader leads, at any level, and what was done for them; watch.c adds attainment.
WITH pair AS (
	SELECT o.member AS id, max(o.leader) AS leader FROM one_to_one o WHERE o.held_at IS NULL GROUP BY o.member
), care AS (
	SELECT member, max(day) AS last_on
	FROM (SELECT member, day FROM coaching WHERE day <= $on
	      UNION ALL SELECT member, day FROM one_to_one WHERE held_at IS NOT NULL AND day <= $on) c
	GROUP BY member
), plan AS (
	SELECT p.member AS member, max(CASE WHEN EXISTS (SELECT 1 FROM improvement_review r WHERE r.plan = p.id AND r.held_on IS NULL
	       AND r.due_on < $on) THEN 1 ELSE 2 END) AS state
	FROM improvement_plan p WHERE p.state = 'open'
	GROUP BY p.member
), first AS (
	SELECT substr($on, 1, 8) || '01' AS day
)
SELECT m.id AS id, m.label AS who, pair.leader AS leader, l.label AS leader_name, m.hired_on AS hired_on, care.last_on AS last_on,
       now.day_number - since.day_number AS uncoached, coalesce(plan.state, 0) AS plan, $limit AS lim, $months AS months, $periods AS periods,
       $on AS day
FROM member m
JOIN pair ON pair.id = m.id
CROSS JOIN first
JOIN calendar_day now ON now.day = $on
LEFT JOIN member l ON l.id = pair.leader
LEFT JOIN care ON care.member = m.id
LEFT JOIN plan ON plan.member = m.id
LEFT JOIN calendar_day since ON since.day = coalesce(care.last_on, CASE WHEN m.hired_on > first.day THEN m.hired_on ELSE first.day END)
WHERE m.active = 1 AND (CAST($team AS BIGINT) IS NULL OR m.team = $team) AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner)
ORDER BY m.id
