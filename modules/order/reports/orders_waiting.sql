WITH wait AS (
	SELECT 'unaccepted' AS kind, id, assigned_at AS since FROM sales_order
	WHERE state IN ('received', 'verified', 'confirmed') AND accepted_at IS NULL AND assigned_at IS NOT NULL
	UNION ALL
	SELECT 'unconfirmed', id, received_at FROM sales_order WHERE state IN ('received', 'verified')
	UNION ALL
	SELECT 'overdue', o.id, c.starts_at + 86400000 FROM sales_order o JOIN calendar_day c ON c.day = o.promised_on
	WHERE o.state = 'confirmed' AND o.promised_on < $today
)
SELECT w.kind AS kind, o.id AS order_id, o.number AS number, k.name AS customer, m.id AS person_id, m.label AS who,
       ($now - w.since) / 3600000 AS hours, o.promised_on AS promised_on, o.amount AS amount
FROM wait w
JOIN sales_order o ON o.id = w.id
JOIN member m ON m.id = o.assignee
LEFT JOIN customer k ON k.id = o.customer
WHERE w.kind = coalesce($kind, w.kind) AND w.since <= $now AND ($now - w.since) / 3600000 >= $hours AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY w.since, o.id, w.kind
LIMIT 1000
