WITH running AS (
	SELECT c.id AS id
	FROM contract c
	WHERE c.state IN ('signed', 'executing') AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner)
), step AS (
	SELECT s.kind AS kind, s.contract AS contract, s.due_on AS due_on, CASE WHEN s.done_on IS NULL THEN 0 ELSE 1 END AS done, NULL AS open_amount
	FROM contract_milestone s JOIN running r ON r.id = s.contract
	UNION ALL
	SELECT 'payment', i.contract, i.due_on, CASE i.state WHEN 'paid' THEN 1 ELSE 0 END, i.amount - i.received
	FROM instalment i JOIN running r ON r.id = i.contract
	WHERE i.state IN ('open', 'paid')
), judged AS (
	SELECT step.*, CASE WHEN done = 0 AND due_on < $today THEN t.day_number - d.day_number END AS late
	FROM step
	JOIN calendar_day t ON t.day = $today
	LEFT JOIN calendar_day d ON d.day = step.due_on
), named AS (
	SELECT column1 AS kind, column2 AS position
	FROM (VALUES ('delivery', 1), ('installation', 2), ('commissioning', 3), ('acceptance', 4), ('payment', 5)) listed
)
SELECT n.kind AS kind, count(DISTINCT j.contract) AS contracts, count(j.contract) AS planned, CAST(coalesce(sum(j.done), 0) AS BIGINT) AS done,
       count(j.contract) - CAST(coalesce(sum(j.done), 0) AS BIGINT) AS pending, count(j.late) AS late, CAST(sum(j.late) AS BIGINT) / nullif(count(j.late), 0) AS late_days,
       CAST(sum(CASE WHEN j.late IS NOT NULL THEN j.open_amount END) AS BIGINT) AS late_amount,
       CASE WHEN n.kind = 'payment' THEN 'instalment?state=in.(open,paid)' ELSE 'contract_milestone?kind=eq.' || n.kind END
       || '&contract.state=in.(signed,executing)' || coalesce('&contract.owner=eq.' || CAST($owner AS TEXT), '') || '&sort=due_on' AS open
FROM named n
LEFT JOIN judged j ON j.kind = n.kind
GROUP BY n.kind, n.position
ORDER BY n.position
