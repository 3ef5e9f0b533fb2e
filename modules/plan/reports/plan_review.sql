WITH spent AS (
	SELECT initiative, CAST(sum(amount) AS BIGINT) AS amount FROM expense WHERE kind = 'claim' AND counts = 1 AND initiative IS NOT NULL GROUP BY initiative
)
SELECT 0 AS place, g.id AS id, g.name AS name, m.label AS who, g.metric AS metric, g.from_on AS from_on, g.to_on AS to_on, g.base AS base, g.wanted AS planned,
       NULL AS actual, NULL AS state, p.from_on AS plan_from, p.to_on AS plan_to
FROM plan_goal g
JOIN sales_plan p ON p.id = g.plan
LEFT JOIN member m ON m.id = g.owner
WHERE g.plan = $plan
UNION ALL
SELECT 1, i.id, i.name, m.label, NULL, NULL, i.due_on, NULL, i.budget, coalesce(s.amount, 0), i.state, NULL, NULL
FROM initiative i
LEFT JOIN spent s ON s.initiative = i.id
LEFT JOIN member m ON m.id = i.owner
WHERE i.plan = $plan
ORDER BY place, id
