-- The targets in force of the metric; market.c sets them beside potential and history.
-- include targets
WHERE p.current = 1 AND p.metric = coalesce((SELECT metric FROM
-- include chosen
WHERE name = $metric), $metric)
AND CAST(p.year AS TEXT) = substr(coalesce($period, $on), 1, 4)
ORDER BY p.id, t.id
