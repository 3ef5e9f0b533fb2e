-- Contract by contract, each with what an index has of its milestones and instalments; of what is late alone the days are looked up.
WITH judged AS (
	SELECT s.kind AS kind, count(*) AS planned, count(s.done_on) AS done, count(*) FILTER (WHERE s.done_on IS NULL AND s.due_on < $today) AS late,
	       sum(CASE WHEN s.done_on IS NULL AND s.due_on < $today THEN (SELECT d.day_number FROM calendar_day d WHERE d.day = s.due_on) END) AS due_days,
	       NULL AS late_amount
	FROM contract c
	CROSS JOIN contract_milestone s
	WHERE s.contract = c.id AND coalesce(c.state, '') IN ('signed', 'executing') AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner)
	GROUP BY c.id, s.kind
	UNION ALL
	SELECT 'payment', count(*), count(*) FILTER (WHERE i.state = 'paid'), count(*) FILTER (WHERE i.state = 'open' AND i.due_on < $today),
	       sum(CASE WHEN i.state = 'open' AND i.due_on < $today THEN (SELECT d.day_number FROM calendar_day d WHERE d.day = i.due_on) END),
	       sum(CASE WHEN i.state = 'open' AND i.due_on < $today THEN i.amount - i.received END)
	FROM contract c
	CROSS JOIN instalment i
	WHERE i.contract = c.id AND i.state IN ('open', 'paid') AND coalesce(c.state, '') IN ('signed', 'executing') AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner)
	GROUP BY c.id
), summed AS (
	SELECT kind, count(*) AS contracts, CAST(sum(planned) AS BIGINT) AS planned, CAST(sum(done) AS BIGINT) AS done, CAST(sum(late) AS BIGINT) AS late,
	       CAST(sum(due_days) AS BIGINT) AS due_days, CAST(sum(late_amount) AS BIGINT) AS late_amount
	FROM judged
	GROUP BY kind
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
