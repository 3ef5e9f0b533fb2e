-- Customers by whether their level has a plan.
WITH held AS (
	-- In the order of an index.
	SELECT c.level AS level, c.lifecycle AS lifecycle, count(*) AS customers, 0 AS complaining, 0 AS complaints
	FROM customer c
	WHERE c.owner IS NOT NULL AND c.owner = coalesce($owner, c.owner)
	GROUP BY c.owner, c.level, c.industry, c.lifecycle
), heard AS (
	SELECT customer, count(*) AS n FROM complaint WHERE received_on >= coalesce($from, '0') AND received_on <= $to GROUP BY customer
), counted AS (
	SELECT level, lifecycle, customers, complaining, complaints FROM held
	UNION ALL
	SELECT c.level, c.lifecycle, 0, 1, h.n
	FROM heard h
	JOIN customer c ON c.id = h.customer
	WHERE c.owner IS NOT NULL AND c.owner = coalesce($owner, c.owner)
), kind AS (
	SELECT level, lifecycle, CAST(sum(customers) AS BIGINT) AS customers, CAST(sum(complaining) AS BIGINT) AS complaining, CAST(sum(complaints) AS BIGINT) AS complaints
	FROM counted
	GROUP BY level, lifecycle
), judged AS (
	SELECT kind.*, CASE WHEN EXISTS (SELECT 1 FROM care_plan p WHERE p.active = 1 AND p.level = kind.level AND coalesce(p.lifecycle, kind.lifecycle) = kind.lifecycle) THEN 'in' ELSE 'out' END AS side
	FROM kind
), summed AS (
	SELECT side, CAST(sum(customers) AS BIGINT) AS customers, CAST(sum(complaining) AS BIGINT) AS complaining, CAST(sum(complaints) AS BIGINT) AS complaints
	FROM judged
	GROUP BY side
)
SELECT side AS group_name, customers, complaining, complaints, (complaining * 20000 + customers) / (2 * customers) AS rate
FROM summed
ORDER BY side
