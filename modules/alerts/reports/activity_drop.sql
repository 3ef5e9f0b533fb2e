-- What each person did in the last 5 workdays and in the 20 before.
WITH last AS (
	SELECT before.day AS day, before.day_number AS number, before.workday_number AS n
	FROM calendar_day d
	JOIN calendar_day before ON before.day_number = d.day_number - 1
	WHERE d.day = $on
), span AS (
	-- They lie within a year.
	SELECT min(c.day) AS since FROM last CROSS JOIN calendar_day c WHERE c.day_number > last.number - 366 AND c.day_number <= last.number AND c.workday_number > last.n - 5 AND c.workday = 1
), begun AS MATERIALIZED (
	SELECT min(c.day) AS day FROM last CROSS JOIN calendar_day c WHERE c.day_number > last.number - 366 AND c.day_number <= last.number AND c.workday_number > last.n - 25
), done AS (
	SELECT t.member AS member,
	       CAST(coalesce(sum(t.value) FILTER (WHERE c.workday_number > last.n - 5), 0) AS BIGINT) AS recent,
	       CAST(coalesce(sum(t.value) FILTER (WHERE c.workday_number <= last.n - 5), 0) AS BIGINT) AS before
	FROM last
	CROSS JOIN begun
	CROSS JOIN activity_done t
	JOIN calendar_day c ON c.day = t.day
	-- One after the other: a join would try each with everybody within reach.
	WHERE t.member IN (SELECT id FROM member) AND t.grain = 'd' AND t.day >= begun.day AND t.day <= last.day
	GROUP BY t.member
)
SELECT m.id AS owner_id, m.label AS who, done.recent AS recent, done.before * 5 / 2 AS usual, done.before AS before,
       (done.before - 4 * done.recent) * 10000 / done.before AS drop_rate,
       (SELECT since FROM span) AS since, (SELECT day FROM last) AS until
FROM done
JOIN member m ON m.id = done.member
WHERE m.active = 1 AND done.before >= $least AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY 6 DESC, m.id
