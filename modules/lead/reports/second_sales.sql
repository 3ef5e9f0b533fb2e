-- Customers who bought, by their owner: again, several products, and what the later deals brought.
WITH bought AS MATERIALIZED (
	SELECT o.customer AS customer, count(*) AS deals, CASE WHEN min(o.product) < max(o.product) THEN 1 ELSE 0 END AS several, coalesce(sum(o.amount), 0) AS amount
	FROM opportunity o
	WHERE o.result = 'won' AND o.customer IS NOT NULL AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
	GROUP BY o.customer
), owned AS (
	SELECT c.owner AS owner, count(*) AS customers, count(*) FILTER (WHERE b.deals > 1) AS again, CAST(sum(b.several) AS BIGINT) AS several,
	       -- Without the first.
	       CAST(sum(CASE WHEN b.deals > 1 THEN b.amount - coalesce((SELECT o.amount FROM opportunity o WHERE o.customer = b.customer AND o.result = 'won' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
	                                                                ORDER BY o.closed_on, o.id LIMIT 1), 0) ELSE 0 END) AS BIGINT) AS later, 0 AS ahead
	FROM bought b
	CROSS JOIN customer c
	WHERE c.id = b.customer AND coalesce(c.owner, 0) = coalesce($owner, c.owner, 0)
	GROUP BY c.owner
	UNION ALL
	-- What lies open, by an index that has the kind; not each customer with each owner within reach.
	SELECT c.owner, 0, 0, 0, 0, count(*)
	FROM opportunity o
	CROSS JOIN customer c
	WHERE o.result = 'open' AND o.kind IN ('expansion', 'renewal') AND coalesce(o.customer, 0) IN (SELECT customer FROM bought)
	AND c.id = o.customer AND coalesce(c.owner, 0) = coalesce($owner, c.owner, 0)
	GROUP BY c.owner
), counted AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) ELSE '*' END, '') AS bucket, max(CASE $by WHEN 'owner' THEN m.label END) AS name,
	       CAST(sum(o.customers) AS BIGINT) AS customers, CAST(sum(o.again) AS BIGINT) AS again, CAST(sum(o.several) AS BIGINT) AS several,
	       CAST(sum(o.later) AS BIGINT) AS later, CAST(sum(o.ahead) AS BIGINT) AS ahead
	FROM owned o
	LEFT JOIN member m ON m.id = o.owner
	GROUP BY 1
)
SELECT coalesce(name, '–') AS label, customers, again, (again * 20000 + customers) / (2 * customers) AS again_rate, several, (several * 20000 + customers) / (2 * customers) AS cross_rate, later AS value, ahead,
       CASE WHEN $by = 'owner' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END ELSE 'eq.' || CAST($owner AS TEXT) END AS who
FROM counted
ORDER BY customers DESC, bucket
