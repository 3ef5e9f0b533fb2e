WITH sold AS (
	SELECT o.customer AS customer, count(*) AS deals, sum(o.amount) AS amount
	FROM opportunity o
	WHERE o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to
	GROUP BY o.customer
), bought AS MATERIALIZED (
	-- Customers are looked up once each, in their order; what is not a key account's is the rest.
	SELECT count(*) AS customers, CAST(sum(s.deals) AS BIGINT) AS deals, CAST(coalesce(sum(s.amount), 0) AS BIGINT) AS amount,
	       count(*) FILTER (WHERE c.key_account = 1) AS key_customers, CAST(coalesce(sum(s.deals) FILTER (WHERE c.key_account = 1), 0) AS BIGINT) AS key_deals,
	       CAST(coalesce(sum(s.amount) FILTER (WHERE c.key_account = 1), 0) AS BIGINT) AS key_amount
	FROM sold s
	CROSS JOIN customer c
	WHERE c.id = s.customer
), costed AS MATERIALIZED (
	SELECT count(*) AS n, CAST(sum(f.margin) AS BIGINT) AS margin, count(*) FILTER (WHERE c.key_account = 1) AS key_n,
	       CAST(sum(f.margin) FILTER (WHERE c.key_account = 1) AS BIGINT) AS key_margin
	FROM offer f
	CROSS JOIN opportunity o
	CROSS JOIN customer c
	WHERE f.chosen = 1 AND f.cost_year > 0 AND f.margin IS NOT NULL AND o.id = f.opportunity AND o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to
	AND c.id = o.customer
), counted AS (
	SELECT 'key' AS kind, b.key_customers AS customers, b.key_deals AS deals, b.key_amount AS amount, f.key_n AS costed, f.key_margin AS margin
	FROM bought b CROSS JOIN costed f
	UNION ALL
	SELECT 'other', b.customers - b.key_customers, b.deals - b.key_deals, b.amount - b.key_amount, f.n - f.key_n,
	       CASE WHEN f.n > f.key_n THEN f.margin - coalesce(f.key_margin, 0) END
	FROM bought b CROSS JOIN costed f
)
SELECT c.kind AS kind, c.customers AS customers, c.deals AS deals, c.amount AS amount, c.amount * 10000 / nullif(b.amount, 0) AS share, c.costed AS costed, c.margin AS margin,
       c.margin * 10000 / nullif(f.margin, 0) AS margin_share, CASE c.kind WHEN 'key' THEN 'true' ELSE 'false' END AS flag
FROM counted c
CROSS JOIN bought b
CROSS JOIN costed f
WHERE c.customers > 0
ORDER BY c.kind
