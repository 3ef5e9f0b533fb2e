WITH bought AS (
	SELECT o.customer AS customer, o.product AS product, count(*) AS times, max(o.closed_on) AS last_on, max(d.day_number) AS last_number,
	       (max(d.day_number) - min(d.day_number)) / nullif(count(*) - 1, 0) AS every
	FROM opportunity o
	JOIN calendar_day d ON d.day = o.closed_on
	WHERE o.result = 'won' AND o.product IS NOT NULL AND o.customer = coalesce(CAST($customer AS BIGINT), o.customer)
	GROUP BY o.customer, o.product
), all_of AS (
	SELECT o.customer AS customer, count(*) AS n FROM opportunity o
	WHERE o.result = 'won' AND o.customer = coalesce(CAST($customer AS BIGINT), o.customer)
	GROUP BY o.customer
)
SELECT c.id AS customer_id, p.id AS product_id, c.name AS customer_name, p.name AS product_name, b.times AS times, a.n AS purchases,
       (b.times * 10000 + a.n / 2) / a.n AS share, b.last_on AS last_on, b.every AS every, n.day AS next_on
FROM bought b
JOIN all_of a ON a.customer = b.customer
JOIN customer c ON c.id = b.customer
JOIN product p ON p.id = b.product
LEFT JOIN calendar_day n ON n.day_number = b.last_number + nullif(b.every, 0)
ORDER BY c.name, c.id, b.times DESC, b.last_on DESC, p.id
LIMIT 1000
