WITH request AS (
	SELECT department, asked_at, done_at, CASE WHEN state IN ('asked', 'accepted') THEN 1 ELSE 0 END AS open,
	       CASE WHEN due_at < coalesce(done_at, $now) THEN 1 ELSE 0 END AS late
	FROM internal_request
	WHERE state <> 'withdrawn' AND asked_on >= $from AND asked_on <= $to
)
SELECT t.name AS department, count(*) AS asked, CAST(sum(r.open) AS BIGINT) AS open_count, CAST(sum(r.late) AS BIGINT) AS late,
       CAST(sum(r.late) AS BIGINT) * 10000 / count(*) AS late_rate, count(r.done_at) AS answered,
       CAST(sum(r.done_at - r.asked_at) AS BIGINT) / 360000 / nullif(count(r.done_at), 0) AS mean_hours,
       t.id AS department_id
FROM request r
JOIN team t ON t.id = r.department
GROUP BY t.id, t.name
ORDER BY late DESC, t.name, t.id
