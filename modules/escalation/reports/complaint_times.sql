WITH one AS (
	SELECT c.answer_minutes AS answer_minutes, c.close_minutes AS close_minutes, c.reopened AS reopened,
	       c.satisfaction AS satisfaction,
	       CASE $by WHEN 'category' THEN c.category WHEN 'product' THEN coalesce(CAST(c.product AS TEXT), '')
	       ELSE CAST(c.owner AS TEXT) END AS bucket,
	       CASE $by WHEN 'product' THEN product.name WHEN 'owner' THEN member.label END AS label
	FROM complaint c
	JOIN member ON member.id = c.owner
	LEFT JOIN product ON product.id = c.product
	WHERE c.received_on >= coalesce($from, substr($to, 1, 7) || '-01') AND c.received_on <= $to
), times AS (
	SELECT bucket, 'answer' AS of, answer_minutes AS minutes FROM one WHERE answer_minutes IS NOT NULL
	UNION ALL
	SELECT bucket, 'close', close_minutes FROM one WHERE close_minutes IS NOT NULL
), ranked AS (
	SELECT bucket, of, minutes, row_number() OVER (PARTITION BY bucket, of ORDER BY minutes) AS place,
	       count(*) OVER (PARTITION BY bucket, of) AS places
	FROM times
), median AS (
	SELECT bucket, of, CAST(sum(minutes) AS BIGINT) / count(*) AS minutes
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY bucket, of
), won AS (
	SELECT CASE $by WHEN 'product' THEN coalesce(CAST(l.product AS TEXT), '') WHEN 'owner' THEN CAST(s.owner AS TEXT)
	       ELSE '' END AS bucket, count(DISTINCT s.id) AS orders
	FROM sales_order s
	LEFT JOIN order_line l ON $by = 'product' AND l.sales_order = s.id
	WHERE s.state IN ('confirmed', 'completed') AND s.confirmed_on >= coalesce($from, substr($to, 1, 7) || '-01') AND s.confirmed_on <= $to
	GROUP BY 1
), counted AS (
	SELECT bucket, max(label) AS label, count(*) AS complaints, count(answer_minutes) AS answered,
	       count(close_minutes) AS closed, count(*) FILTER (WHERE reopened > 0) AS reopened,
	       CAST(sum(satisfaction) AS BIGINT) * 100 / nullif(count(satisfaction), 0) AS satisfaction
	FROM one
	GROUP BY bucket
)
SELECT CASE WHEN $by = 'category' THEN c.bucket END AS category,
       CASE WHEN $by <> 'category' THEN coalesce(c.label, '–') END AS label,
       c.complaints AS complaints, coalesce(won.orders, 0) AS orders,
       c.complaints * 10000 / nullif(won.orders, 0) AS rate,
       c.answered AS answered, CAST(a.minutes AS BIGINT) AS answer_median,
       c.closed AS closed, CAST(z.minutes AS BIGINT) AS close_median,
       c.reopened AS reopened, c.reopened * 10000 / c.complaints AS reopened_rate,
       CAST(c.satisfaction AS BIGINT) AS satisfaction,
       CASE WHEN $by = 'category' THEN c.bucket END AS category_is,
       CASE WHEN $by = 'product' AND c.bucket <> '' THEN c.bucket END AS product_is,
       CASE WHEN $by = 'owner' THEN c.bucket END AS owner_is
FROM counted c
LEFT JOIN median a ON a.bucket = c.bucket AND a.of = 'answer'
LEFT JOIN median z ON z.bucket = c.bucket AND z.of = 'close'
LEFT JOIN won ON won.bucket = CASE WHEN $by = 'category' THEN '' ELSE c.bucket END
ORDER BY c.complaints DESC, c.bucket
