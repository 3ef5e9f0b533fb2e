-- Who refers whom: customers by their owner; what is referred counts for the owner of who referred.
WITH edge AS (
	SELECT l.starts_at + 86400000 AS until, coalesce((SELECT f.starts_at FROM calendar_day f WHERE f.day = $from), 0) AS from_at
	FROM calendar_day l
	WHERE l.day = $to
), came AS (
	SELECT c.referrer AS referrer, c.id AS customer FROM customer c, edge
	WHERE c.referrer IS NOT NULL AND c.created_at >= edge.from_at AND c.created_at < edge.until
	UNION ALL
	SELECT l.referrer, NULL FROM lead l, edge
	WHERE l.referrer IS NOT NULL AND l.customer IS NULL AND l.received_at >= edge.from_at AND l.received_at < edge.until
), sold AS (
	SELECT came.customer AS customer, count(*) AS deals, sum(o.amount) AS amount
	FROM came
	JOIN opportunity o ON o.customer = came.customer AND o.result = 'won' AND o.closed_on <= $to
	GROUP BY came.customer
), result AS (
	SELECT came.referrer AS referrer, count(*) AS referred, count(sold.customer) AS signed, coalesce(sum(sold.amount), 0) AS amount
	FROM came
	LEFT JOIN sold ON sold.customer = came.customer
	GROUP BY came.referrer
), base AS (
	SELECT CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) ELSE '*' END AS bucket,
	       CASE $by WHEN 'owner' THEN m.label END AS name,
	       CASE WHEN c.first_deal_on < coalesce($from, '9') AND c.first_deal_on <= $to
	                 AND ($from IS NOT NULL OR c.referrer IS NULL) THEN 1 ELSE 0 END AS bought,
	       r.referred AS referred, r.signed AS signed, r.amount AS amount
	FROM customer c
	LEFT JOIN result r ON r.referrer = c.id
	JOIN member m ON m.id = c.owner
	WHERE (c.first_deal_on IS NOT NULL OR r.referrer IS NOT NULL)
	AND m.id = coalesce($owner, m.id)
), counted AS (
	SELECT bucket, max(name) AS name, CAST(sum(bought) AS BIGINT) AS n, count(*) FILTER (WHERE bought = 1 AND referred > 0) AS k,
	       CAST(coalesce(sum(referred), 0) AS BIGINT) AS referred, CAST(coalesce(sum(signed), 0) AS BIGINT) AS signed, CAST(coalesce(sum(amount), 0) AS BIGINT) AS amount
	FROM base
	GROUP BY bucket
),
-- include opportunity/wilson
SELECT coalesce(c.name, '–') AS label, c.n AS customers, c.k AS referring, c.rate AS rate, c.low AS low, c.high AS high,
       c.referred AS referred, c.signed AS signed, CASE WHEN c.referred > 0 THEN (c.signed * 20000 + c.referred) / (2 * c.referred) END AS signed_rate, c.amount AS value,
       CASE WHEN $by = 'owner' THEN c.bucket ELSE CAST($owner AS TEXT) END AS who
FROM rated c
ORDER BY c.referred DESC, c.bucket
