-- Care tasks that fell due.
WITH given AS (
	SELECT CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) WHEN 'level' THEN coalesce(c.level, '') ELSE '*' END AS bucket, CASE $by WHEN 'owner' THEN m.label WHEN 'level' THEN upper(c.level) ELSE '∑' END AS name,
	       t.state AS state, t.on_time AS on_time
	FROM task t
	JOIN member m ON m.id = t.owner
	LEFT JOIN customer c ON c.id = t.customer
	WHERE t.origin LIKE 'care/%' AND t.state <> 'cancelled' AND t.due_on >= coalesce($from, '0') AND t.due_on <= $to
	AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), counted AS (
	SELECT bucket, max(name) AS name, count(*) AS n, count(*) FILTER (WHERE state = 'done' AND on_time = 1) AS on_time, count(*) FILTER (WHERE state = 'done' AND on_time = 0) AS late FROM given GROUP BY bucket
)
SELECT coalesce(name, '–') AS label, n AS due, on_time, late, n - on_time - late AS missing, (on_time * 20000 + n) / (2 * n) AS rate,
       CASE WHEN $by = 'level' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END END AS of_level,
       CASE WHEN $by = 'owner' THEN 'eq.' || bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS who
FROM counted
ORDER BY n DESC, bucket
