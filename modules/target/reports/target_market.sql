-- The targets in force of the metric; market.c sets them beside potential and history.
-- include target_in_force
AND p.year = CAST(substr(coalesce($period, $on), 1, 4) AS INTEGER)
ORDER BY p.id, t.id
