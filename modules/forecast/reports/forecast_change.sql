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
), was AS MATERIALIZED (
	SELECT l.opportunity AS id, l.owner AS owner, l.amount AS amount, l.probability AS probability, l.close_on AS close_on,
	       CASE WHEN l.close_on <= edge.last_day THEN (coalesce(l.amount, 0) * coalesce(l.probability, 0) + 5000) / 10000 ELSE 0 END AS value
	FROM edge
	JOIN forecast_line l ON l.since <= edge.since AND coalesce(l.until, '9') > edge.since
	WHERE l.owner = coalesce($owner, l.owner)
), is_now AS MATERIALIZED (
	-- What adds something.
	SELECT o.id AS id, o.owner AS owner, o.amount AS amount, o.close_on AS close_on, o.result AS result,
	       (coalesce(o.amount, 0) * coalesce(o.probability, 0) + 5000) / 10000 AS value
	FROM edge
	CROSS JOIN opportunity o
	WHERE o.result = 'open' AND o.close_on <= edge.last_day AND o.owner = coalesce($owner, o.owner)
	UNION ALL
	SELECT o.id, o.owner, o.amount, o.close_on, o.result, coalesce(o.amount, 0)
	FROM edge
	CROSS JOIN opportunity o
	WHERE o.result = 'won' AND o.closed_on >= edge.since AND o.closed_on <= edge.last_day AND o.owner = coalesce($owner, o.owner)
), person AS MATERIALIZED (
	SELECT id FROM member WHERE team = CAST($team AS BIGINT)
), judged AS MATERIALIZED (
	SELECT n.id AS id, n.owner AS owner, coalesce(was.value, 0) AS before, n.value AS after, was.close_on AS close_was, n.close_on AS close_on,
	       CASE WHEN n.result = 'won' THEN 'won' WHEN was.value IS NULL THEN 'added'
	            WHEN coalesce(was.close_on, '') <> coalesce(n.close_on, '') AND (was.value = 0 OR n.value = 0) THEN 'moved'
	            WHEN coalesce(was.amount, 0) <> coalesce(n.amount, 0) THEN 'amount' ELSE 'chance' END AS what
	FROM is_now n
	LEFT JOIN was ON was.id = n.id
	WHERE n.value <> coalesce(was.value, 0) AND (CAST($team AS BIGINT) IS NULL OR n.owner IN (SELECT id FROM person))
	UNION ALL
	-- What added something, and is no longer among them.
	SELECT was.id, coalesce(o.owner, was.owner), was.value, 0, was.close_on, o.close_on,
	       CASE WHEN o.id IS NULL THEN 'gone' WHEN o.result <> 'open' THEN o.result
	            WHEN coalesce(was.close_on, '') <> coalesce(o.close_on, '') THEN 'moved'
	            WHEN coalesce(was.amount, 0) <> coalesce(o.amount, 0) THEN 'amount' ELSE 'chance' END
	FROM edge
	CROSS JOIN was
	LEFT JOIN opportunity o ON o.id = was.id AND o.owner = coalesce($owner, o.owner) AND (o.result = 'open' OR o.closed_on >= edge.since)
	WHERE was.value <> 0 AND was.id NOT IN (SELECT id FROM is_now) AND (CAST($team AS BIGINT) IS NULL OR coalesce(o.owner, was.owner) IN (SELECT id FROM person))
), first AS MATERIALIZED (
	-- The largest are found without putting the others in order.
	SELECT largest.*, row_number() OVER (ORDER BY abs(after - before) DESC, id) AS place
	FROM (SELECT * FROM judged ORDER BY abs(after - before) DESC, id LIMIT coalesce($after, 0) + coalesce($lines, 0)) largest
), line AS (
	-- The largest one by one, the others together.
	SELECT place, 1 AS n, id, owner, what, before, after, close_was, close_on FROM first WHERE place > $after
	UNION ALL
	SELECT $after + $lines + 1, CAST(sum(n) AS BIGINT), NULL, NULL, what, CAST(sum(before) AS BIGINT), CAST(sum(after) AS BIGINT), NULL, NULL
	FROM (SELECT what, 1 AS n, before, after FROM judged UNION ALL SELECT what, -1, -before, -after FROM first) rest
	GROUP BY what
	HAVING sum(n) > 0
)
SELECT line.id AS opportunity_id, CASE WHEN line.id IS NULL THEN '∑' ELSE o.name END AS opportunity, line.n AS number, member.label AS owner_name, line.what AS what,
       line.before AS value_before, line.after AS value_after, line.after - line.before AS difference, line.close_was AS close_before, line.close_on AS close_after,
       CASE WHEN line.id IS NULL THEN 'report/forecast_change?after=' || CAST($after + $lines AS TEXT) || '&lines=' || CAST($lines AS TEXT) || '&period=' || $period || coalesce('&since=' || $since, '')
            || coalesce('&team=' || CAST($team AS TEXT), '') || coalesce('&owner=' || CAST($owner AS TEXT), '') END AS open
FROM line
LEFT JOIN member ON member.id = line.owner
LEFT JOIN opportunity o ON o.id = line.id AND line.what <> 'gone'
ORDER BY line.place, line.what
