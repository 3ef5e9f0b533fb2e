-- A step lasts until the next begins, so that one whose night was missed is taken the next.
WITH
-- include plan
, step AS (
	SELECT coalesce((SELECT CAST(nullif(s.value, '') AS BIGINT) FROM setting s WHERE s.name = 'dunning_before'), 3) AS ahead,
	       coalesce((SELECT CAST(nullif(s.value, '') AS BIGINT) FROM setting s WHERE s.name = 'dunning_after'), 7) AS behind
), waiting AS (
	SELECT a.*, i.name AS name, i.promise_on AS promise_on, edge.today - d.day_number AS days, edge.today - p.day_number AS promise_days
	FROM aged a
	CROSS JOIN edge
	JOIN instalment i ON i.id = a.id
	LEFT JOIN calendar_day d ON d.day = i.due_on
	LEFT JOIN calendar_day p ON p.day = i.promise_on
	WHERE a.state = 'open'
)
SELECT a.contract_name AS contract, k.name AS customer_name, a.name AS instalment, a.due_on AS due_on, a.days AS days, a.promise_on AS promise_on,
       CASE WHEN a.promise_days > 0 THEN a.promise_days END AS promise_days, a.amount AS amount, a.open_amount AS open_amount, a.age AS age,
       m.label AS who, l.label AS collected_by, a.owner AS owner_id, a.collector AS collector_id, a.id AS instalment_id
FROM waiting a
CROSS JOIN step
LEFT JOIN customer k ON k.id = a.customer
LEFT JOIN member m ON m.id = a.owner
LEFT JOIN member l ON l.id = a.collector
WHERE coalesce(a.collector, 0) = coalesce(CAST($collector AS BIGINT), a.collector, 0)
AND (CAST($step AS TEXT) IS NULL OR $step = CASE WHEN a.days >= step.behind THEN 'after' WHEN a.days >= 0 THEN 'due' WHEN a.days >= -step.ahead THEN 'before' END)
AND ($broken = 0 OR a.promise_days > 0)
ORDER BY a.due_on, a.id
LIMIT 1000
