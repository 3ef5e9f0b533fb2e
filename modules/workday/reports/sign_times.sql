-- The leader's side of S01-54, S01-55.
WITH form AS (
	SELECT leader, day, state, signed_in_time, sign_minutes, instruction, question FROM visit_plan
	UNION ALL
	SELECT leader, day, state, signed_in_time, sign_minutes, instruction, question FROM daily_report
), due AS (
	SELECT * FROM form
	WHERE leader IS NOT NULL AND state IN ('submitted', 'signed')
	AND day >= coalesce($from, substr($to, 1, 7) || '-01') AND day <= $to
), ranked AS (
	SELECT leader, sign_minutes AS minutes,
	       row_number() OVER (PARTITION BY leader ORDER BY sign_minutes) AS place,
	       count(*) OVER (PARTITION BY leader) AS places
	FROM due
	WHERE state = 'signed'
), median AS (
	SELECT leader, CAST(sum(minutes) AS BIGINT) / count(*) AS minutes
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY leader
), counted AS (
	SELECT leader, count(*) AS due, count(*) FILTER (WHERE state = 'signed') AS signed,
	       count(*) FILTER (WHERE signed_in_time = 1) AS in_time,
	       count(*) FILTER (WHERE state = 'submitted') AS waiting,
	       count(*) FILTER (WHERE state = 'signed' AND (instruction IS NOT NULL OR question IS NOT NULL)) AS instructed
	FROM due
	GROUP BY leader
)
SELECT c.leader AS leader_id, m.label AS who, c.due AS due, c.signed AS signed, c.in_time AS in_time,
       c.in_time * 10000 / c.due AS rate, c.waiting AS waiting, c.instructed AS instructed,
       CAST(median.minutes AS BIGINT) AS median_minutes
FROM counted c
JOIN member m ON m.id = c.leader
LEFT JOIN median ON median.leader = c.leader
ORDER BY rate, m.label, c.leader
