-- Each opportunity as it was that morning and as it is now, by what it adds to the weighted forecast.
WITH now AS (
	SELECT day, month, quarter
	FROM calendar_day
	WHERE day = $today
), edge AS MATERIALIZED (
	SELECT min(c.day) AS first_day, max(c.day) AS last_day, coalesce($since, min(c.day)) AS since
	FROM calendar_day c
	JOIN now ON CASE $period WHEN 'this_quarter' THEN now.quarter ELSE now.month END =
	            CASE $period WHEN 'this_quarter' THEN c.quarter ELSE c.month END
), was AS (
	SELECT l.opportunity AS id, l.owner AS owner, l.amount AS amount, l.probability AS probability, l.close_on AS close_on,
	       CASE WHEN l.close_on <= edge.last_day THEN (coalesce(l.amount, 0) * coalesce(l.probability, 0) + 5000) / 10000 ELSE 0 END AS value
	FROM edge
	JOIN forecast_line l ON l.since <= edge.since AND coalesce(l.until, '9') > edge.since
	WHERE l.owner = coalesce($owner, l.owner)
), is_now AS (
	SELECT o.id AS id, o.owner AS owner, o.amount AS amount, o.probability AS probability, o.close_on AS close_on, o.result AS result,
	       CASE WHEN o.close_on <= edge.last_day THEN (coalesce(o.amount, 0) * coalesce(o.probability, 0) + 5000) / 10000 ELSE 0 END AS value
	FROM edge
	CROSS JOIN opportunity o
	WHERE o.result = 'open' AND o.owner = coalesce($owner, o.owner)
	UNION ALL
	SELECT o.id, o.owner, o.amount, o.probability, o.close_on, o.result,
	       CASE WHEN o.result = 'won' AND o.closed_on <= edge.last_day THEN coalesce(o.amount, 0) ELSE 0 END
	FROM edge
	CROSS JOIN opportunity o
	WHERE o.result <> 'open' AND o.closed_on >= edge.since AND o.owner = coalesce($owner, o.owner)
), pair AS (
	SELECT is_now.id AS id, is_now.owner AS owner, is_now.result AS result,
	       was.value AS before, is_now.value AS after, was.amount AS amount_was, is_now.amount AS amount,
	       was.close_on AS close_was, is_now.close_on AS close_on
	FROM is_now
	LEFT JOIN was ON was.id = is_now.id
	WHERE is_now.value <> coalesce(was.value, 0)
	UNION ALL
	SELECT was.id, was.owner, 'gone', was.value, 0, was.amount, NULL, was.close_on, NULL
	FROM was
	WHERE was.value <> 0
	AND NOT EXISTS (SELECT 1 FROM opportunity o WHERE o.id = was.id AND o.owner = coalesce($owner, o.owner)
	                AND (o.result = 'open' OR o.closed_on >= (SELECT since FROM edge)))
)
SELECT pair.id AS opportunity_id, o.name AS opportunity, member.label AS owner_name,
       CASE WHEN pair.result = 'gone' THEN 'gone' WHEN pair.result = 'won' THEN 'won' WHEN pair.result = 'lost' THEN 'lost'
            WHEN pair.before IS NULL THEN 'added'
            WHEN coalesce(pair.close_was, '') <> coalesce(pair.close_on, '') AND (pair.before = 0 OR pair.after = 0) THEN 'moved'
            WHEN coalesce(pair.amount_was, 0) <> coalesce(pair.amount, 0) THEN 'amount'
            ELSE 'chance' END AS what,
       coalesce(pair.before, 0) AS value_before, pair.after AS value_after, pair.after - coalesce(pair.before, 0) AS difference,
       pair.close_was AS close_before, pair.close_on AS close_after
FROM pair
LEFT JOIN member ON member.id = pair.owner
LEFT JOIN opportunity o ON o.id = pair.id AND pair.result <> 'gone'
WHERE coalesce(member.team, 0) = coalesce($team, member.team, 0)
ORDER BY abs(pair.after - coalesce(pair.before, 0)) DESC, pair.id
