WITH deal AS (
	SELECT CASE WHEN c.key_account = 1 THEN 'key' ELSE 'other' END AS kind, o.customer AS customer, coalesce(o.amount, 0) AS amount,
	       CASE WHEN f.cost_year > 0 THEN f.margin END AS margin
	FROM opportunity o
	JOIN customer c ON c.id = o.customer
	LEFT JOIN offer f ON f.opportunity = o.id AND f.chosen = 1
	WHERE o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to
), counted AS (
	SELECT kind, count(DISTINCT customer) AS customers, count(*) AS deals, CAST(sum(amount) AS BIGINT) AS amount, count(margin) AS costed, CAST(sum(margin) AS BIGINT) AS margin
	FROM deal GROUP BY kind
), whole AS (
	SELECT CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(margin) AS BIGINT) AS margin FROM counted
)
SELECT c.kind AS kind, c.customers AS customers, c.deals AS deals, c.amount AS amount, c.amount * 10000 / nullif(w.amount, 0) AS share, c.costed AS costed, c.margin AS margin,
       c.margin * 10000 / nullif(w.margin, 0) AS margin_share, CASE c.kind WHEN 'key' THEN 'true' ELSE 'false' END AS flag
FROM counted c
CROSS JOIN whole w
ORDER BY c.kind
