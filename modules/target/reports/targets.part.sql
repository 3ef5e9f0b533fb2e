SELECT t.id AS node_id, t.parent AS parent, t.path AS path, t.period AS period, t.team AS team, t.person AS person,
       t.customer AS customer, t.product AS product, t.value AS value, t.owner AS owner,
       c.name AS customer_name, pr.name AS product_name, t.home AS home, p.id AS plan_id, p.metric AS metric, p.name AS plan
FROM target_plan p
JOIN target t ON t.plan = p.id
LEFT JOIN customer c ON c.id = t.customer
LEFT JOIN product pr ON pr.id = t.product
