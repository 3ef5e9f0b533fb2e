-- How much of the value lies with the largest customers, by group (K-37).
WITH edge AS (
	SELECT coalesce($from, (SELECT c.day FROM calendar_day c WHERE c.day_number = (SELECT t.day_number FROM calendar_day t WHERE t.day = $to) - 364)) AS first_day
), held AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(o.owner AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) ELSE '*' END, '') AS bucket,
	       max(CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN t.name END) AS name,
	       coalesce(o.customer, -o.id) AS customer, CAST(sum(o.amount) AS BIGINT) AS amount
	FROM opportunity o
	LEFT JOIN member m ON m.id = o.owner
	LEFT JOIN team t ON t.id = m.team
	WHERE o.amount > 0 AND o.result = $of
	AND ($of = 'open' OR (o.closed_on >= (SELECT first_day FROM edge) AND o.closed_on <= $to))
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
	GROUP BY 1, coalesce(o.customer, -o.id)
), ranked AS (
	SELECT bucket, name, customer, amount, row_number() OVER (PARTITION BY bucket ORDER BY amount DESC, customer) AS place,
	       sum(amount) OVER (PARTITION BY bucket) AS total
	FROM held
), grouped AS (
	SELECT bucket, max(name) AS name, count(*) AS customers, CAST(sum(amount) AS BIGINT) AS amount,
	       CAST(sum(amount) FILTER (WHERE place <= 1) AS BIGINT) AS top1, CAST(sum(amount) FILTER (WHERE place <= 3) AS BIGINT) AS top3,
	       CAST(sum(amount) FILTER (WHERE place <= 5) AS BIGINT) AS top5, sum((1.0 * amount / total) * (1.0 * amount / total)) AS hhi,
	       max(CASE WHEN place = 1 THEN customer END) AS largest
	FROM ranked
	GROUP BY bucket
)
SELECT coalesce(g.name, '–') AS label, g.customers AS customers, g.amount AS amount, c.name AS largest,
       10000.0 * g.top1 / g.amount AS top1, 10000.0 * g.top3 / g.amount AS top3, 10000.0 * g.top5 / g.amount AS top5,
       10000.0 * g.hhi AS hhi, -10000.0 * g.top1 / g.amount AS lost,
       CASE WHEN g.hhi > 0.25 THEN 'concentrated' WHEN g.hhi >= 0.1 THEN 'balanced' ELSE 'spread' END AS risk,
       CASE WHEN g.customers < 2 THEN 'few' WHEN 1.0 * g.top1 * 10000 > 1.0 * g.amount * $share THEN 'large'
            WHEN (CASE WHEN g.hhi > 0.25 THEN 'concentrated' WHEN g.hhi >= 0.1 THEN 'balanced' ELSE 'spread' END) <> $wanted THEN 'other' ELSE 'none' END AS alert,
       CASE WHEN $by = 'owner' THEN 'eq.' || g.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $of = 'won' THEN edge.first_day END AS since, CASE WHEN $of = 'won' THEN $to END AS until
FROM grouped g
CROSS JOIN edge
LEFT JOIN customer c ON c.id = g.largest
ORDER BY g.hhi DESC, g.bucket
