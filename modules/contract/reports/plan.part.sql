-- Instalments in force with their contract, and how late they are.  Contract by contract, each with what an index has of its instalments.
edge AS MATERIALIZED (
	SELECT t.day_number AS today, a.day AS d30, b.day AS d60, c.day AS d90
	FROM calendar_day t
	JOIN calendar_day a ON a.day_number = t.day_number - 30
	JOIN calendar_day b ON b.day_number = t.day_number - 60
	JOIN calendar_day c ON c.day_number = t.day_number - 90
	WHERE t.day = $today
), aged AS (
	SELECT i.id AS id, c.id AS contract, c.name AS contract_name, c.customer AS customer, c.owner AS owner, i.collector AS collector,
	       i.due_on AS due_on, i.amount AS amount, i.received AS received, i.amount - i.received AS open_amount, i.state AS state,
	       CASE WHEN i.state = 'paid' THEN NULL WHEN i.due_on < (SELECT d90 FROM edge) THEN 'over' WHEN i.due_on < (SELECT d60 FROM edge) THEN 'd90'
	            WHEN i.due_on < (SELECT d30 FROM edge) THEN 'd60' WHEN i.due_on < $today THEN 'd30' ELSE 'not_due' END AS age
	FROM contract c
	CROSS JOIN instalment i
	WHERE i.contract = c.id AND coalesce(i.state, '') IN ('open', 'paid') AND coalesce(c.state, '') IN ('signed', 'executing')
	AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner) AND c.customer = coalesce(CAST($customer AS BIGINT), c.customer)
	AND (CAST($team AS BIGINT) IS NULL OR c.owner IN (SELECT m.id FROM member m WHERE m.team = CAST($team AS BIGINT)))
)
