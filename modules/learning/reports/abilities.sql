-- Ratings, tests, learning and the course of activity, a row for everybody of whom there is any.
WITH edge AS (
	SELECT d.day_number AS n, (SELECT a.day FROM calendar_day a WHERE a.day_number = d.day_number - 89) AS since,
	       (SELECT b.day FROM calendar_day b WHERE b.day_number = d.day_number - 179) AS before,
	       (SELECT y.day FROM calendar_day y WHERE y.day_number = d.day_number - 364) AS year
	FROM calendar_day d
	WHERE d.day = $on
), rated AS (
	SELECT person, count(*) AS n, 10.0 * avg(drive) AS drive, 10.0 * avg(knowledge) AS knowledge, 10.0 * avg(insight) AS insight, 10.0 * avg(listening) AS listening
	FROM skill_rating
	WHERE rated_on >= (SELECT before FROM edge) AND rated_on <= $on AND (drive IS NOT NULL OR knowledge IS NOT NULL OR insight IS NOT NULL OR listening IS NOT NULL)
	GROUP BY person
), asked AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n FROM questions_asked WHERE grain = 'd' AND day >= (SELECT year FROM edge) AND day <= $on GROUP BY member
), answered AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n FROM questions_right WHERE grain = 'd' AND day >= (SELECT year FROM edge) AND day <= $on GROUP BY member
), learned AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n FROM learning_minutes WHERE grain = 'm' AND day = substr($on, 1, 7) GROUP BY member
), noticed AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n FROM signal_seen WHERE grain = 'd' AND day >= (SELECT since FROM edge) AND day <= $on GROUP BY member
), done AS (
	SELECT member, CAST(coalesce(sum(value) FILTER (WHERE day >= (SELECT since FROM edge)), 0) AS BIGINT) AS recent,
	       CAST(coalesce(sum(value) FILTER (WHERE day < (SELECT since FROM edge)), 0) AS BIGINT) AS before
	FROM activity_done
	WHERE grain = 'd' AND day >= (SELECT before FROM edge) AND day <= $on
	GROUP BY member
)
SELECT m.id AS owner_id, m.label AS who, r.drive AS drive, r.knowledge AS knowledge, r.insight AS insight, r.listening AS listening, coalesce(r.n, 0) AS ratings,
       coalesce(asked.n, 0) AS questions, CASE WHEN asked.n > 0 THEN (coalesce(answered.n, 0) * 20000 + asked.n) / (2 * asked.n) END AS score, coalesce(learned.n, 0) AS learned, coalesce(noticed.n, 0) AS signals,
       coalesce(done.recent, 0) AS recent, coalesce(done.before, 0) AS before,
       CASE WHEN done.before > 0 THEN (done.recent - done.before) * 10000 / done.before END AS change,
       CASE WHEN coalesce(done.before, 0) < 20 OR m.hired_on IS NULL THEN 'few'
            WHEN m.hired_on <= (SELECT year FROM edge) AND done.recent * 10 <= done.before * 7 THEN 'slack' ELSE 'fine' END AS reading,
       (SELECT since FROM edge) AS since
FROM member m
LEFT JOIN rated r ON r.person = m.id
LEFT JOIN asked ON asked.member = m.id
LEFT JOIN answered ON answered.member = m.id
LEFT JOIN learned ON learned.member = m.id
LEFT JOIN noticed ON noticed.member = m.id
LEFT JOIN done ON done.member = m.id
WHERE (r.n > 0 OR asked.n > 0 OR learned.n > 0 OR noticed.n > 0 OR done.member IS NOT NULL) AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY m.id
