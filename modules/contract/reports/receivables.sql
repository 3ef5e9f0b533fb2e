-- Columns that are not declared are the tests of the list behind a row.
WITH
-- include plan
, summed AS (
	-- A row of each contract, and of each collector in it.
	SELECT CASE $by WHEN 'owner' THEN min(owner) WHEN 'contract' THEN contract ELSE min(customer) END AS thing,
	       min(contract_name) AS contract_name, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(received) AS BIGINT) AS received, CAST(sum(open_amount) AS BIGINT) AS open_amount,
	       CAST(coalesce(sum(CASE WHEN age = 'not_due' THEN open_amount END), 0) AS BIGINT) AS not_due,
	       CAST(coalesce(sum(CASE WHEN age = 'd30' THEN open_amount END), 0) AS BIGINT) AS d30,
	       CAST(coalesce(sum(CASE WHEN age = 'd60' THEN open_amount END), 0) AS BIGINT) AS d60,
	       CAST(coalesce(sum(CASE WHEN age = 'd90' THEN open_amount END), 0) AS BIGINT) AS d90,
	       CAST(coalesce(sum(CASE WHEN age = 'over' THEN open_amount END), 0) AS BIGINT) AS older
	FROM aged
	WHERE coalesce($by, '') <> 'collector'
	GROUP BY contract
	UNION ALL
	SELECT collector,
	       min(contract_name) AS contract_name, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(received) AS BIGINT) AS received, CAST(sum(open_amount) AS BIGINT) AS open_amount,
	       CAST(coalesce(sum(CASE WHEN age = 'not_due' THEN open_amount END), 0) AS BIGINT) AS not_due,
	       CAST(coalesce(sum(CASE WHEN age = 'd30' THEN open_amount END), 0) AS BIGINT) AS d30,
	       CAST(coalesce(sum(CASE WHEN age = 'd60' THEN open_amount END), 0) AS BIGINT) AS d60,
	       CAST(coalesce(sum(CASE WHEN age = 'd90' THEN open_amount END), 0) AS BIGINT) AS d90,
	       CAST(coalesce(sum(CASE WHEN age = 'over' THEN open_amount END), 0) AS BIGINT) AS older
	FROM aged
	WHERE $by = 'collector'
	GROUP BY collector, contract
), grouped AS (
	SELECT thing, min(contract_name) AS contract_name, count(*) AS contracts, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(received) AS BIGINT) AS received,
	       CAST(sum(open_amount) AS BIGINT) AS open_amount, CAST(sum(not_due) AS BIGINT) AS not_due, CAST(sum(d30) AS BIGINT) AS d30, CAST(sum(d60) AS BIGINT) AS d60,
	       CAST(sum(d90) AS BIGINT) AS d90, CAST(sum(older) AS BIGINT) AS older
	FROM summed
	GROUP BY thing
)
SELECT coalesce(CASE WHEN $by = 'contract' THEN g.contract_name END, k.name, m.label, '–') AS label, g.contracts AS contracts, g.amount AS amount,
       g.received AS received, g.open_amount AS open_amount, g.not_due AS not_due, g.d30 AS d30, g.d60 AS d60, g.d90 AS d90, g.older AS older,
       g.open_amount - g.not_due AS late,
       CASE WHEN g.open_amount > 0 THEN (g.open_amount - g.not_due) * 10000 / g.open_amount END AS late_share,
       CASE WHEN $by = 'contract' THEN 'eq.' || CAST(g.thing AS TEXT) END AS contract_test,
       CASE WHEN $by NOT IN ('owner', 'collector', 'contract') THEN 'eq.' || CAST(g.thing AS TEXT) ELSE 'eq.' || CAST($customer AS TEXT) END AS customer_test,
       CASE WHEN $by = 'owner' THEN 'eq.' || CAST(g.thing AS TEXT) ELSE 'eq.' || CAST($owner AS TEXT) END AS owner_test,
       CASE WHEN $by = 'collector' THEN 'eq.' || CAST(g.thing AS TEXT) END AS collector_test,
       'eq.' || CAST($team AS TEXT) AS team_test
FROM grouped g
LEFT JOIN customer k ON $by = 'customer' AND k.id = g.thing
LEFT JOIN member m ON $by IN ('owner', 'collector') AND m.id = g.thing
ORDER BY g.open_amount DESC, g.thing
LIMIT 1000
