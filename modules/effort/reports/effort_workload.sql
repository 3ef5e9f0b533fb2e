-- What was done and what of it made progress (K-67, K-100), per half day; and the share of time spent on prospecting.
WITH edge AS (
	SELECT coalesce($from, substr($today, 1, 8) || '01') AS first_day,
	       (SELECT count(*) FROM calendar_day c WHERE c.workday = 1 AND c.day >= coalesce($from, substr($today, 1, 8) || '01')
	        AND c.day <= CASE WHEN $to < $today THEN $to ELSE $today END) AS days
), person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), done AS (
	SELECT member, split1 AS kind, sum(value) AS n, 0 AS effective, 0 AS minutes, 0 AS prospecting
	FROM activity_done WHERE grain = 'd' AND member IN (SELECT id FROM person) AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY 1, 2
	UNION ALL SELECT member, split1, 0, sum(value), 0, 0
	FROM activity_effective WHERE grain = 'd' AND member IN (SELECT id FROM person) AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY 1, 2
	UNION ALL SELECT member, split1, 0, 0, sum(value), 0
	FROM activity_minutes WHERE grain = 'd' AND member IN (SELECT id FROM person) AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY 1, 2
	UNION ALL SELECT member, NULL, 0, 0, 0, sum(value)
	FROM minutes_prospecting WHERE grain = 'd' AND member IN (SELECT id FROM person) AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY 1
), grouped AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) WHEN 'kind' THEN done.kind ELSE '*' END, '') AS bucket,
	       max(CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN t.name END) AS name, count(DISTINCT m.id) AS people,
	       CAST(sum(n) AS BIGINT) AS n, CAST(sum(effective) AS BIGINT) AS effective, CAST(sum(minutes) AS BIGINT) AS minutes,
	       CAST(sum(prospecting) AS BIGINT) AS prospecting
	FROM done
	JOIN member m ON m.id = done.member
	LEFT JOIN team t ON t.id = m.team
	WHERE done.kind IS NOT NULL OR $by <> 'kind'
	GROUP BY 1
)
SELECT g.name AS label, CASE WHEN $by = 'kind' THEN g.bucket END AS kind, g.people AS people, g.n AS activities, g.effective AS effective,
       CASE WHEN edge.days > 0 THEN 50.0 * g.effective / (edge.days * g.people) END AS per_half_day, g.minutes AS minutes,
       CASE WHEN g.minutes > 0 AND $by <> 'kind' THEN 10000.0 * g.prospecting / g.minutes END AS prospecting,
       CASE WHEN g.minutes < 300 OR $by = 'kind' THEN 'none' WHEN 10000.0 * g.prospecting < 1.0 * $share * g.minutes THEN 'low' ELSE 'fine' END AS alert,
       CASE WHEN $by = 'owner' THEN 'eq.' || g.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'kind' THEN 'eq.' || g.bucket ELSE 'ne.note' END AS test, edge.first_day AS since
FROM grouped g
CROSS JOIN edge
ORDER BY g.effective DESC, g.bucket
