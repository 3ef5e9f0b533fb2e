-- The targets of the chosen plan, or of those in force; attain.c compares them with what was reached.
WITH chosen AS (
	SELECT coalesce($plan, (SELECT n.plan FROM target n WHERE n.id = $node)) AS plan
)
-- include targets
WHERE p.id = (SELECT plan FROM chosen)
OR ((SELECT plan FROM chosen) IS NULL AND p.current = 1 AND p.year = CAST(substr($on, 1, 4) AS INTEGER))
ORDER BY p.id, t.id
