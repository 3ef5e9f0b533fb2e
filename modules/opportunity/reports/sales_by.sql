-- Value won in the period, by whatever was asked for.  Columns that are not declared are the
-- tests of the list behind a row.
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
	SELECT o.amount AS amount,
	       CASE $by
	       WHEN 'owner' THEN CAST(o.owner AS TEXT)
	       WHEN 'team' THEN CAST(member.team AS TEXT)
	       WHEN 'region' THEN CAST(place.region AS TEXT)
	       WHEN 'leader' THEN CAST(member.leader AS TEXT)
	       WHEN 'product' THEN CAST(o.product AS TEXT)
	       WHEN 'source' THEN CAST(o.source AS TEXT)
	       WHEN 'customer' THEN CAST(o.customer AS TEXT)
	       WHEN 'industry' THEN CAST(customer.industry AS TEXT)
	       WHEN 'quarter' THEN calendar_day.quarter
	       ELSE calendar_day.month END AS bucket,
	       CASE $by
	       WHEN 'owner' THEN member.label
	       WHEN 'team' THEN place.name
	       WHEN 'region' THEN place.region_name
	       WHEN 'leader' THEN leader.label
	       WHEN 'product' THEN product.name
	       WHEN 'source' THEN source.name
	       WHEN 'customer' THEN customer.name
	       WHEN 'industry' THEN industry.name
	       WHEN 'quarter' THEN calendar_day.quarter
	       WHEN 'month' THEN calendar_day.month END AS name,
	       o.closed_on AS closed_on
	FROM opportunity o
	LEFT JOIN member ON member.id = o.owner
	LEFT JOIN place ON place.team = member.team
	LEFT JOIN member leader ON leader.id = member.leader
	LEFT JOIN product ON product.id = o.product
	LEFT JOIN source ON source.id = o.source
	LEFT JOIN customer ON customer.id = o.customer
	LEFT JOIN industry ON industry.id = customer.industry
	LEFT JOIN calendar_day ON calendar_day.day = o.closed_on
	WHERE o.result = 'won'
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND coalesce(member.leader, 0) = coalesce($leader, member.leader, 0)
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.source, 0) = coalesce($source, o.source, 0)
	AND coalesce(o.customer, 0) = coalesce($customer, o.customer, 0)
	AND coalesce(customer.industry, 0) = coalesce($industry, customer.industry, 0)
), grouped AS (
	SELECT coalesce(bucket, '') AS bucket, max(name) AS name, count(*) AS deals,
	       CAST(coalesce(sum(amount), 0) AS BIGINT) AS value,
	       min(closed_on) AS first_day, max(closed_on) AS last_day
	FROM deal
	GROUP BY coalesce(bucket, '')
), tested AS (
	SELECT grouped.*, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test,
	       CASE WHEN $by = 'month' OR $by = 'quarter' THEN 1 ELSE 0 END AS dated
	FROM grouped
), whole AS (
	SELECT CAST(sum(value) AS BIGINT) AS value FROM grouped
)
SELECT coalesce(t.name, '–') AS label,
       t.deals AS count,
       t.value AS value,
       CASE WHEN whole.value > 0 THEN (t.value * 20000 + whole.value) / (2 * whole.value) END AS share,
       (2 * t.value + t.deals) / (2 * t.deals) AS average,
       CASE WHEN $by = 'owner' THEN t.test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN t.test
            WHEN $by = 'region' THEN coalesce('eq.' || CAST($team AS TEXT), 'in.(' || listed.teams || ')')
            ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'leader' THEN t.test ELSE 'eq.' || CAST($leader AS TEXT) END AS leader,
       CASE WHEN $by = 'product' THEN t.test ELSE 'eq.' || CAST($product AS TEXT) END AS product,
       CASE WHEN $by = 'source' THEN t.test ELSE 'eq.' || CAST($source AS TEXT) END AS source,
       CASE WHEN $by = 'customer' THEN t.test ELSE 'eq.' || CAST($customer AS TEXT) END AS customer,
       CASE WHEN $by = 'industry' THEN t.test ELSE 'eq.' || CAST($industry AS TEXT) END AS industry,
       'gte.' || CASE WHEN t.dated = 1 THEN t.first_day ELSE $from END AS "from",
       'lte.' || CASE WHEN t.dated = 1 THEN t.last_day ELSE $to END AS "to"
FROM tested t
CROSS JOIN whole
LEFT JOIN listed ON CAST(listed.region AS TEXT) = t.bucket AND listed.place = listed.places AND $by = 'region'
ORDER BY CASE WHEN t.dated = 1 THEN t.bucket END, t.value DESC, t.bucket
