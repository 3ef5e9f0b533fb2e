-- One by one, the latest first.
WITH
-- include decider_deal
SELECT k.id AS opportunity_id, (SELECT o.name FROM opportunity o WHERE o.id = k.id) AS opportunity, m.label AS owner_name, k.met AS met, CASE WHEN k.result = 'won' THEN 1 ELSE 0 END AS won,
       k.amount AS value, k.closed_on AS closed_on
FROM known k
LEFT JOIN member m ON m.id = k.owner
WHERE k.met = coalesce($met, k.met)
ORDER BY k.closed_on DESC, k.id DESC
LIMIT 1000
