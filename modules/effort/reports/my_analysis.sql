-- Deals won, divided in one way; what is not known stands together, so that every way adds up to the same.
WITH deal AS (
	SELECT o.id AS id, coalesce(o.amount, 0) AS amount,
	       coalesce(CASE $by WHEN 'source' THEN CAST(o.source AS TEXT) WHEN 'channel' THEN (SELECT min(l.channel) FROM lead l WHERE l.opportunity = o.id)
	                WHEN 'industry' THEN CAST(c.industry AS TEXT) WHEN 'product' THEN CAST(o.product AS TEXT) ELSE substr(o.closed_on, 1, 7) END, '') AS bucket,
	       CASE $by WHEN 'source' THEN s.name WHEN 'channel' THEN (SELECT min(l.channel) FROM lead l WHERE l.opportunity = o.id) WHEN 'industry' THEN i.name WHEN 'product' THEN p.name ELSE substr(o.closed_on, 1, 7) END AS name
	FROM opportunity o
	LEFT JOIN customer c ON c.id = o.customer
	LEFT JOIN source s ON s.id = o.source
	LEFT JOIN industry i ON i.id = c.industry
	LEFT JOIN product p ON p.id = o.product
	LEFT JOIN member m ON m.id = o.owner
	WHERE o.result = 'won' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
), counted AS (
	SELECT bucket, max(name) AS name, count(*) AS deals, CAST(sum(amount) AS BIGINT) AS amount FROM deal GROUP BY bucket
), tested AS (
	SELECT counted.*, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test, (SELECT CAST(sum(amount) AS BIGINT) FROM counted) AS total FROM counted
)
SELECT coalesce(name, '–') AS label, deals, amount AS value, CASE WHEN total > 0 THEN (amount * 20000 + total) / (2 * total) END AS part,
       CASE WHEN $by = 'source' THEN test END AS of_source, CASE WHEN $by = 'industry' THEN test END AS of_industry, CASE WHEN $by = 'product' THEN test END AS of_product,
       CASE WHEN $by = 'month' AND bucket || '-01' > coalesce($from, '0') THEN bucket || '-01' ELSE $from END AS since,
       CASE WHEN $by = 'month' AND bucket || '-31' < $to THEN bucket || '-31' ELSE $to END AS until,
       CASE WHEN $by = 'channel' THEN 'lead?opportunity.result=eq.won&channel=' || CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END || '&opportunity.closed_on=gte.' || coalesce($from, '1900-01-01')
            || '&opportunity.closed_on=lte.' || $to || coalesce('&opportunity.owner=eq.' || CAST($owner AS TEXT), '') END AS "open"
FROM tested
ORDER BY CASE WHEN $by = 'month' THEN bucket END, amount DESC, bucket
