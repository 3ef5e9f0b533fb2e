-- Columns that are not declared are the tests of the list behind a row.
WITH
-- include plan
, summed AS (
	-- A row of each contract and collector, in the order in which they lie.
	SELECT CASE $by WHEN 'owner' THEN min(owner) WHEN 'collector' THEN collector WHEN 'contract' THEN contract ELSE min(customer) END AS thing, contract,
	       CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(received) AS BIGINT) AS received, CAST(sum(amount - received) AS BIGINT) AS open_amount,
	       CAST(coalesce(sum(CASE WHEN state = 'open' THEN amount - received END), 0) AS BIGINT) AS unpaid,
	       CAST(coalesce(sum(CASE WHEN state = 'open' AND due_on < $today THEN amount - received END), 0) AS BIGINT) AS late,
	       CAST(coalesce(sum(CASE WHEN state = 'open' AND due_on < (SELECT d30 FROM edge) THEN amount - received END), 0) AS BIGINT) AS late30,
	       CAST(coalesce(sum(CASE WHEN state = 'open' AND due_on < (SELECT d60 FROM edge) THEN amount - received END), 0) AS BIGINT) AS late60,
	       CAST(coalesce(sum(CASE WHEN state = 'open' AND due_on < (SELECT d90 FROM edge) THEN amount - received END), 0) AS BIGINT) AS late90
	FROM aged
	GROUP BY contract, collector
), grouped AS (
	SELECT thing, count(DISTINCT contract) AS contracts, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(received) AS BIGINT) AS received, CAST(sum(open_amount) AS BIGINT) AS open_amount,
	       CAST(sum(unpaid) AS BIGINT) AS unpaid, CAST(sum(late) AS BIGINT) AS late, CAST(sum(late30) AS BIGINT) AS late30,
	       CAST(sum(late60) AS BIGINT) AS late60, CAST(sum(late90) AS BIGINT) AS late90
	FROM summed
	GROUP BY thing
	ORDER BY open_amount DESC, thing
	LIMIT 1000
)
SELECT coalesce(CASE WHEN $by = 'contract' THEN o.name END, k.name, m.label, '–') AS label, g.contracts AS contracts, g.amount AS amount,
       g.received AS received, g.open_amount AS open_amount, g.unpaid - g.late AS not_due, g.late - g.late30 AS d30, g.late30 - g.late60 AS d60, g.late60 - g.late90 AS d90, g.late90 AS older,
       g.open_amount - g.unpaid + g.late AS late,
       CASE WHEN g.open_amount > 0 THEN (g.open_amount - g.unpaid + g.late) * 10000 / g.open_amount END AS late_share,
       CASE WHEN $by = 'contract' THEN 'eq.' || CAST(g.thing AS TEXT) END AS contract_test,
       CASE WHEN $by NOT IN ('owner', 'collector', 'contract') THEN 'eq.' || CAST(g.thing AS TEXT) ELSE 'eq.' || CAST($customer AS TEXT) END AS customer_test,
       CASE WHEN $by = 'owner' THEN 'eq.' || CAST(g.thing AS TEXT) ELSE 'eq.' || CAST($owner AS TEXT) END AS owner_test,
       CASE WHEN $by = 'collector' THEN 'eq.' || CAST(g.thing AS TEXT) END AS collector_test,
       'eq.' || CAST($team AS TEXT) AS team_test
FROM grouped g
LEFT JOIN customer k ON $by = 'customer' AND k.id = g.thing
LEFT JOIN contract o ON $by = 'contract' AND o.id = g.thing
LEFT JOIN member m ON $by IN ('owner', 'collector') AND m.id = g.thing
ORDER BY g.open_amount DESC, g.thing
