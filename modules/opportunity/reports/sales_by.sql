-- Value won in the period, by whatever was asked for.
WITH person AS (
	SELECT member.id AS id, member.label AS label, member.team AS team, own.name AS team_name,
	       CASE WHEN own.kind = 'region' THEN own.id WHEN up.kind = 'region' THEN up.id
	            WHEN top.kind = 'region' THEN top.id END AS region,
	       CASE WHEN own.kind = 'region' THEN own.name WHEN up.kind = 'region' THEN up.name
	            WHEN top.kind = 'region' THEN top.name END AS region_name
	FROM member
	LEFT JOIN team own ON own.id = member.team
	LEFT JOIN team up ON up.id = own.parent
	LEFT JOIN team top ON top.id = up.parent
), deal AS (
	SELECT o.amount AS amount,
	       CASE $by
	       WHEN 'owner' THEN CAST(o.owner AS TEXT)
	       WHEN 'team' THEN CAST(person.team AS TEXT)
	       WHEN 'region' THEN CAST(person.region AS TEXT)
	       WHEN 'product' THEN CAST(o.product AS TEXT)
	       WHEN 'source' THEN CAST(o.source AS TEXT)
	       WHEN 'customer' THEN CAST(o.customer AS TEXT)
	       WHEN 'industry' THEN CAST(customer.industry AS TEXT)
	       WHEN 'quarter' THEN substr(o.closed_on, 1, 4) || CASE
	            WHEN substr(o.closed_on, 6, 2) <= '03' THEN '-Q1'
	            WHEN substr(o.closed_on, 6, 2) <= '06' THEN '-Q2'
	            WHEN substr(o.closed_on, 6, 2) <= '09' THEN '-Q3' ELSE '-Q4' END
	       ELSE substr(o.closed_on, 1, 7) END AS bucket,
	       CASE $by
	       WHEN 'owner' THEN person.label
	       WHEN 'team' THEN person.team_name
	       WHEN 'region' THEN person.region_name
	       WHEN 'product' THEN product.name
	       WHEN 'source' THEN source.name
	       WHEN 'customer' THEN customer.name
	       WHEN 'industry' THEN industry.name END AS name
	FROM opportunity o
	LEFT JOIN person ON person.id = o.owner
	LEFT JOIN product ON product.id = o.product
	LEFT JOIN source ON source.id = o.source
	LEFT JOIN customer ON customer.id = o.customer
	LEFT JOIN industry ON industry.id = customer.industry
	WHERE o.result = 'won'
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(person.team, 0) = coalesce($team, person.team, 0)
), grouped AS (
	SELECT coalesce(bucket, '') AS bucket, max(name) AS name, count(*) AS deals,
	       CAST(coalesce(sum(amount), 0) AS BIGINT) AS value
	FROM deal
	GROUP BY coalesce(bucket, '')
), whole AS (
	SELECT CAST(sum(value) AS BIGINT) AS value FROM grouped
)
SELECT CASE WHEN g.bucket = '' THEN '–' ELSE coalesce(g.name, g.bucket) END AS label,
       g.deals AS count,
       g.value AS value,
       CASE WHEN whole.value > 0 THEN (g.value * 20000 + whole.value) / (2 * whole.value) END AS share,
       (2 * g.value + g.deals) / (2 * g.deals) AS average
FROM grouped g
CROSS JOIN whole
ORDER BY CASE WHEN $by = 'month' OR $by = 'quarter' THEN g.bucket END, g.value DESC, g.bucket
