-- Of one customer, or of those who bought since a day: all they ever bought.
WITH who AS MATERIALIZED (
	SELECT DISTINCT o.customer AS id
	FROM opportunity o
	WHERE o.result = 'won' AND o.closed_on >= coalesce($from, '0') AND CAST($customer AS BIGINT) IS NULL AND o.customer IS NOT NULL
	UNION ALL
	SELECT c.id FROM customer c WHERE c.id = CAST($customer AS BIGINT)
), counted AS (
	SELECT o.customer AS customer, o.product AS product, count(*) AS times, min(o.closed_on) AS first_on, max(o.closed_on) AS last_on
	FROM who
	CROSS JOIN opportunity o
	-- By the customer, not by the result.
	WHERE o.customer = who.id AND coalesce(o.result, '') = 'won'
	GROUP BY o.customer, o.product
), bought AS (
	SELECT c.*, CAST(sum(times) OVER (PARTITION BY customer) AS BIGINT) AS purchases FROM counted c
), listed AS (
	SELECT c.id AS customer_id, p.id AS product_id, c.name AS customer_name, p.name AS product_name, b.times AS times, b.purchases AS purchases, b.first_on AS first_on, b.last_on AS last_on
	FROM bought b
	JOIN customer c ON c.id = b.customer
	JOIN product p ON p.id = b.product
	ORDER BY c.name, c.id, b.times DESC, b.last_on DESC, p.id
	LIMIT 1000
), spaced AS (
	SELECT l.*, t.day_number AS last_number, (t.day_number - f.day_number) / nullif(l.times - 1, 0) AS every
	FROM listed l
	JOIN calendar_day f ON f.day = l.first_on
	JOIN calendar_day t ON t.day = l.last_on
)
SELECT s.customer_id AS customer_id, s.product_id AS product_id, s.customer_name AS customer_name, s.product_name AS product_name, s.times AS times, s.purchases AS purchases,
       (s.times * 10000 + s.purchases / 2) / s.purchases AS share, s.last_on AS last_on, s.every AS every, n.day AS next_on
FROM spaced s
LEFT JOIN calendar_day n ON n.day_number = s.last_number + nullif(s.every, 0)
ORDER BY s.customer_name, s.customer_id, s.times DESC, s.last_on DESC, s.product_id
