-- Value won in the period, by whatever was asked for: from totals of persons, of products and sources, of industries;
-- deal by deal where several of these are asked about, or customers.  Columns that are not declared are the
-- tests of the list behind a row.
WITH RECURSIVE
-- include place
asked AS MATERIALIZED (
	SELECT CASE WHEN $by IN ('owner', 'team', 'region', 'leader') OR CAST($owner AS BIGINT) IS NOT NULL
	            OR CAST($team AS BIGINT) IS NOT NULL OR CAST($leader AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS persons,
	       CASE WHEN $by IN ('product', 'source') OR CAST($product AS BIGINT) IS NOT NULL
	            OR CAST($source AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS goods,
	       CASE WHEN $by = 'industry' OR CAST($industry AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS industries,
	       CASE WHEN $by = 'customer' OR CAST($customer AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS customers,
	       CASE WHEN $by = 'customer' AND coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT), CAST($leader AS BIGINT),
	            CAST($product AS BIGINT), CAST($source AS BIGINT), CAST($customer AS BIGINT), CAST($industry AS BIGINT)) IS NULL
	            THEN 1 ELSE 0 END AS largest
), total AS (
	SELECT CAST(0 AS BIGINT) AS member, substr(t.day, 1, 7) AS month, CAST(NULL AS BIGINT) AS product, CAST(NULL AS BIGINT) AS source,
	       CAST(NULL AS BIGINT) AS customer, CAST(NULL AS BIGINT) AS industry, t.number AS deals, t.value AS amount
	FROM asked CROSS JOIN deal_ended_amount_period_all t
	WHERE persons + goods + industries + customers = 0 AND t.split2 = 'won'
	UNION ALL
	SELECT t.member, CASE WHEN $by IN ('month', 'quarter') THEN substr(t.day, 1, 7) END, NULL, NULL, NULL, NULL,
	       CAST(sum(t.number) AS BIGINT), CAST(sum(t.value) AS BIGINT)
	FROM asked CROSS JOIN deal_ended_amount_period t
	WHERE persons = 1 AND goods + industries + customers = 0 AND t.split2 = 'won'
	GROUP BY 1, 2
	UNION ALL
	SELECT 0, substr(t.day, 1, 7), CAST(nullif(t.split1, '') AS BIGINT), CAST(nullif(t.split2, '') AS BIGINT), NULL, NULL, t.number, t.value
	FROM asked CROSS JOIN opportunity_won_amount_period_all t
	WHERE goods = 1 AND persons + industries + customers = 0
	UNION ALL
	SELECT 0, substr(t.day, 1, 7), NULL, NULL, NULL, CAST(nullif(t.split1, '') AS BIGINT), t.number, t.value
	FROM asked CROSS JOIN won_in_industry_period_all t
	WHERE industries = 1 AND persons + goods + customers = 0
	UNION ALL
	-- Of all customers those that are shown: read in the order of customers, as an index has them.
	SELECT 0, NULL, NULL, NULL, c.customer, NULL, c.deals, c.amount
	FROM (SELECT o.customer AS customer, count(*) AS deals, CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS amount
	      FROM opportunity o
	      WHERE o.customer >= (SELECT CASE WHEN largest = 1 THEN 0 END FROM asked) AND coalesce(o.result, '') = 'won'
	      AND coalesce(o.closed_on, '') >= coalesce($from, '0') AND coalesce(o.closed_on, '') <= coalesce($to, '9')
	      GROUP BY o.customer
	      UNION ALL
	      SELECT NULL, count(*), CAST(coalesce(sum(o.amount), 0) AS BIGINT)
	      FROM asked CROSS JOIN opportunity o
	      WHERE largest = 1 AND o.customer IS NULL AND o.result = 'won'
	      AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	      ORDER BY 3 DESC, 1
	      LIMIT 500) c
	UNION ALL
	SELECT CASE WHEN persons = 1 THEN o.owner ELSE 0 END, substr(o.closed_on, 1, 7), o.product, o.source, o.customer,
	       CASE WHEN industries = 1 THEN (SELECT c.industry FROM customer c WHERE c.id = o.customer) END, 1, coalesce(o.amount, 0)
	FROM asked CROSS JOIN opportunity o
	WHERE largest = 0 AND customers + CASE WHEN persons + goods + industries > 1 THEN 1 ELSE 0 END > 0 AND o.result = 'won'
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.source, 0) = coalesce($source, o.source, 0)
	AND coalesce(o.customer, 0) = coalesce($customer, o.customer, 0)
), grouped AS (
	SELECT coalesce(CASE $by
	       WHEN 'owner' THEN CAST(t.member AS TEXT)
	       WHEN 'team' THEN CAST(member.team AS TEXT)
	       WHEN 'region' THEN CAST(place.region AS TEXT)
	       WHEN 'leader' THEN CAST(member.leader AS TEXT)
	       WHEN 'product' THEN CAST(t.product AS TEXT)
	       WHEN 'source' THEN CAST(t.source AS TEXT)
	       WHEN 'customer' THEN CAST(t.customer AS TEXT)
	       WHEN 'industry' THEN CAST(t.industry AS TEXT)
	       WHEN 'quarter' THEN calendar_day.quarter
	       ELSE t.month END, '') AS bucket,
	       max(CASE $by
	       WHEN 'owner' THEN member.label
	       WHEN 'team' THEN place.name
	       WHEN 'region' THEN place.region_name
	       WHEN 'leader' THEN leader.label
	       WHEN 'quarter' THEN calendar_day.quarter
	       WHEN 'month' THEN t.month END) AS name,
	       max(CASE $by WHEN 'product' THEN t.product WHEN 'source' THEN t.source WHEN 'customer' THEN t.customer
	           WHEN 'industry' THEN t.industry END) AS thing,
	       CAST(sum(t.deals) AS BIGINT) AS deals, CAST(coalesce(sum(t.amount), 0) AS BIGINT) AS value,
	       min(t.month) AS first_month, max(t.month) AS last_month
	FROM total t
	LEFT JOIN member ON member.id = t.member
	LEFT JOIN place ON place.team = member.team
	LEFT JOIN member leader ON leader.id = member.leader
	LEFT JOIN calendar_day ON $by = 'quarter' AND calendar_day.day = t.month || '-01'
	WHERE (CAST($owner AS BIGINT) IS NULL OR t.member = $owner)
	AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
	AND (CAST($leader AS BIGINT) IS NULL OR member.leader = $leader)
	AND (CAST($product AS BIGINT) IS NULL OR t.product = $product)
	AND (CAST($source AS BIGINT) IS NULL OR t.source = $source)
	AND (CAST($industry AS BIGINT) IS NULL OR t.industry = $industry)
	GROUP BY 1
	HAVING sum(t.deals) > 0
), tested AS (
	SELECT grouped.*, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test,
	       CASE WHEN $by = 'month' OR $by = 'quarter' THEN 1 ELSE 0 END AS dated
	FROM grouped
), first AS (
	SELECT * FROM tested
	ORDER BY CASE WHEN dated = 1 THEN bucket END, value DESC, bucket
	LIMIT CASE WHEN $by = 'customer' THEN 500 ELSE 100000 END
), whole AS (
	SELECT CASE WHEN largest = 1 THEN (SELECT CAST(sum(t.value) AS BIGINT) FROM deal_ended_amount_period_all t WHERE t.split2 = 'won')
	            ELSE (SELECT CAST(sum(value) AS BIGINT) FROM grouped) END AS value
	FROM asked
)
SELECT coalesce(t.name, product.name, source.name, customer.name, industry.name, '–') AS label,
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
       'gte.' || CASE WHEN t.dated = 1 AND t.first_month || '-01' > coalesce($from, '0') THEN t.first_month || '-01' ELSE $from END AS "from",
       'lte.' || CASE WHEN t.dated = 1 AND t.last_month || '-31' < coalesce($to, '9')
                      THEN (SELECT max(c.day) FROM calendar_day c WHERE c.month = t.last_month) ELSE $to END AS "to"
FROM first t
CROSS JOIN whole
LEFT JOIN product ON $by = 'product' AND product.id = t.thing
LEFT JOIN source ON $by = 'source' AND source.id = t.thing
LEFT JOIN customer ON $by = 'customer' AND customer.id = t.thing
LEFT JOIN industry ON $by = 'industry' AND industry.id = t.thing
LEFT JOIN listed ON CAST(listed.region AS TEXT) = t.bucket AND listed.place = listed.places AND $by = 'region'
ORDER BY CASE WHEN t.dated = 1 THEN t.bucket END, t.value DESC, t.bucket
