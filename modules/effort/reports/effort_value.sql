-- Sales and commission against calls and visits, by group.  The interval is that of a sum of so many deals
-- of these sizes: sales ± 1.96 √Σ amount² (compound Poisson).
WITH edge AS (
	SELECT coalesce($from, substr($today, 1, 8) || '01') AS first_day
), person AS (
	SELECT m.id AS id, m.label AS label, m.team AS team, team.name AS team_name
	FROM member m
	LEFT JOIN team ON team.id = m.team
	WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), done AS (
	SELECT member, substr(day, 1, 7) AS month, sum(value) AS calls, 0 AS visits, 0 AS deals, 0 AS amount, 0.0 AS square, 0 AS commission
	FROM call_done WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY 1, 2
	UNION ALL
	SELECT member, substr(day, 1, 7), 0, sum(value), 0, 0, 0.0, 0
	FROM visit_done WHERE grain = 'd' AND day >= (SELECT first_day FROM edge) AND day <= $to GROUP BY 1, 2
	UNION ALL
	SELECT owner, substr(closed_on, 1, 7), 0, 0, count(*), coalesce(sum(amount), 0), coalesce(sum(1.0 * amount * amount), 0), coalesce(CAST(sum(commission) AS BIGINT), 0)
	FROM opportunity WHERE result = 'won' AND closed_on >= (SELECT first_day FROM edge) AND closed_on <= $to GROUP BY 1, 2
), grouped AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(p.id AS TEXT) WHEN 'team' THEN CAST(p.team AS TEXT)
	                WHEN 'month' THEN done.month ELSE '*' END, '') AS bucket,
	       max(CASE $by WHEN 'owner' THEN p.label WHEN 'team' THEN p.team_name WHEN 'month' THEN done.month END) AS name,
	       CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(visits) AS BIGINT) AS visits, CAST(sum(deals) AS BIGINT) AS deals,
	       CAST(sum(amount) AS BIGINT) AS amount, sqrt(sum(square)) AS spread, CAST(sum(commission) AS BIGINT) AS commission
	FROM done
	JOIN person p ON p.id = done.member
	GROUP BY 1
)
SELECT coalesce(g.name, '–') AS label, g.calls AS calls, g.visits AS visits, g.deals AS deals, g.amount AS sales, g.commission AS commission,
       CASE WHEN g.calls > 0 THEN 1.0 * g.amount / g.calls END AS sales_per_call,
       CASE WHEN g.calls > 0 AND g.deals >= 5 THEN CASE WHEN g.amount > 1.96 * g.spread THEN (g.amount - 1.96 * g.spread) / g.calls ELSE 0.0 END END AS call_low,
       CASE WHEN g.calls > 0 AND g.deals >= 5 THEN (g.amount + 1.96 * g.spread) / g.calls END AS call_high,
       CASE WHEN g.calls > 0 THEN 1.0 * g.commission / g.calls END AS commission_per_call,
       CASE WHEN g.visits > 0 THEN 1.0 * g.amount / g.visits END AS sales_per_visit,
       CASE WHEN g.visits > 0 AND g.deals >= 5 THEN CASE WHEN g.amount > 1.96 * g.spread THEN (g.amount - 1.96 * g.spread) / g.visits ELSE 0.0 END END AS visit_low,
       CASE WHEN g.visits > 0 AND g.deals >= 5 THEN (g.amount + 1.96 * g.spread) / g.visits END AS visit_high,
       CASE WHEN g.visits > 0 THEN 1.0 * g.commission / g.visits END AS commission_per_visit,
       CASE WHEN g.commission > 0 AND g.calls > 0 THEN CAST(($income * g.calls + g.commission - 1) / g.commission AS BIGINT) END AS calls_needed,
       CASE WHEN g.visits > 0 THEN 1.0 * g.amount * $days / g.visits END AS one_more,
       CASE WHEN $by = 'owner' THEN t.test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN t.test ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       'gte.' || CASE WHEN $by = 'month' AND g.bucket || '-01' > edge.first_day THEN g.bucket || '-01' ELSE edge.first_day END AS since,
       'lte.' || CASE WHEN $by = 'month' AND g.bucket || '-31' < $to THEN (SELECT max(c.day) FROM calendar_day c WHERE c.month = g.bucket) ELSE $to END AS until
FROM grouped g
CROSS JOIN edge
JOIN (SELECT bucket, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test FROM grouped) t ON t.bucket = g.bucket
ORDER BY CASE WHEN $by = 'month' THEN g.bucket END, g.amount DESC, g.bucket
