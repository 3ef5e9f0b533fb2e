-- Of contracts in force what an index has of their milestones and instalments; of what is late alone the days are looked up.
WITH held AS MATERIALIZED (
	SELECT id FROM contract WHERE coalesce(state, '') IN ('signed', 'executing') AND owner = coalesce(CAST($owner AS BIGINT), owner)
), summed AS (
	SELECT s.kind AS kind, count(DISTINCT c.id) AS contracts, count(*) AS planned, count(s.done_on) AS done,
	       count(*) FILTER (WHERE s.done_on IS NULL AND s.due_on < $today) AS late,
	       CAST(sum(CASE WHEN s.done_on IS NULL AND s.due_on < $today THEN (SELECT d.day_number FROM calendar_day d WHERE d.day = s.due_on) END) AS BIGINT) AS due_days,
	       CAST(NULL AS BIGINT) AS late_amount
	FROM held c
	CROSS JOIN contract_milestone s
	WHERE s.contract = c.id
	GROUP BY s.kind
	UNION ALL
	SELECT 'payment', count(DISTINCT c.id), count(*), count(*) FILTER (WHERE i.state = 'paid'), count(*) FILTER (WHERE i.state = 'open' AND i.due_on < $today),
	       CAST(sum(CASE WHEN i.state = 'open' AND i.due_on < $today THEN (SELECT d.day_number FROM calendar_day d WHERE d.day = i.due_on) END) AS BIGINT),
	       CAST(sum(CASE WHEN i.state = 'open' AND i.due_on < $today THEN i.amount - i.received END) AS BIGINT)
	FROM held c
	CROSS JOIN instalment i
	WHERE i.contract = c.id AND coalesce(i.state, '') IN ('open', 'paid')
), named AS (
	SELECT column1 AS kind, column2 AS position
	FROM (VALUES ('delivery', 1), ('installation', 2), ('commissioning', 3), ('acceptance', 4), ('payment', 5)) listed
)
SELECT n.kind AS kind, coalesce(j.contracts, 0) AS contracts, coalesce(j.planned, 0) AS planned, coalesce(j.done, 0) AS done,
       coalesce(j.planned - j.done, 0) AS pending, coalesce(j.late, 0) AS late,
       (j.late * (SELECT t.day_number FROM calendar_day t WHERE t.day = $today) - j.due_days) / nullif(j.late, 0) AS late_days, j.late_amount AS late_amount,
       CASE WHEN n.kind = 'payment' THEN 'instalment?state=in.(open,paid)' ELSE 'contract_milestone?kind=eq.' || n.kind END
       || '&contract.state=in.(signed,executing)' || coalesce('&contract.owner=eq.' || CAST($owner AS TEXT), '') || '&sort=due_on' AS open
FROM named n
LEFT JOIN summed j ON j.kind = n.kind
ORDER BY n.position
