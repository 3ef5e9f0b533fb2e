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
	       count(*) FILTER (WHERE state = 'on_time') AS k, count(*) FILTER (WHERE state = 'late') AS late,
	       count(*) FILTER (WHERE state = 'overdue') AS overdue, count(*) FILTER (WHERE state = 'broken') AS broken
	FROM settled
	GROUP BY bucket, side
),
-- include opportunity/wilson
SELECT name AS label, side AS whose, n AS due, k AS on_time, late, overdue, broken, rate, low, high,
       CASE WHEN $by = 'owner' THEN 'eq.' || CAST(bucket AS TEXT) ELSE 'eq.' || CAST($owner AS TEXT) END AS person,
       CASE WHEN $by = 'customer' THEN 'eq.' || CAST(bucket AS TEXT) END AS who
FROM rated
ORDER BY side DESC, n DESC, bucket
