-- Customers who bought, by their owner: again, several products, and what the later deals brought.
WITH deal AS (
	SELECT o.customer AS customer, o.product AS product, o.amount AS amount, row_number() OVER (PARTITION BY o.customer ORDER BY o.closed_on, o.id) AS place
	FROM opportunity o
	WHERE o.result = 'won' AND o.customer IS NOT NULL AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
), bought AS (
	SELECT customer, count(*) AS deals, count(DISTINCT product) AS products, coalesce(sum(amount) FILTER (WHERE place > 1), 0) AS later
	FROM deal
	GROUP BY customer
), counted AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) ELSE '*' END, '') AS bucket,
	       max(CASE $by WHEN 'owner' THEN m.label END) AS name, count(*) AS customers,
	       count(*) FILTER (WHERE b.deals > 1) AS again, count(*) FILTER (WHERE b.products > 1) AS several, CAST(sum(b.later) AS BIGINT) AS later,
	       CAST(sum((SELECT count(*) FROM opportunity o WHERE o.customer = b.customer AND o.result = 'open' AND o.kind IN ('expansion', 'renewal'))) AS BIGINT) AS ahead
	FROM bought b
	JOIN customer c ON c.id = b.customer
	LEFT JOIN member m ON m.id = c.owner
	WHERE coalesce(c.owner, 0) = coalesce($owner, c.owner, 0)
	GROUP BY 1
)
SELECT coalesce(name, '–') AS label, customers, again, (again * 20000 + customers) / (2 * customers) AS again_rate, several, (several * 20000 + customers) / (2 * customers) AS cross_rate, later AS value, ahead,
       CASE WHEN $by = 'owner' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END ELSE 'eq.' || CAST($owner AS TEXT) END AS who
FROM counted
ORDER BY customers DESC, bucket
