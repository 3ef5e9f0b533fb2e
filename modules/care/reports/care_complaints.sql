-- Customers by whether their level has a plan.
WITH held AS (
	SELECT c.id AS id, CASE WHEN EXISTS (SELECT 1 FROM care_plan p WHERE p.active = 1 AND p.level = c.level AND coalesce(p.lifecycle, c.lifecycle) = c.lifecycle) THEN 'in' ELSE 'out' END AS side
	FROM customer c
	WHERE c.owner IS NOT NULL AND c.owner = coalesce($owner, c.owner)
), heard AS (
	SELECT customer, count(*) AS n FROM complaint WHERE received_on >= coalesce($from, '0') AND received_on <= $to GROUP BY customer
)
SELECT held.side AS group_name, count(*) AS customers, count(heard.n) AS complaining, CAST(coalesce(sum(heard.n), 0) AS BIGINT) AS complaints, (count(heard.n) * 20000 + count(*)) / (2 * count(*)) AS rate
FROM held
LEFT JOIN heard ON heard.customer = held.id
GROUP BY held.side
ORDER BY held.side
