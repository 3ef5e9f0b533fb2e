WITH
-- include stock/level
SELECT p.id AS product_id, p.name AS name, p.keeper AS keeper_id, k.label AS keeper, l.on_hand, p.least, CASE WHEN l.on_hand < coalesce(p.least, 0) THEN 1 ELSE 0 END AS short,
       CASE WHEN l.on_hand < coalesce(p.least, 0) THEN coalesce(p.least, 0) - l.on_hand END AS missing, l.counted_on, l.came, l.went
FROM level l
JOIN product p ON p.id = l.product
LEFT JOIN member k ON k.id = p.keeper
WHERE p.id = coalesce(CAST($product AS BIGINT), p.id) AND (coalesce(CAST($short AS BIGINT), 0) = 0 OR l.on_hand < coalesce(p.least, 0))
ORDER BY short DESC, p.name, p.id
