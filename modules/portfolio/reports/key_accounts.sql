WITH since AS (
	SELECT b.day AS day FROM calendar_day n JOIN calendar_day b ON b.day_number = n.day_number - 364 WHERE n.day = $today
), sold AS (
	SELECT o.customer AS customer, CAST(sum(o.amount) AS BIGINT) AS amount
	FROM opportunity o
	JOIN since ON o.closed_on >= since.day
	WHERE o.result = 'won' AND o.closed_on <= $today AND o.customer IS NOT NULL
	GROUP BY o.customer
	HAVING sum(o.amount) > 0
), ranked AS (
	SELECT customer, amount, CAST(sum(amount) OVER (ORDER BY amount DESC, customer) AS BIGINT) AS together, CAST(sum(amount) OVER () AS BIGINT) AS whole
	FROM sold
), met AS (
	SELECT a.customer AS customer, max(a.done_at) AS at
	FROM activity a
	JOIN customer k ON k.id = a.customer AND k.key_account = 1
	WHERE a.state = 'done' AND (a.around = 1 OR a.joint = 1)
	GROUP BY a.customer
), listed AS (
	SELECT c.id AS id, c.name AS name, c.owner AS owner, coalesce(r.amount, 0) AS amount, r.amount * 10000 / r.whole AS part,
	       r.together * 10000 / r.whole AS together, coalesce((r.together - r.amount) * 10000 < r.whole * $share, 1 = 0) AS top,
	       c.key_account AS key_account, c.key_reason AS reason, met.at AS met_at, coalesce(met.at, c.owned_at, c.created_at) AS since_at
	FROM customer c
	LEFT JOIN ranked r ON r.customer = c.id
	LEFT JOIN met ON met.customer = c.id
	WHERE r.customer IS NOT NULL OR c.key_account = 1
), told AS (
	SELECT listed.*, CASE WHEN key_account = 1 AND top THEN 'key' WHEN key_account = 1 THEN 'by_hand' WHEN top THEN 'proposed' END AS state FROM listed
)
SELECT t.name AS customer, t.id AS customer_id, t.owner AS owner_id, m.label AS who, t.amount AS amount, t.part AS part, t.together AS together, t.state AS state,
       t.reason AS reason, d.day AS manager_on, CASE WHEN t.key_account = 1 THEN ($now - t.since_at) / 86400000 END AS manager_days
FROM told t
LEFT JOIN member m ON m.id = t.owner
LEFT JOIN calendar_day d ON d.starts_at <= t.met_at AND d.starts_at + 86400000 > t.met_at
WHERE t.state IS NOT NULL AND CASE $state WHEN 'key' THEN t.key_account = 1 WHEN 'proposed' THEN t.state = 'proposed' ELSE 1 = 1 END
ORDER BY t.amount DESC, t.id
LIMIT 1000
