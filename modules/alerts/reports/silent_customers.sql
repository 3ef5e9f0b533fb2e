-- What customers bought in a year – orders confirmed, and deals won that no such order came of until then –, and how long ago the last was.
WITH edge AS (
	SELECT last.day_number AS n, first.day AS first_day
	FROM calendar_day last
	JOIN calendar_day first ON first.day_number = last.day_number - 364
	WHERE last.day = $on
), ordered AS MATERIALIZED (
	SELECT s.opportunity AS deal
	FROM edge
	CROSS JOIN sales_order s
	WHERE s.state IN ('confirmed', 'completed') AND s.confirmed_on >= edge.first_day AND s.confirmed_on <= $on AND s.opportunity IS NOT NULL
), purchase AS (
	SELECT s.customer AS customer, s.confirmed_on AS day, s.amount AS amount, 1 AS is_order
	FROM edge
	CROSS JOIN sales_order s
	WHERE s.state IN ('confirmed', 'completed') AND s.confirmed_on >= edge.first_day AND s.confirmed_on <= $on
	UNION ALL
	SELECT o.customer, o.closed_on, o.amount, 0
	FROM edge
	CROSS JOIN opportunity o
	WHERE o.result = 'won' AND o.closed_on >= edge.first_day AND o.closed_on <= $on
	-- By day, not by number: + 0 keeps the index of ids away.
	AND o.id + 0 NOT IN (SELECT deal FROM ordered)
), regular AS MATERIALIZED (
	-- Of three, two are of one kind: who may have bought often enough is found by the numbers of customers alone.
	SELECT s.customer AS customer
	FROM edge
	CROSS JOIN sales_order s
	WHERE s.state IN ('confirmed', 'completed') AND s.confirmed_on >= edge.first_day AND s.confirmed_on <= $on
	GROUP BY s.customer
	HAVING count(*) >= 2
	UNION ALL
	SELECT o.customer
	FROM edge
	CROSS JOIN opportunity o
	WHERE o.result = 'won' AND o.closed_on >= edge.first_day AND o.closed_on <= $on
	GROUP BY o.customer
	HAVING count(*) >= 2
), often AS (
	SELECT customer, count(*) AS orders, min(day) AS first_on, max(day) AS last_on, sum(amount) AS amount, max(is_order) AS is_order
	FROM purchase
	WHERE customer IN (SELECT customer FROM regular)
	GROUP BY customer
	HAVING count(*) >= 3
), bought AS (
	SELECT o.*, f.day_number AS first_n, l.day_number AS last_n
	FROM often o
	JOIN calendar_day f ON f.day = o.first_on
	JOIN calendar_day l ON l.day = o.last_on
)
SELECT k.id AS customer_id, k.name AS customer, m.id AS owner_id, m.label AS who, edge.n - b.last_n AS days,
       (b.last_n - b.first_n + (b.orders - 1) / 2) / (b.orders - 1) AS rhythm, b.orders AS orders, b.last_on AS last_on,
       CAST(b.amount AS BIGINT) AS amount,
       CASE b.is_order WHEN 1 THEN 'sales_order?customer=eq.' || CAST(k.id AS TEXT) || '&state=in.(confirmed,completed)&sort=-confirmed_on'
       ELSE 'opportunity?customer=eq.' || CAST(k.id AS TEXT) || '&result=eq.won&sort=-closed_on' END AS open
FROM bought b
CROSS JOIN edge
JOIN customer k ON k.id = b.customer
JOIN member m ON m.id = k.owner
WHERE edge.n - b.last_n >= $days AND (edge.n - b.last_n) * (b.orders - 1) >= 2 * (b.last_n - b.first_n)
AND k.owner = coalesce($owner, k.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY b.amount DESC, k.id
