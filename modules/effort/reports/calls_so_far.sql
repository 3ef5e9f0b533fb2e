-- Of everybody with a standard of calls in force.
WITH asked AS (
	SELECT id, label, team, roles, $today AS day FROM member WHERE active = 1
), standard AS (
	SELECT p.id AS id, p.label AS label, p.team AS team, s.calls_day AS due,
-- include twoq/standard
	WHERE s.calls_day > 0
), counted AS (
	SELECT st.id AS id, st.label AS label, st.team AS team, st.due AS due,
	       (SELECT CAST(coalesce(sum(c.value), 0) AS BIGINT) FROM call_done c WHERE c.grain = 'd' AND c.day = $today AND c.member = st.id) AS calls
	FROM standard st
	WHERE st.place = 1 AND (CAST($team AS BIGINT) IS NULL OR st.team = $team)
)
SELECT id AS owner_id, label AS who, calls, due, calls * 10000 / due AS rate
FROM counted
WHERE calls * 10000 < coalesce($share, 1000000000) * due
ORDER BY team, id
