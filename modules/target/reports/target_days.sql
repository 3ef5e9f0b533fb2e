-- The targets of the chosen plan, or of those in force; attain.c spreads them over days.
-- include targets
WHERE p.id = coalesce($plan, p.id)
AND (p.current = 1 OR $plan IS NOT NULL) AND (p.year = CAST(substr(coalesce($period, $on), 1, 4) AS INTEGER) OR $plan IS NOT NULL)
ORDER BY p.id, t.id
