-- Instalments in force with their contract, how many days they are past due (negative: before), and past the promise.
plan AS (
	SELECT i.id AS id, i.name AS name, i.contract AS contract, c.name AS contract_name, c.customer AS customer, c.owner AS owner, i.collector AS collector,
	       i.due_on AS due_on, i.promise_on AS promise_on, i.amount AS amount, i.received AS received, i.amount - i.received AS open_amount, i.state AS state,
	       t.day_number - d.day_number AS days, t.day_number - p.day_number AS promise_days
	FROM instalment i
	JOIN contract c ON c.id = i.contract
	JOIN calendar_day t ON t.day = $today
	LEFT JOIN calendar_day d ON d.day = i.due_on
	LEFT JOIN calendar_day p ON p.day = i.promise_on
	LEFT JOIN member m ON m.id = c.owner
	WHERE i.state IN ('open', 'paid') AND c.state IN ('signed', 'executing')
	AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner) AND c.customer = coalesce(CAST($customer AS BIGINT), c.customer)
	AND coalesce(m.team, 0) = coalesce(CAST($team AS BIGINT), m.team, 0)
), aged AS (
	-- What lies further ahead than the calendar goes is not due.
	SELECT plan.*, CASE WHEN state = 'paid' THEN NULL WHEN coalesce(days, 0) <= 0 THEN 'not_due' WHEN days <= 30 THEN 'd30' WHEN days <= 60 THEN 'd60'
	       WHEN days <= 90 THEN 'd90' ELSE 'over' END AS age
	FROM plan
)
