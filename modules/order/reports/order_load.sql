WITH one AS (
	SELECT assignee AS person, 1 AS orders, coalesce(amount, 0) AS amount, CASE WHEN accepted_at IS NULL AND assigned_at IS NOT NULL THEN 1 ELSE 0 END AS unaccepted,
	       CASE WHEN state = 'confirmed' THEN 0 ELSE 1 END AS unconfirmed, CASE WHEN state = 'confirmed' AND promised_on < $today THEN 1 ELSE 0 END AS overdue,
	       0 AS tasks, 0 AS tasks_overdue
	FROM sales_order
	WHERE state IN ('received', 'verified', 'confirmed')
	UNION ALL
	SELECT owner, 0, 0, 0, 0, 0, 1, CASE WHEN due_on < $today THEN 1 ELSE 0 END
	FROM task
	WHERE sales_order IS NOT NULL AND state = 'open'
)
SELECT m.id AS person_id, m.label AS who, t.name AS team, CAST(sum(o.orders) AS BIGINT) AS orders, CAST(sum(o.amount) AS BIGINT) AS amount,
       CAST(sum(o.unaccepted) AS BIGINT) AS unaccepted, CAST(sum(o.unconfirmed) AS BIGINT) AS unconfirmed, CAST(sum(o.overdue) AS BIGINT) AS overdue,
       CAST(sum(o.tasks) AS BIGINT) AS tasks, CAST(sum(o.tasks_overdue) AS BIGINT) AS tasks_overdue
FROM one o
JOIN member m ON m.id = o.person
LEFT JOIN team t ON t.id = m.team
WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY m.id, m.label, t.name
ORDER BY sum(o.orders) DESC, m.id
