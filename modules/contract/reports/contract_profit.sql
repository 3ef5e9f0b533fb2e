-- Columns that are not declared are the tests of the list behind a row.
WITH signed AS (
	SELECT c.*, CASE $by WHEN 'customer' THEN CAST(c.customer AS TEXT) WHEN 'owner' THEN CAST(c.owner AS TEXT) WHEN 'month' THEN substr(c.signed_on, 1, 7)
	       ELSE CAST(c.id AS TEXT) END AS bucket
	FROM contract c
	LEFT JOIN member m ON m.id = c.owner
	WHERE c.state IN ('signed', 'executing', 'closed') AND c.signed_on >= coalesce($from, '0') AND c.signed_on <= coalesce($to, '9')
	AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), grouped AS (
	SELECT bucket, count(*) AS contracts, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(supplier_cost) AS BIGINT) AS supplier_cost,
	       CAST(sum(expenses) AS BIGINT) AS expenses, CAST(sum(received) AS BIGINT) AS received, CAST(sum(supplier_paid) AS BIGINT) AS paid,
	       min(customer) AS customer, min(owner) AS owner, min(name) AS name, min(signed_on) AS first_on, max(signed_on) AS last_on
	FROM signed
	GROUP BY bucket
)
SELECT CASE $by WHEN 'customer' THEN coalesce(k.name, '–') WHEN 'owner' THEN coalesce(m.label, '–') WHEN 'month' THEN g.bucket ELSE g.name END AS label,
       g.contracts AS contracts, g.amount AS amount, g.supplier_cost AS supplier_cost, g.expenses AS expenses,
       g.amount - g.supplier_cost - g.expenses AS gross_profit, (g.amount - g.supplier_cost - g.expenses) * 10000 / nullif(g.amount, 0) AS rate,
       g.received AS received, g.paid AS paid, g.received - g.paid - g.expenses AS cash,
       CASE WHEN $by NOT IN ('customer', 'owner', 'month') THEN 'eq.' || g.bucket END AS id_test,
       CASE WHEN $by = 'customer' THEN 'eq.' || g.bucket END AS customer_test,
       CASE WHEN $by = 'owner' THEN 'eq.' || g.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS owner_test,
       'eq.' || CAST($team AS TEXT) AS team_test,
       'gte.' || CASE WHEN $by = 'month' THEN g.first_on ELSE $from END AS from_test, 'lte.' || CASE WHEN $by = 'month' THEN g.last_on ELSE $to END AS to_test
FROM grouped g
LEFT JOIN customer k ON $by = 'customer' AND k.id = g.customer
LEFT JOIN member m ON $by = 'owner' AND m.id = g.owner
ORDER BY CASE WHEN $by = 'month' THEN g.bucket END, g.amount DESC, g.bucket
LIMIT 1000
