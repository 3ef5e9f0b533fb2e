-- Orders of a year by customer, and how long ago the last was.
WITH now AS (
	SELECT day_number AS n FROM calendar_day WHERE day = $on
), bought AS (
	SELECT o.customer AS customer, count(*) AS orders, min(c.day_number) AS first_n, max(c.day_number) AS last_n,
	       max(o.closed_on) AS last_on, sum(o.amount) AS amount
	FROM opportunity o
	JOIN calendar_day c ON c.day = o.closed_on
	CROSS JOIN now
	WHERE o.result = 'won' AND c.day_number > now.n - 365 AND c.day_number <= now.n
	GROUP BY o.customer
	HAVING count(*) >= 3
)
SELECT k.id AS customer_id, k.name AS customer, m.id AS owner_id, m.label AS who, now.n - b.last_n AS days,
       (b.last_n - b.first_n + (b.orders - 1) / 2) / (b.orders - 1) AS rhythm, b.orders AS orders, b.last_on AS last_on,
       CAST(b.amount AS BIGINT) AS amount
FROM bought b
CROSS JOIN now
JOIN customer k ON k.id = b.customer
JOIN member m ON m.id = k.owner
WHERE now.n - b.last_n >= $days AND (now.n - b.last_n) * (b.orders - 1) >= 2 * (b.last_n - b.first_n)
AND k.owner = coalesce($owner, k.owner) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
ORDER BY b.amount DESC, k.id
