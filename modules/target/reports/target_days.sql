-- The targets of the chosen plan, or of those in force; attain.c spreads them over days.
-- include targets
WHERE p.id = coalesce($plan, p.id)
AND (p.current = 1 OR $plan IS NOT NULL) AND (CAST(p.year AS TEXT) = substr(coalesce($period, $on), 1, 4) OR $plan IS NOT NULL)
ORDER BY p.id, t.id
