-- A row per person and period: all days of it that lie between the two, whether something was opened or not.
WITH span AS (
	SELECT CASE $grain WHEN 'day' THEN day WHEN 'week' THEN week_start ELSE month || '-01' END AS bucket, day, coalesce(workday, 0) AS workday
	FROM calendar_day
	WHERE day >= $from AND day <= $to
), period AS (
	SELECT bucket, min(day) AS first_day, max(day) AS last_day, CAST(coalesce(sum(workday) FILTER (WHERE day <= $today), 0) AS BIGINT) AS workdays,
	       -- Whole: it begins within the days asked for, and the one after it has begun.
	       CASE WHEN min(day) = bucket AND EXISTS (SELECT 1 FROM span later WHERE later.bucket > span.bucket AND later.day <= $today) THEN 1 ELSE 0 END AS whole
	FROM span
	GROUP BY bucket
), opened AS (
	SELECT member, day, CAST(sum(value) AS BIGINT) AS n FROM opening WHERE grain = 'd' AND day >= $from AND day <= $to GROUP BY member, day
), asked AS (
	SELECT m.id AS id, m.label AS label, m.team AS team, m.roles AS roles, $to AS day
	FROM member m
	WHERE m.id IN (SELECT member FROM opened) AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), standard AS (
	SELECT p.id AS person, s.opening_day AS opening_day,
-- include standard
	WHERE s.opening_day IS NOT NULL
), summed AS (
	SELECT p.id AS id, p.label AS label, p.team AS team, t.bucket AS bucket, t.first_day AS first_day, t.last_day AS last_day, t.whole AS whole,
	       s.opening_day * t.workdays AS due,
	       (SELECT CAST(coalesce(sum(o.n), 0) AS BIGINT) FROM opened o WHERE o.member = p.id AND o.day >= t.first_day AND o.day <= t.last_day) AS n
	FROM asked p
	CROSS JOIN period t
	LEFT JOIN standard s ON s.person = p.id AND s.place = 1
), stepped AS (
	SELECT summed.*, row_number() OVER (PARTITION BY id ORDER BY bucket) AS place,
	       CASE WHEN n < lag(n) OVER (PARTITION BY id ORDER BY bucket) THEN 1 ELSE 0 END AS fell
	FROM summed
), ran AS (
	SELECT stepped.*, place - max(CASE WHEN fell = 0 THEN place END) OVER (PARTITION BY id ORDER BY bucket ROWS UNBOUNDED PRECEDING) AS falls,
	       CAST(sum(n) OVER (PARTITION BY id ORDER BY bucket ROWS UNBOUNDED PRECEDING) AS BIGINT) AS total
	FROM stepped
)
SELECT id AS owner_id, label AS who, first_day, due, n AS opened, CASE WHEN due > 0 THEN n * 100000 / due END AS attained, total, falls AS fell,
       CASE WHEN 10 * n < due THEN 'below' WHEN falls >= 3 THEN 'falling' ELSE 'none' END AS alert, last_day
FROM ran
WHERE coalesce($falls, 0) = 0 OR (falls >= $falls AND whole = 1 AND bucket = (SELECT max(bucket) FROM period WHERE whole = 1))
ORDER BY team, id, bucket
