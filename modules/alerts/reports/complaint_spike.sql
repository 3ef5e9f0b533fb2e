-- Complaints by the team of whoever answers for them.
WITH now AS (
	SELECT d.day_number AS n, week.day AS since
	FROM calendar_day d
	JOIN calendar_day week ON week.day_number = d.day_number - 6
	WHERE d.day = $on
), got AS (
	SELECT m.team AS team, count(*) FILTER (WHERE c.day_number > now.n - 7) AS recent,
	       count(*) FILTER (WHERE c.day_number <= now.n - 7) AS before
	FROM complaint k
	JOIN member m ON m.id = k.owner
	JOIN calendar_day c ON c.day = k.received_on
	CROSS JOIN now
	WHERE c.day_number > now.n - 63 AND c.day_number <= now.n
	GROUP BY m.team
)
SELECT t.id AS team_id, t.name AS team, got.recent AS recent, got.before * 10 / 8 AS usual, got.before AS before,
       CAST(floor(got.recent - CASE WHEN got.before / 8.0 + 2 * sqrt(got.before / 8.0) > 3
                                    THEN got.before / 8.0 + 2 * sqrt(got.before / 8.0) ELSE 3 END) AS BIGINT) AS beyond,
       (SELECT since FROM now) AS since
FROM got
JOIN team t ON t.id = got.team
ORDER BY 6 DESC, t.id
