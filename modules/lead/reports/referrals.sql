-- Who refers whom: customers by their owner; what is referred counts for the owner of who referred.
WITH edge AS (
	SELECT l.starts_at + 86400000 AS until, coalesce((SELECT f.starts_at FROM calendar_day f WHERE f.day = $from), 0) AS from_at
	FROM calendar_day l
	WHERE l.day = $to
), came AS (
	SELECT c.referrer AS referrer, c.id AS customer
	FROM edge
	CROSS JOIN customer c
	WHERE c.referrer IS NOT NULL AND c.created_at >= edge.from_at AND c.created_at < edge.until
	UNION ALL
	-- By who referred them: few leads have that, and many no customer.
	SELECT l.referrer, NULL
	FROM edge
	CROSS JOIN lead l
	WHERE l.referrer > 0 AND coalesce(l.customer, 0) = 0 AND +l.received_at >= edge.from_at AND +l.received_at < edge.until
), sold AS (
	SELECT came.customer AS customer, count(*) AS deals, sum(o.amount) AS amount
	FROM came
	CROSS JOIN opportunity o
	WHERE o.customer = came.customer AND o.result = 'won' AND o.closed_on <= $to
	GROUP BY came.customer
), result AS (
	SELECT came.referrer AS referrer, count(*) AS referred, count(sold.customer) AS signed, coalesce(sum(sold.amount), 0) AS amount
	FROM came
	LEFT JOIN sold ON sold.customer = came.customer
	GROUP BY came.referrer
), bought AS (
	-- Who was a customer before, in the order of an index.
	SELECT c.owner AS owner, count(*) FILTER (WHERE c.first_deal_on < coalesce($from, '9') AND c.first_deal_on <= $to AND ($from IS NOT NULL OR c.referrer IS NULL)) AS n
	FROM customer c
	WHERE c.first_deal_on IS NOT NULL AND c.owner = coalesce($owner, c.owner)
	GROUP BY c.owner
), referred AS (
	SELECT c.owner AS owner, CASE WHEN c.first_deal_on < coalesce($from, '9') AND c.first_deal_on <= $to AND ($from IS NOT NULL OR c.referrer IS NULL) THEN 1 ELSE 0 END AS bought,
	       r.referred AS referred, r.signed AS signed, r.amount AS amount
	FROM result r
	CROSS JOIN customer c
	WHERE c.id = r.referrer AND c.owner = coalesce($owner, c.owner)
), base AS (
	SELECT owner, n, 0 AS k, 0 AS referred, 0 AS signed, 0 AS amount FROM bought
	UNION ALL
	SELECT owner, 0, CAST(sum(bought) AS BIGINT), CAST(sum(referred) AS BIGINT), CAST(sum(signed) AS BIGINT), CAST(sum(amount) AS BIGINT) FROM referred GROUP BY owner
), counted AS (
	SELECT CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) ELSE '*' END AS bucket, max(CASE $by WHEN 'owner' THEN m.label END) AS name,
	       CAST(sum(b.n) AS BIGINT) AS n, CAST(sum(b.k) AS BIGINT) AS k,
	       CAST(sum(b.referred) AS BIGINT) AS referred, CAST(sum(b.signed) AS BIGINT) AS signed, CAST(sum(b.amount) AS BIGINT) AS amount
	FROM base b
	JOIN member m ON m.id = b.owner
	GROUP BY 1
),
-- include opportunity/wilson
SELECT coalesce(c.name, '–') AS label, c.n AS customers, c.k AS referring, c.rate AS rate, c.low AS low, c.high AS high,
       c.referred AS referred, c.signed AS signed, CASE WHEN c.referred > 0 THEN (c.signed * 20000 + c.referred) / (2 * c.referred) END AS signed_rate, c.amount AS value,
       CASE WHEN $by = 'owner' THEN c.bucket ELSE CAST($owner AS TEXT) END AS who
FROM rated c
ORDER BY c.referred DESC, c.bucket
