-- Activities of 90 days against the 90 before, and the person's targets in force of as many months.
WITH edge AS (
	SELECT (SELECT a.day FROM calendar_day a WHERE a.day_number = d.day_number - 89) AS since,
	       (SELECT b.day FROM calendar_day b WHERE b.day_number = d.day_number - 179) AS before,
	       (SELECT y.day FROM calendar_day y WHERE y.day_number = d.day_number - 364) AS year,
	       CAST(substr(d.day, 1, 4) AS BIGINT) * 12 + CAST(substr(d.day, 6, 2) AS BIGINT) AS month
	FROM calendar_day d
	WHERE d.day = $on
), done AS (
	SELECT member, CAST(coalesce(sum(value) FILTER (WHERE day >= (SELECT since FROM edge)), 0) AS BIGINT) AS recent,
	       CAST(coalesce(sum(value) FILTER (WHERE day < (SELECT since FROM edge)), 0) AS BIGINT) AS before
	FROM activity_done
	WHERE grain = 'd' AND day >= (SELECT before FROM edge) AND day <= $on
	GROUP BY member
), aim AS (
	SELECT t.person AS person, t.value AS value, CAST(substr(t.period, 1, 4) AS BIGINT) * 12 + CAST(substr(t.period, 6, 2) AS BIGINT) AS month
	FROM target t
	JOIN target_plan p ON p.id = t.plan
	WHERE p.current = 1 AND p.metric = coalesce((SELECT metric FROM
-- include target/chosen
	WHERE name = $metric), $metric) AND t.person IS NOT NULL AND t.customer IS NULL AND t.product IS NULL
	AND length(t.period) = 7 AND substr(t.period, 6, 1) <> 'Q'
), aims AS (
	SELECT a.person AS person, CAST(sum(a.value) FILTER (WHERE a.month > e.month - 3) AS BIGINT) AS recent, CAST(sum(a.value) FILTER (WHERE a.month <= e.month - 3) AS BIGINT) AS before
	FROM aim a
	CROSS JOIN edge e
	WHERE a.month > e.month - 6 AND a.month <= e.month
	GROUP BY a.person
)
SELECT m.id AS owner_id, m.label AS who, m.hired_on AS hired_on, done.recent AS recent, done.before AS before, (done.before - done.recent) * 10000 / done.before AS drop_rate,
       CASE WHEN aims.before > 0 THEN (aims.recent - aims.before) * 10000 / aims.before END AS target_change,
       CASE WHEN aims.before > 0 AND aims.recent > aims.before THEN 'rising' ELSE 'falling' END AS reading,
       (SELECT since FROM edge) AS since
FROM member m
JOIN done ON done.member = m.id
LEFT JOIN aims ON aims.person = m.id
WHERE m.hired_on <= (SELECT year FROM edge) AND done.before >= 20 AND done.recent * 10 <= done.before * 7 AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY m.team, m.id
