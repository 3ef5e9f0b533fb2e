WITH n AS (
	SELECT policy, count(*) AS receivers, count(acknowledged_at) AS acknowledged FROM policy_receipt GROUP BY policy
)
SELECT p.name AS policy, m.label AS who, r.given_on AS given_on, n.receivers AS receivers, n.acknowledged AS acknowledged, p.id AS policy_id
FROM policy_receipt r
JOIN sales_policy p ON p.id = r.policy AND p.to_on >= $today
JOIN n ON n.policy = r.policy
JOIN member m ON m.id = r.member AND m.active = 1
WHERE r.acknowledged_at IS NULL
ORDER BY p.id, m.label, m.id
