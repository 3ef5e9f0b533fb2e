-- Visits and talks by group: how many were effective, met who decides, brought an order; what they cost.
WITH edge AS (
	SELECT coalesce($from, substr($today, 1, 8) || '01') AS first_day
), done AS MATERIALIZED (
	SELECT member, sum(value) AS visits, 0 AS effective, 0 AS deciders, 0 AS ordered, 0 AS closing, 0 AS cold, 0 AS cost
	FROM visit_done WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, sum(value), 0, 0, 0, 0, 0
	FROM visit_effective WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, sum(value), 0, 0, 0, 0
	FROM visit_decider WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, 0, sum(value), 0, 0, 0
	FROM visit_ordered WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, 0, 0, sum(value), 0, 0
	FROM closing_attempts WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, 0, 0, 0, sum(value), 0
	FROM visit_cold WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
	UNION ALL SELECT member, 0, 0, 0, 0, 0, 0, sum(value)
	FROM visit_cost WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY member
), grouped AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) ELSE '*' END, '') AS bucket,
	       max(CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN t.name END) AS name,
	       CAST(sum(visits) AS BIGINT) AS visits, CAST(sum(effective) AS BIGINT) AS effective, CAST(sum(deciders) AS BIGINT) AS deciders,
	       CAST(sum(ordered) AS BIGINT) AS ordered, CAST(sum(closing) AS BIGINT) AS closing, CAST(sum(cold) AS BIGINT) AS cold, CAST(sum(cost) AS BIGINT) AS cost
	FROM done
	JOIN member m ON m.id = done.member
	LEFT JOIN team t ON t.id = m.team
	WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY 1
)
SELECT coalesce(g.name, '–') AS label, g.visits AS visits, g.effective AS effective, g.deciders AS deciders, g.ordered AS ordered, g.cold AS cold,
       CASE WHEN g.visits > 0 THEN 100.0 * g.closing / g.visits END AS closing, g.cost AS cost,
       CASE WHEN g.visits > 0 THEN 1.0 * g.cost / g.visits END AS cost_per_visit,
       CASE WHEN g.effective > 0 THEN 1.0 * g.cost / g.effective END AS cost_per_effective,
       CASE WHEN g.ordered > 0 THEN 1.0 * g.cost / g.ordered END AS cost_per_order,
       CASE WHEN $by = 'owner' THEN 'eq.' || g.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       edge.first_day AS since
FROM grouped g
CROSS JOIN edge
ORDER BY g.visits DESC, g.bucket
