-- What customers bought in a year – orders confirmed, and deals won that no such order came of until then –, and how long ago the last was.
WITH edge AS (
	SELECT last.day_number AS n, first.day AS first_day
	FROM calendar_day last
	JOIN calendar_day first ON first.day_number = last.day_number - 364
	WHERE last.day = $on
), purchase AS (
	SELECT s.customer AS customer, s.confirmed_on AS day, s.amount AS amount, 1 AS is_order, s.opportunity AS deal
	FROM edge
	JOIN sales_order s ON s.confirmed_on >= edge.first_day
	WHERE s.state IN ('confirmed', 'completed') AND s.confirmed_on <= $on
	UNION ALL
	-- By day, not by number: + 0 keeps the index of ids away.
	SELECT o.customer, o.closed_on, o.amount, 0, o.id + 0
	FROM edge
	JOIN opportunity o ON o.closed_on >= edge.first_day
	WHERE o.result = 'won' AND o.closed_on <= $on
), told AS (
	SELECT p.*, max(is_order) OVER (PARTITION BY deal) AS ordered FROM purchase p
), bought AS (
	SELECT t.customer AS customer, count(*) AS orders, min(c.day_number) AS first_n, max(c.day_number) AS last_n,
	       max(t.day) AS last_on, sum(t.amount) AS amount, max(t.is_order) AS is_order
	FROM told t
	JOIN calendar_day c ON c.day = t.day
	WHERE t.is_order = t.ordered
	GROUP BY t.customer
	HAVING count(*) >= 3
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
AND k.owner = coalesce($owner, k.owner) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
ORDER BY b.amount DESC, k.id
