-- Time in selling and value won in the period, by group; who earns less than half of the whole per hour is marked.
WITH edge AS (
	SELECT f.day AS first_day, f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day f
	JOIN calendar_day l ON l.day = $to
	WHERE f.day = coalesce($from, substr($today, 1, 8) || '01')
), spent AS (
	SELECT a.owner AS owner, coalesce(a.customer, o.customer) AS customer, a.minutes AS minutes, 0 AS amount, 0 AS deals
	FROM activity a
	LEFT JOIN opportunity o ON o.id = a.opportunity
	WHERE a.state = 'done' AND a.minutes > 0 AND a.done_at >= (SELECT from_at FROM edge) AND a.done_at < (SELECT until FROM edge)
	UNION ALL
	SELECT o.owner, o.customer, 0, coalesce(o.amount, 0), 1
	FROM opportunity o
	WHERE o.result = 'won' AND o.closed_on >= (SELECT first_day FROM edge) AND o.closed_on <= $to
), grouped AS (
	SELECT coalesce(CASE $by WHEN 'customer' THEN CAST(s.customer AS TEXT) WHEN 'industry' THEN CAST(c.industry AS TEXT)
	                WHEN 'level' THEN c.level WHEN 'owner' THEN CAST(s.owner AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) ELSE '*' END, '') AS bucket,
	       max(CASE $by WHEN 'customer' THEN c.name WHEN 'industry' THEN i.name WHEN 'level' THEN upper(c.level) WHEN 'owner' THEN m.label WHEN 'team' THEN t.name END) AS name,
	       CAST(sum(s.minutes) AS BIGINT) AS minutes, CAST(sum(s.amount) AS BIGINT) AS amount, CAST(sum(s.deals) AS BIGINT) AS deals
	FROM spent s
	LEFT JOIN member m ON m.id = s.owner
	LEFT JOIN team t ON t.id = m.team
	LEFT JOIN customer c ON c.id = s.customer
	LEFT JOIN industry i ON i.id = c.industry
	WHERE coalesce(s.owner, 0) = coalesce($owner, s.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
	GROUP BY 1
), whole AS (
	SELECT CAST(sum(minutes) AS BIGINT) AS minutes, CAST(sum(amount) AS BIGINT) AS amount FROM grouped
)
SELECT coalesce(g.name, '–') AS label, g.minutes AS minutes, g.deals AS deals, g.amount AS sales,
       CASE WHEN g.minutes > 0 THEN 60.0 * g.amount / g.minutes END AS per_hour,
       CASE WHEN whole.minutes > 0 THEN 60.0 * whole.amount / whole.minutes END AS overall,
       CASE WHEN g.minutes < 300 THEN 'few' WHEN 2.0 * g.amount * whole.minutes < 1.0 * whole.amount * g.minutes THEN 'low' ELSE 'fine' END AS return,
       CASE WHEN $by = 'customer' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS customer,
       CASE WHEN $by = 'industry' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS industry,
       CASE WHEN $by = 'level' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS level,
       CASE WHEN $by = 'owner' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       edge.first_day AS since
FROM grouped g
CROSS JOIN whole
CROSS JOIN edge
ORDER BY CASE WHEN g.minutes > 0 THEN 60.0 * g.amount / g.minutes ELSE 0.0 END DESC, g.minutes, g.bucket
LIMIT 500
