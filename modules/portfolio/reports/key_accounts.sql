WITH since AS MATERIALIZED (
	SELECT b.day AS day FROM calendar_day n JOIN calendar_day b ON b.day_number = n.day_number - 364 WHERE n.day = $today
), sold AS MATERIALIZED (
	SELECT o.customer AS customer, CAST(sum(o.amount) AS BIGINT) AS amount
	FROM since
	CROSS JOIN opportunity o
	WHERE o.result = 'won' AND o.closed_on >= since.day AND o.closed_on <= $today AND o.customer IS NOT NULL
	GROUP BY o.customer
	HAVING sum(o.amount) > 0
), whole AS MATERIALIZED (
	SELECT CAST(sum(amount) AS BIGINT) AS amount FROM sold
), ranked AS (
	SELECT s.customer AS customer, s.amount AS amount, w.amount AS whole, CAST(sum(s.amount) OVER (ORDER BY s.amount DESC, s.customer ROWS UNBOUNDED PRECEDING) AS BIGINT) AS together,
	       row_number() OVER (ORDER BY s.amount DESC, s.customer ROWS UNBOUNDED PRECEDING) AS place
	FROM sold s
	CROSS JOIN whole w
), keys AS MATERIALIZED (
	SELECT id FROM customer WHERE key_account = 1
), listed AS (
	-- The first thousand are among as many, and those that are key accounts already.
	SELECT r.customer AS id, r.amount AS amount, r.amount * 10000 / r.whole AS part, r.together * 10000 / r.whole AS together, CASE WHEN (r.together - r.amount) * 10000 < r.whole * $share THEN 1 ELSE 0 END AS top
	FROM ranked r
	WHERE ((r.together - r.amount) * 10000 < r.whole * $share AND r.place <= 1000 + (SELECT count(*) FROM keys)) OR r.customer IN (SELECT id FROM keys)
	UNION ALL
	-- Those nothing was sold to.
	SELECT k.id, 0, NULL, NULL, 0
	FROM keys k
	WHERE NOT EXISTS (SELECT 1 FROM since CROSS JOIN opportunity o WHERE o.customer = k.id AND o.result = 'won' AND o.closed_on >= since.day AND o.closed_on <= $today GROUP BY o.customer HAVING sum(o.amount) > 0)
), told AS (
	SELECT c.id AS id, c.name AS name, c.owner AS owner, l.amount AS amount, l.part AS part, l.together AS together, c.key_account AS key_account, c.key_reason AS reason,
	       coalesce(c.owned_at, c.created_at) AS owned_at, CASE WHEN c.key_account = 1 AND l.top = 1 THEN 'key' WHEN c.key_account = 1 THEN 'by_hand' ELSE 'proposed' END AS state
	FROM listed l
	CROSS JOIN customer c
	WHERE c.id = l.id AND CASE $state WHEN 'key' THEN c.key_account = 1 WHEN 'proposed' THEN coalesce(c.key_account, 0) <> 1 ELSE 1 = 1 END
	ORDER BY l.amount DESC, c.id
	LIMIT 1000
), met AS (
	SELECT told.*, CASE WHEN told.key_account = 1 THEN (SELECT max(a.done_at) FROM activity a WHERE a.customer = told.id AND a.state = 'done' AND (a.around = 1 OR a.joint = 1)) END AS met_at
	FROM told
)
SELECT t.name AS customer, t.id AS customer_id, t.owner AS owner_id, m.label AS who, t.amount AS amount, t.part AS part, t.together AS together, t.state AS state,
       t.reason AS reason, (SELECT d.day FROM calendar_day d WHERE d.starts_at <= t.met_at ORDER BY d.starts_at DESC LIMIT 1) AS manager_on,
       CASE WHEN t.key_account = 1 THEN ($now - coalesce(t.met_at, t.owned_at)) / 86400000 END AS manager_days
FROM met t
LEFT JOIN member m ON m.id = t.owner
ORDER BY t.amount DESC, t.id
