WITH workday AS (
	SELECT day FROM calendar_day WHERE day >= $from AND day <= $to AND day <= $today AND workday = 1
), whole AS (
	SELECT count(*) AS days FROM workday
), seller AS (
	SELECT m.id AS id, m.label AS label FROM member m
	WHERE m.active = 1 AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	-- Who did anything, as far as the reader sees: nobody else is judged.
	AND m.id IN (SELECT d.member FROM activity_done d WHERE d.grain = 'd' AND d.day >= $from AND d.day <= $to AND d.value > 0)
	AND EXISTS (SELECT 1 FROM role r WHERE r.name = 'rep' AND m.roles LIKE '%,' || CAST(r.id AS TEXT) || ',%')
), by_day AS (
	SELECT e.member AS member, e.day AS day, CAST(sum(e.value) AS BIGINT) AS n
	FROM activity_effective e
	WHERE e.grain = 'd' AND e.day IN (SELECT day FROM workday) AND e.member IN (SELECT id FROM seller)
	GROUP BY e.member, e.day
), counted AS (
	SELECT member, count(*) FILTER (WHERE n >= $least) AS days, CAST(sum(n) AS BIGINT) AS n FROM by_day GROUP BY member
)
SELECT s.id AS owner_id, s.label AS who, w.days AS workdays, coalesce(c.days, 0) AS active_days,
       coalesce(c.days, 0) * 10000 / nullif(w.days, 0) AS rate, coalesce(c.n, 0) AS effective
FROM seller s
CROSS JOIN whole w
LEFT JOIN counted c ON c.member = s.id
ORDER BY coalesce(c.days, 0) DESC, s.label, s.id
