-- Key customers, by how long nobody was in touch; who never was counts from the day the owner got it.
WITH held AS (
	SELECT c.id AS id, c.name AS name, c.owner AS owner, ($now - coalesce(c.last_activity_at, c.owned_at, c.created_at)) / 86400000 AS days
	FROM customer c
	WHERE c.key_account = 1 AND c.owner IS NOT NULL AND c.lifecycle <> 'lost' AND c.owner = coalesce($owner, c.owner)
)
SELECT h.id AS customer_id, h.name AS customer, m.id AS owner_id, m.label AS who, h.days AS idle_days
FROM held h
JOIN member m ON m.id = h.owner
WHERE h.days >= $days AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY h.days DESC, h.id
LIMIT 500
