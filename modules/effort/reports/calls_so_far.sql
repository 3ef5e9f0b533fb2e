-- Of everybody with a standard of calls in force: the most specific, of equals the latest.
WITH standard AS (
	SELECT p.id AS id, p.label AS label, p.team AS team, s.calls_day AS due,
	       row_number() OVER (PARTITION BY p.id ORDER BY
	           CASE WHEN s.person IS NOT NULL THEN 3 WHEN s.team IS NOT NULL THEN 2 WHEN s.role IS NOT NULL THEN 1 ELSE 0 END DESC,
	           s.valid_from DESC, s.id DESC) AS place
	FROM work_standard s
	JOIN member p ON p.active = 1 AND (s.person IS NULL OR s.person = p.id) AND (s.team IS NULL OR s.team = p.team)
	     AND (s.role IS NULL OR p.roles LIKE '%,' || CAST(s.role AS TEXT) || ',%')
	WHERE s.valid_from <= $today AND s.calls_day > 0
), counted AS (
	SELECT st.id AS id, st.label AS label, st.team AS team, st.due AS due,
	       (SELECT CAST(coalesce(sum(c.value), 0) AS BIGINT) FROM call_done c WHERE c.grain = 'd' AND c.day = $today AND c.member = st.id) AS calls
	FROM standard st
	WHERE st.place = 1 AND coalesce(st.team, 0) = coalesce($team, st.team, 0)
)
SELECT id AS owner_id, label AS who, calls, due, calls * 10000 / due AS rate
FROM counted
WHERE calls * 10000 < coalesce($share, 1000000000) * due
ORDER BY team, id
