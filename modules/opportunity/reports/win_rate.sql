-- Won, lost and open opportunities by group, with both win rates and the median days from
-- engagement to closing.  Columns that are not declared are the tests of the list behind a row.
WITH RECURSIVE place AS (
	-- Each team with its nearest region; where there are no regions the team stands for itself.
	SELECT own.id AS team, own.name AS name,
	       CASE WHEN own.kind = 'region' THEN own.id WHEN up.kind = 'region' THEN up.id
	            WHEN top.kind = 'region' THEN top.id ELSE own.id END AS region,
	       CASE WHEN own.kind = 'region' THEN own.name WHEN up.kind = 'region' THEN up.name
	            WHEN top.kind = 'region' THEN top.name ELSE own.name END AS region_name
	FROM team own
	LEFT JOIN team up ON up.id = own.parent
	LEFT JOIN team top ON top.id = up.parent
), numbered AS (
	SELECT team, region, row_number() OVER (PARTITION BY region ORDER BY team) AS place,
	       count(*) OVER (PARTITION BY region) AS places
	FROM place
), listed AS (
	-- The teams of a region as "1,2,3", one more each round.
	SELECT region, place, places, CAST(team AS TEXT) AS teams FROM numbered WHERE place = 1
	UNION ALL
	SELECT n.region, n.place, n.places, listed.teams || ',' || CAST(n.team AS TEXT)
	FROM listed
	JOIN numbered n ON n.region = listed.region AND n.place = listed.place + 1
), deal AS (
	SELECT o.result AS result, o.amount AS amount, o.cycle_days AS days, o.closed_on AS closed_on,
	       coalesce(CASE $by
	       WHEN 'owner' THEN CAST(o.owner AS TEXT)
	       WHEN 'team' THEN CAST(member.team AS TEXT)
	       WHEN 'region' THEN CAST(place.region AS TEXT)
	       WHEN 'leader' THEN CAST(member.leader AS TEXT)
	       WHEN 'product' THEN CAST(o.product AS TEXT)
	       WHEN 'source' THEN CAST(o.source AS TEXT)
	       WHEN 'month' THEN calendar_day.month
	       WHEN 'quarter' THEN calendar_day.quarter
	       ELSE '*' END, '') AS bucket,
	       CASE $by
	       WHEN 'owner' THEN member.label
	       WHEN 'team' THEN place.name
	       WHEN 'region' THEN place.region_name
	       WHEN 'leader' THEN leader.label
	       WHEN 'product' THEN product.name
	       WHEN 'source' THEN source.name
	       WHEN 'month' THEN calendar_day.month
	       WHEN 'quarter' THEN calendar_day.quarter END AS name
	FROM opportunity o
	LEFT JOIN member ON member.id = o.owner
	LEFT JOIN place ON place.team = member.team
	LEFT JOIN member leader ON leader.id = member.leader
	LEFT JOIN product ON product.id = o.product
	LEFT JOIN source ON source.id = o.source
	LEFT JOIN calendar_day ON calendar_day.day = o.closed_on
	WHERE o.pipeline = coalesce($pipeline, o.pipeline)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND coalesce(member.leader, 0) = coalesce($leader, member.leader, 0)
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.source, 0) = coalesce($source, o.source, 0)
	AND (o.result = 'open'
	     OR (o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')))
), ranked AS (
	SELECT bucket, result, days,
	       row_number() OVER (PARTITION BY bucket, result ORDER BY days) AS place,
	       count(*) OVER (PARTITION BY bucket, result) AS places
	FROM deal
	WHERE days IS NOT NULL
), median AS (
	-- Tenths of a day: ten times the middle one, or five times the sum of the middle two.
	SELECT bucket, result, CAST(sum(days) AS BIGINT) * 10 / count(*) AS days
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY bucket, result
), grouped AS (
	SELECT bucket, max(name) AS name,
	       count(*) FILTER (WHERE result = 'won') AS won,
	       count(*) FILTER (WHERE result = 'lost') AS lost,
	       count(*) FILTER (WHERE result = 'open') AS still_open,
	       coalesce(sum(amount) FILTER (WHERE result = 'won'), 0) AS value_won,
	       CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test,
	       CASE WHEN $by = 'month' OR $by = 'quarter' THEN 1 ELSE 0 END AS dated,
	       min(closed_on) AS first_day, max(closed_on) AS last_day
	FROM deal
	GROUP BY bucket
)
SELECT coalesce(g.name, '–') AS label,
       g.won AS won,
       g.lost AS lost,
       g.still_open AS open,
       CASE WHEN g.won + g.lost > 0
            THEN (g.won * 20000 + g.won + g.lost) / (2 * (g.won + g.lost)) END AS rate_closed,
       (g.won * 20000 + g.won + g.lost + g.still_open) / (2 * (g.won + g.lost + g.still_open)) AS rate_all,
       CAST(g.value_won AS BIGINT) AS value_won,
       CAST(won.days AS BIGINT) AS cycle_median_days,
       CAST(lost.days AS BIGINT) AS cycle_lost_median_days,
       CASE WHEN $by = 'owner' THEN g.test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN g.test
            WHEN $by = 'region' THEN coalesce('eq.' || CAST($team AS TEXT), 'in.(' || listed.teams || ')')
            ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'leader' THEN g.test ELSE 'eq.' || CAST($leader AS TEXT) END AS leader,
       CASE WHEN $by = 'product' THEN g.test ELSE 'eq.' || CAST($product AS TEXT) END AS product,
       CASE WHEN $by = 'source' THEN g.test ELSE 'eq.' || CAST($source AS TEXT) END AS source,
       -- Open ones have no closing day: with a period, the list shows what ended in it.
       CASE WHEN g.dated = 1 AND g.bucket = '' THEN 'is.null'
            ELSE 'gte.' || CASE WHEN g.dated = 1 THEN g.first_day ELSE $from END END AS "from",
       'lte.' || CASE WHEN g.dated = 1 THEN g.last_day ELSE $to END AS "to"
FROM grouped g
LEFT JOIN median won ON won.bucket = g.bucket AND won.result = 'won'
LEFT JOIN median lost ON lost.bucket = g.bucket AND lost.result = 'lost'
LEFT JOIN listed ON CAST(listed.region AS TEXT) = g.bucket AND listed.place = listed.places AND $by = 'region'
ORDER BY CASE WHEN g.dated = 1 THEN g.bucket END, g.value_won DESC, g.bucket
