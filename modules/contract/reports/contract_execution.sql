-- Contract by contract, each with what an index has of its milestones and instalments; of what is late alone the days are looked up.
WITH now AS MATERIALIZED (
	SELECT day_number FROM calendar_day WHERE day = $today
), judged AS (
	SELECT s.kind AS kind, count(*) AS planned, count(s.done_on) AS done, count(*) FILTER (WHERE s.done_on IS NULL AND s.due_on < $today) AS late,
	       sum(CASE WHEN s.done_on IS NULL AND s.due_on < $today THEN (SELECT now.day_number - d.day_number FROM now CROSS JOIN calendar_day d WHERE d.day = s.due_on) END) AS late_days,
	       NULL AS late_amount
	FROM contract c
	CROSS JOIN contract_milestone s
	WHERE s.contract = c.id AND coalesce(c.state, '') IN ('signed', 'executing') AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner)
	GROUP BY c.id, s.kind
	UNION ALL
	SELECT 'payment', count(*), count(*) FILTER (WHERE i.state = 'paid'), count(*) FILTER (WHERE i.state = 'open' AND i.due_on < $today),
	       sum(CASE WHEN i.state = 'open' AND i.due_on < $today THEN (SELECT now.day_number - d.day_number FROM now CROSS JOIN calendar_day d WHERE d.day = i.due_on) END),
	       sum(CASE WHEN i.state = 'open' AND i.due_on < $today THEN i.amount - i.received END)
	FROM contract c
	CROSS JOIN instalment i
	WHERE i.contract = c.id AND i.state IN ('open', 'paid') AND coalesce(c.state, '') IN ('signed', 'executing') AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner)
	GROUP BY c.id
), named AS (
	SELECT column1 AS kind, column2 AS position
	FROM (VALUES ('delivery', 1), ('installation', 2), ('commissioning', 3), ('acceptance', 4), ('payment', 5)) listed
)
SELECT n.kind AS kind, count(j.planned) AS contracts, CAST(coalesce(sum(j.planned), 0) AS BIGINT) AS planned, CAST(coalesce(sum(j.done), 0) AS BIGINT) AS done,
       CAST(coalesce(sum(j.planned - j.done), 0) AS BIGINT) AS pending, CAST(coalesce(sum(j.late), 0) AS BIGINT) AS late,
       CAST(sum(j.late_days) AS BIGINT) / nullif(CAST(sum(j.late) AS BIGINT), 0) AS late_days, CAST(sum(j.late_amount) AS BIGINT) AS late_amount,
       CASE WHEN n.kind = 'payment' THEN 'instalment?state=in.(open,paid)' ELSE 'contract_milestone?kind=eq.' || n.kind END
       || '&contract.state=in.(signed,executing)' || coalesce('&contract.owner=eq.' || CAST($owner AS TEXT), '') || '&sort=due_on' AS open
FROM named n
LEFT JOIN judged j ON j.kind = n.kind
GROUP BY n.kind, n.position
ORDER BY n.position
