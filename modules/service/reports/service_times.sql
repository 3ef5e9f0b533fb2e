-- Cases received in the period; medians are the mean of the middle two, nine of ten the nearest rank.
WITH edge AS (
	SELECT l.starts_at + 86400000 AS until, coalesce((SELECT f.starts_at FROM calendar_day f WHERE f.day = $from), 0) AS from_at
	FROM calendar_day l
	WHERE l.day = $to
), one AS (
	SELECT CASE $by WHEN 'owner' THEN CAST(c.owner AS TEXT) WHEN 'kind' THEN c.kind WHEN 'channel' THEN coalesce(c.channel, '') WHEN 'priority' THEN c.priority ELSE '*' END AS bucket,
	       CASE WHEN $by = 'owner' THEN m.label END AS name, c.in_time AS in_time,
	       c.answered_at - c.received_at AS answer, c.solved_at - c.received_at AS solve, c.closed_at - c.received_at AS close, c.closed_at - c.solved_at AS lag
	FROM service_case c
	CROSS JOIN edge
	JOIN member m ON m.id = c.owner
	WHERE c.received_at >= edge.from_at AND c.received_at < edge.until AND c.owner = coalesce($owner, c.owner)
), span AS (
	SELECT bucket, 'answer' AS of, answer AS ms FROM one WHERE answer >= 0
	UNION ALL SELECT bucket, 'solve', solve FROM one WHERE solve >= 0
	UNION ALL SELECT bucket, 'close', close FROM one WHERE close >= 0
	UNION ALL SELECT bucket, 'lag', lag FROM one WHERE lag >= 0
), ranked AS (
	SELECT bucket, of, ms, row_number() OVER (PARTITION BY bucket, of ORDER BY ms) AS place, count(*) OVER (PARTITION BY bucket, of) AS n FROM span
), told AS (
	SELECT bucket, of, max(n) AS n, avg(CASE WHEN place = (n + 1) / 2 OR place = (n + 2) / 2 THEN 1.0 * ms END) AS median,
	       min(CASE WHEN place * 10 >= n * 9 THEN 1.0 * ms END) AS p90, min(CASE WHEN place * 10 >= n * 1 THEN 1.0 * ms END) AS p10
	FROM ranked
	GROUP BY bucket, of
), counted AS (
	SELECT bucket, max(name) AS name, count(*) AS cases, count(in_time) AS judged, count(*) FILTER (WHERE in_time = 1) AS in_time,
	       count(answer) AS answered, count(solve) AS solved, count(close) AS closed
	FROM one
	GROUP BY bucket
)
SELECT c.bucket AS bucket, c.name AS name, c.cases AS cases, c.judged AS judged, c.in_time AS in_time, c.answered AS answered, c.cases - c.answered AS never,
       a.median / 36000.0 AS answer_hours, a.p90 / 36000.0 AS answer_p90, c.solved AS solved, s.median / 864000.0 AS solve_days, s.p90 / 864000.0 AS solve_p90,
       c.closed AS closed, z.median / 864000.0 AS close_days,
       -- A timer: from solution to closing it takes longer than the solution itself, and for nine of ten at least a fifth of the usual.
       CASE WHEN lag.n IS NULL OR lag.n < 20 THEN 'few' WHEN lag.median > s.median AND lag.p10 * 5 > lag.median THEN 'timer' ELSE 'work' END AS closing,
       CASE WHEN $by = 'kind' THEN 'eq.' || c.bucket END AS of_kind, CASE WHEN $by = 'channel' THEN CASE WHEN c.bucket = '' THEN 'is.null' ELSE 'eq.' || c.bucket END END AS of_channel,
       CASE WHEN $by = 'priority' THEN 'eq.' || c.bucket END AS of_priority,
       CASE WHEN $by = 'owner' THEN 'eq.' || c.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS of_owner
FROM counted c
LEFT JOIN told a ON a.bucket = c.bucket AND a.of = 'answer'
LEFT JOIN told s ON s.bucket = c.bucket AND s.of = 'solve'
LEFT JOIN told z ON z.bucket = c.bucket AND z.of = 'close'
LEFT JOIN told lag ON lag.bucket = c.bucket AND lag.of = 'lag'
ORDER BY c.cases DESC, c.bucket
