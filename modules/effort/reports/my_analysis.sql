-- Deals won, divided in one way; what is not known stands together, so that every way adds up to the same.
WITH person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), asked AS MATERIALIZED (
	-- Whoever sees everything (only they have totals of member 0) and asks about all of it is answered from totals.
	SELECT CASE WHEN $by <> 'channel' AND coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL
	            AND EXISTS (SELECT 1 FROM opportunity_won_amount_all t WHERE t.grain = 'm' AND t.member = 0) THEN 1 ELSE 0 END AS whole
), piece AS (
	SELECT CASE $by WHEN 'source' THEN t.split2 WHEN 'product' THEN t.split1 ELSE substr(t.day, 1, 7) END AS bucket, t.number AS deals, t.value AS amount
	FROM asked CROSS JOIN opportunity_won_amount_period_all t
	WHERE whole = 1 AND $by <> 'industry'
	UNION ALL
	SELECT t.split1, t.number, t.value
	FROM asked CROSS JOIN won_in_industry_period_all t
	WHERE whole = 1 AND $by = 'industry'
	UNION ALL
	SELECT coalesce(CASE $by WHEN 'source' THEN CAST(o.source AS TEXT) WHEN 'product' THEN CAST(o.product AS TEXT)
	                WHEN 'industry' THEN (SELECT CAST(c.industry AS TEXT) FROM customer c WHERE c.id = o.customer)
	                WHEN 'channel' THEN (SELECT min(l.channel) FROM lead l WHERE l.opportunity = o.id) ELSE substr(o.closed_on, 1, 7) END, ''),
	       1, coalesce(o.amount, 0)
	FROM asked CROSS JOIN opportunity o
	WHERE whole = 0 AND o.result = 'won' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
), counted AS (
	SELECT bucket, CAST(sum(deals) AS BIGINT) AS deals, CAST(sum(amount) AS BIGINT) AS amount FROM piece GROUP BY bucket HAVING sum(deals) > 0
), tested AS (
	SELECT counted.*, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test, (SELECT CAST(sum(amount) AS BIGINT) FROM counted) AS total FROM counted
)
SELECT coalesce(s.name, i.name, p.name, CASE WHEN $by IN ('channel', 'month') THEN nullif(t.bucket, '') END, '–') AS label,
       t.deals AS deals, t.amount AS value, CASE WHEN t.total > 0 THEN (t.amount * 20000 + t.total) / (2 * t.total) END AS part,
       CASE WHEN $by = 'source' THEN t.test END AS of_source, CASE WHEN $by = 'industry' THEN t.test END AS of_industry, CASE WHEN $by = 'product' THEN t.test END AS of_product,
       CASE WHEN $by = 'month' AND t.bucket || '-01' > coalesce($from, '0') THEN t.bucket || '-01' ELSE $from END AS since,
       CASE WHEN $by = 'month' AND t.bucket || '-31' < $to THEN t.bucket || '-31' ELSE $to END AS until,
       CASE WHEN $by = 'channel' THEN 'lead?opportunity.result=eq.won&channel=' || t.test || '&opportunity.closed_on=gte.' || coalesce($from, '1900-01-01')
            || '&opportunity.closed_on=lte.' || $to || coalesce('&opportunity.owner=eq.' || CAST($owner AS TEXT), '') END AS "open"
FROM tested t
LEFT JOIN source s ON $by = 'source' AND CAST(s.id AS TEXT) = t.bucket
LEFT JOIN industry i ON $by = 'industry' AND CAST(i.id AS TEXT) = t.bucket
LEFT JOIN product p ON $by = 'product' AND CAST(p.id AS TEXT) = t.bucket
ORDER BY CASE WHEN $by = 'month' THEN t.bucket END, t.amount DESC, t.bucket
