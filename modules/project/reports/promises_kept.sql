-- Those not yet due do not count.
WITH settled AS (
	SELECT p.side AS side, p.state AS state,
	       CASE $by WHEN 'owner' THEN p.owner WHEN 'customer' THEN p.customer END AS bucket,
	       CASE $by WHEN 'owner' THEN member.label WHEN 'customer' THEN customer.name ELSE '∑' END AS name
	FROM promise p
	LEFT JOIN member ON member.id = p.owner
	LEFT JOIN customer ON customer.id = p.customer
	WHERE p.state <> 'open' AND p.due_on >= coalesce($from, '0') AND p.due_on <= coalesce($to, '9')
	AND p.side = coalesce($side, p.side) AND p.owner = coalesce($owner, p.owner)
), counted AS (
	SELECT bucket, side, max(name) AS name, count(*) AS n,
	       count(*) FILTER (WHERE state = 'on_time') AS on_time, count(*) FILTER (WHERE state = 'late') AS late,
	       count(*) FILTER (WHERE state = 'overdue') AS overdue, count(*) FILTER (WHERE state = 'broken') AS broken
	FROM settled
	GROUP BY bucket, side
), rated AS (
	SELECT counted.*, on_time * 1.0 / n AS r FROM counted
)
SELECT name AS label, side AS whose, n AS due, on_time, late, overdue, broken, CAST(floor(r * 10000 + 0.5) AS BIGINT) AS rate,
       CASE WHEN n > 0 THEN CAST(floor(0.5 + 10000 * (r + 1.9208 / n - 1.96 * sqrt(r * (1 - r) / n + 0.9604 / n / n)) / (1 + 3.8416 / n)) AS BIGINT) END AS low,
       CASE WHEN n > 0 THEN CAST(floor(0.5 + 10000 * (r + 1.9208 / n + 1.96 * sqrt(r * (1 - r) / n + 0.9604 / n / n)) / (1 + 3.8416 / n)) AS BIGINT) END AS high,
       CASE WHEN $by = 'owner' THEN 'eq.' || CAST(bucket AS TEXT) ELSE 'eq.' || CAST($owner AS TEXT) END AS person,
       CASE WHEN $by = 'customer' THEN 'eq.' || CAST(bucket AS TEXT) END AS who
FROM rated
ORDER BY side DESC, n DESC, bucket
