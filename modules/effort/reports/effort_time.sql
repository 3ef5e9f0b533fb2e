-- Time in selling and value won in the period, by group; who earns less than half of the whole per hour is marked.
WITH edge AS (
	SELECT f.day AS first_day, f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day f
	JOIN calendar_day l ON l.day = $to
	WHERE f.day = coalesce($from, substr($today, 1, 8) || '01')
), person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), spent AS (
	-- By the time, not by the state: nearly all are done.
	SELECT CASE WHEN $by IN ('customer', 'industry', 'level') THEN coalesce(a.customer, (SELECT o.customer FROM opportunity o WHERE o.id = a.opportunity))
	            WHEN $by IN ('owner', 'team') THEN a.owner END AS thing, a.minutes AS minutes, 0 AS amount, 0 AS deals
	FROM edge
	CROSS JOIN activity a
	WHERE $by <> 'product' AND coalesce(a.state, '') = 'done' AND a.minutes > 0 AND a.done_at >= edge.from_at AND a.done_at < edge.until
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR a.owner IN (SELECT id FROM person))
	UNION ALL
	-- Deals are looked up once each, in their order.
	SELECT (SELECT o.product FROM opportunity o WHERE o.id = t.opportunity), t.minutes, 0, 0
	FROM (SELECT a.opportunity AS opportunity, sum(a.minutes) AS minutes
	      FROM edge
	      CROSS JOIN activity a
	      WHERE $by = 'product' AND coalesce(a.state, '') = 'done' AND a.minutes > 0 AND a.done_at >= edge.from_at AND a.done_at < edge.until
	      AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR a.owner IN (SELECT id FROM person))
	      GROUP BY a.opportunity) t
	UNION ALL
	SELECT CASE WHEN $by IN ('customer', 'industry', 'level') THEN o.customer WHEN $by IN ('owner', 'team') THEN o.owner WHEN $by = 'product' THEN o.product END,
	       0, coalesce(o.amount, 0), 1
	FROM opportunity o
	WHERE o.result = 'won' AND o.closed_on >= (SELECT first_day FROM edge) AND o.closed_on <= $to
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
), summed AS (
	SELECT thing, CAST(sum(minutes) AS BIGINT) AS minutes, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(deals) AS BIGINT) AS deals FROM spent GROUP BY thing
), grouped AS (
	-- By number, names are looked up for those that are shown.
	SELECT thing, CAST(NULL AS TEXT) AS level, minutes, amount, deals FROM summed WHERE $by NOT IN ('industry', 'level', 'team')
	UNION ALL
	SELECT CASE $by WHEN 'industry' THEN c.industry WHEN 'team' THEN m.team END, CASE WHEN $by = 'level' THEN c.level END,
	       CAST(sum(s.minutes) AS BIGINT), CAST(sum(s.amount) AS BIGINT), CAST(sum(s.deals) AS BIGINT)
	FROM summed s
	LEFT JOIN member m ON m.id = CASE WHEN $by = 'team' THEN s.thing END
	LEFT JOIN customer c ON c.id = CASE WHEN $by <> 'team' THEN s.thing END
	WHERE $by IN ('industry', 'level', 'team')
	GROUP BY 1, 2
), whole AS (
	SELECT CAST(sum(minutes) AS BIGINT) AS minutes, CAST(sum(amount) AS BIGINT) AS amount FROM grouped
), shown AS (
	SELECT thing, level, minutes, amount, deals, CASE WHEN $by = 'none' THEN '*' ELSE coalesce(CAST(thing AS TEXT), level, '') END AS bucket
	FROM grouped
	ORDER BY CASE WHEN minutes > 0 THEN 60.0 * amount / minutes ELSE 0.0 END DESC, minutes, coalesce(CAST(thing AS TEXT), level, '')
	LIMIT 500
)
SELECT coalesce(customer.name, industry.name, product.name, m.label, t.name, upper(g.level), '–') AS label, g.minutes AS minutes, g.deals AS deals, g.amount AS sales,
       CASE WHEN g.minutes > 0 THEN 60.0 * g.amount / g.minutes END AS per_hour,
       CASE WHEN whole.minutes > 0 THEN 60.0 * whole.amount / whole.minutes END AS overall,
       CASE WHEN g.minutes < 300 THEN 'few' WHEN 2.0 * g.amount * whole.minutes < 1.0 * whole.amount * g.minutes THEN 'low' ELSE 'fine' END AS return,
       CASE WHEN $by = 'customer' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS customer,
       CASE WHEN $by = 'industry' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS industry,
       CASE WHEN $by = 'level' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS level,
       CASE WHEN $by = 'product' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS product,
       CASE WHEN $by = 'owner' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       edge.first_day AS since
FROM shown g
CROSS JOIN whole
CROSS JOIN edge
LEFT JOIN customer ON $by = 'customer' AND customer.id = g.thing
LEFT JOIN industry ON $by = 'industry' AND industry.id = g.thing
LEFT JOIN product ON $by = 'product' AND product.id = g.thing
LEFT JOIN member m ON $by = 'owner' AND m.id = g.thing
LEFT JOIN team t ON $by = 'team' AND t.id = g.thing
ORDER BY CASE WHEN g.minutes > 0 THEN 60.0 * g.amount / g.minutes ELSE 0.0 END DESC, g.minutes, g.bucket
