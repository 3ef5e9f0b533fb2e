WITH latest AS (
	SELECT team, max(from_on) AS from_on FROM headcount_plan WHERE from_on <= $today GROUP BY team
), seller AS (
	SELECT m.id AS id, m.team AS team FROM member m
	WHERE m.active = 1 AND EXISTS (SELECT 1 FROM role r WHERE r.name = 'rep' AND m.roles LIKE '%,' || CAST(r.id AS TEXT) || ',%')
), people AS (
	SELECT team, count(*) AS n FROM seller GROUP BY team
), served AS (
	SELECT s.team AS team, count(*) AS n FROM customer c JOIN seller s ON s.id = c.owner GROUP BY s.team
), aimed AS (
	SELECT g.team AS team, CAST(max(g.value) AS BIGINT) AS value
	FROM target g
	JOIN target_plan p ON p.id = g.plan
	WHERE p.metric = (SELECT metric FROM
-- include target/chosen
	WHERE name = 'sales_amount') AND p.current = 1 AND g.person IS NULL AND g.customer IS NULL AND g.product IS NULL AND g.period = substr($today, 1, 4)
	GROUP BY g.team
), coming AS (
	SELECT team, count(*) AS n FROM candidate WHERE state IN ('applied', 'interview', 'offered') GROUP BY team
)
SELECT t.name AS team, p.planned AS planned, coalesce(people.n, 0) AS actual, p.planned - coalesce(people.n, 0) AS gap, coalesce(coming.n, 0) AS candidates,
       coalesce(served.n, 0) AS customers, coalesce(served.n, 0) * 10 / nullif(people.n, 0) AS per_head,
       aimed.value / nullif(people.n, 0) AS target_head, t.id AS team_id
FROM headcount_plan p
JOIN latest l ON l.team = p.team AND l.from_on = p.from_on
JOIN team t ON t.id = p.team
LEFT JOIN people ON people.team = p.team
LEFT JOIN served ON served.team = p.team
LEFT JOIN aimed ON aimed.team = p.team
LEFT JOIN coming ON coming.team = p.team
ORDER BY gap DESC, t.name, t.id
