-- One row for each thing asked, inside and by customers, then a row per week (or all) and half.
WITH span AS (
	SELECT day, starts_at, starts_at + 86400000 AS ends_at, CASE $by WHEN 'week' THEN week_start ELSE $from END AS bucket
	FROM calendar_day
	WHERE day >= $from AND day <= $to
), bounds AS (
	SELECT min(starts_at) AS from_at, max(ends_at) AS until FROM span
), one AS (
	SELECT span.bucket AS bucket, 'inside' AS half, CASE r.kind WHEN 'handover' THEN 1 ELSE 0 END AS handover,
	       CASE WHEN r.accepted_on <= r.accept_by THEN 1 WHEN r.accepted_on IS NOT NULL OR r.accept_by < $today THEN 0 END AS in_time,
	       r.accepted_at - r.asked_at AS first_ms, r.done_at - r.asked_at AS done_ms
	FROM internal_request r
	JOIN span ON span.day = r.asked_on
	JOIN member m ON m.id = r.receiver
	WHERE r.state <> 'withdrawn' AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	UNION ALL
	SELECT span.bucket, 'customer', 0, c.in_time, c.answered_at - c.received_at, c.solved_at - c.received_at
	FROM service_case c
	JOIN bounds ON c.received_at >= bounds.from_at AND c.received_at < bounds.until
	JOIN span ON c.received_at >= span.starts_at AND c.received_at < span.ends_at
	JOIN member m ON m.id = c.owner
	WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), scored AS (
	SELECT span.bucket AS bucket, avg(1.0 * a.score) AS score, count(*) AS n
	FROM survey_sent s
	JOIN span ON span.day = s.answered_on
	JOIN survey_answer a ON a.sent = s.id AND a.score IS NOT NULL
	JOIN member m ON m.id = s.owner
	WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY span.bucket
), half AS (
	SELECT 'inside' AS half UNION ALL SELECT 'customer'
), edge AS (
	SELECT bucket, min(day) AS first_day, max(day) AS last_day FROM span GROUP BY bucket
), counted AS (
	SELECT e.bucket AS bucket, e.first_day AS first_day, e.last_day AS last_day, h.half AS half, count(o.half) AS number, coalesce(sum(o.handover), 0) AS handovers,
	       count(o.in_time) AS n, count(*) FILTER (WHERE o.in_time = 1) AS k, avg(1.0 * o.first_ms) AS first_ms, avg(1.0 * o.done_ms) AS done_ms
	FROM edge e
	CROSS JOIN half h
	LEFT JOIN one o ON o.bucket = e.bucket AND o.half = h.half
	GROUP BY e.bucket, e.first_day, e.last_day, h.half
),
-- include opportunity/wilson
SELECT c.first_day AS label, c.half AS half, c.number AS number, CASE c.half WHEN 'inside' THEN CAST(c.handovers AS BIGINT) END AS handovers, c.n AS judged, c.k AS in_time, c.n - c.k AS late,
       c.rate AS rate, c.low AS low, c.high AS high,
       c.first_ms / 360000.0 AS first_hours, c.done_ms / 360000.0 AS done_hours,
       CASE c.half WHEN 'customer' THEN 100.0 * s.score END AS satisfaction, CASE c.half WHEN 'customer' THEN coalesce(s.n, 0) END AS answers,
       CASE WHEN c.n < 20 THEN 'few' ELSE 'judged' END AS verdict,
       CASE c.half WHEN 'inside' THEN 'internal_request?state=ne.withdrawn&asked_on=gte.' || c.first_day || '&asked_on=lte.' || c.last_day || CASE WHEN $team IS NULL THEN '' ELSE '&receiver.team=eq.' || CAST($team AS TEXT) END
       ELSE 'service_case?received_at=gte.' || c.first_day || '&received_at=lte.' || c.last_day || CASE WHEN $team IS NULL THEN '' ELSE '&owner.team=eq.' || CAST($team AS TEXT) END END AS open
FROM rated c
LEFT JOIN scored s ON s.bucket = c.bucket
ORDER BY c.bucket, c.half DESC
