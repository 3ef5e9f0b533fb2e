-- Of everybody at work with a standard in force.
WITH asked AS (
	SELECT m.id AS id, m.label AS label, m.team AS team, m.roles AS roles, $from AS day
	FROM member m
	WHERE m.active = 1 AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	AND m.id IN (SELECT t.member FROM activity_done t
	             WHERE t.grain = 'd' AND t.day <= $to
	             AND t.day > (SELECT c.day FROM calendar_day c WHERE c.day_number = (SELECT l.day_number FROM calendar_day l WHERE l.day = $to) - 30))
), standard AS (
	SELECT p.id AS id, p.label AS label, p.team AS team, s.opening_day AS opening_day,
-- include standard
	WHERE s.opening_day IS NOT NULL
), counted AS (
	-- Tenths of prospects due.
	SELECT s.id AS id, s.label AS label, s.team AS team,
	       s.opening_day * (SELECT count(*) FROM calendar_day c WHERE c.day >= $from AND c.day <= $to AND c.workday = 1) AS due,
	       (SELECT CAST(coalesce(sum(o.value), 0) AS BIGINT) FROM opening o WHERE o.grain = 'd' AND o.member = s.id AND o.day >= $from AND o.day <= $to) AS n
	FROM standard s
	WHERE s.place = 1
)
SELECT id AS owner_id, label AS who, (SELECT c.week_start FROM calendar_day c WHERE c.day = $to) AS week, due, n AS opened,
       CAST(n * 100000 / due AS BIGINT) AS attained
FROM counted
WHERE 10 * n < due
ORDER BY team, id
