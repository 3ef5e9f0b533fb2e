-- The targets in force that may count for the unit; attain.c spreads them over days.
-- include targets
WHERE p.current = 1 AND p.metric = coalesce((SELECT metric FROM
-- include chosen
WHERE name = $metric), $metric)
AND p.year >= CAST(substr($from, 1, 4) AS INTEGER) AND p.year <= CAST(substr($to, 1, 4) AS INTEGER)
AND coalesce(t.person, t.owner, 0) = coalesce($person, t.person, t.owner, 0)
ORDER BY p.id, t.id
