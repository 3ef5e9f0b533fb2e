-- The targets of the chosen plan, or of those in force; attain.c compares them with what was reached.
WITH chosen AS (
	SELECT coalesce($plan, (SELECT n.plan FROM target n WHERE n.id = $node)) AS plan
)
SELECT t.id AS node_id, t.parent AS parent, t.path AS path, t.period AS period, t.team AS team, t.person AS person,
       t.customer AS customer, t.product AS product, t.value AS value, t.owner AS owner,
       c.name AS customer_name, pr.name AS product_name, t.home AS home, p.id AS plan_id, p.metric AS metric, p.name AS plan
FROM target_plan p
JOIN target t ON t.plan = p.id
LEFT JOIN customer c ON c.id = t.customer
LEFT JOIN product pr ON pr.id = t.product
WHERE p.id = (SELECT plan FROM chosen)
OR ((SELECT plan FROM chosen) IS NULL AND p.current = 1 AND p.year = CAST(substr($on, 1, 4) AS INTEGER))
ORDER BY p.id, t.id
