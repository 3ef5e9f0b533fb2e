-- How much of the value lies with the largest customers, by group (K-37).
WITH edge AS (
	SELECT coalesce($from, (SELECT c.day FROM calendar_day c WHERE c.day_number = (SELECT t.day_number FROM calendar_day t WHERE t.day = $to) - 364)) AS first_day
), person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), bought AS NOT MATERIALIZED (
	-- Put in order by the customer, a number nearly all of them have to themselves.
	SELECT CASE $by WHEN 'owner' THEN o.owner WHEN 'team' THEN (SELECT m.team FROM member m WHERE m.id = o.owner) WHEN 'product' THEN o.product ELSE 0 END AS part,
	       coalesce(o.customer, -o.id) AS customer, CAST(sum(o.amount) AS BIGINT) AS amount
	FROM opportunity o
	WHERE $of = 'won' AND o.result = 'won' AND o.closed_on >= (SELECT first_day FROM edge) AND o.closed_on <= $to AND o.amount > 0
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
	GROUP BY 2, 1
	UNION ALL
	SELECT CASE $by WHEN 'owner' THEN o.owner WHEN 'team' THEN (SELECT m.team FROM member m WHERE m.id = o.owner) WHEN 'product' THEN o.product ELSE 0 END,
	       coalesce(o.customer, -o.id), CAST(sum(o.amount) AS BIGINT)
	FROM opportunity o
	WHERE $of = 'open' AND o.result = 'open' AND coalesce(o.amount, 0) > 0
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
	GROUP BY 2, 1
), held AS MATERIALIZED (
	-- Customers are looked up once each, in their order.  0 is what has none.
	SELECT coalesce(CASE $by WHEN 'industry' THEN (SELECT c.industry FROM customer c WHERE c.id = b.customer) ELSE b.part END, 0) AS part, b.customer AS customer, b.amount AS amount
	FROM bought b
), summed AS (
	-- The fifth largest has at least the mean of what four as large as the largest would leave.
	SELECT part, count(*) AS customers, CAST(sum(amount) AS BIGINT) AS amount, sum(1.0 * amount * amount) / sum(amount) / sum(amount) AS hhi,
	       CASE WHEN count(*) > 5 THEN (CAST(sum(amount) AS BIGINT) - 4 * max(amount)) / (count(*) - 4) ELSE 0 END AS fifth
	FROM held
	GROUP BY part
), ranked AS (
	-- The largest are found without putting the others in order.
	SELECT part, customer, amount, place
	FROM (SELECT h.part AS part, h.customer AS customer, h.amount AS amount, row_number() OVER (PARTITION BY h.part ORDER BY h.amount DESC, h.customer) AS place
	      FROM held h
	      JOIN summed s ON s.part = h.part
	      WHERE $by <> 'none' AND h.amount >= s.fifth) placed
	WHERE place <= 5
	UNION ALL
	SELECT part, customer, amount, row_number() OVER (ORDER BY amount DESC, customer)
	FROM (SELECT part, customer, amount FROM held WHERE $by = 'none' ORDER BY amount DESC, customer LIMIT 5) largest
), top AS (
	SELECT part, CAST(sum(amount) FILTER (WHERE place <= 1) AS BIGINT) AS top1, CAST(sum(amount) FILTER (WHERE place <= 3) AS BIGINT) AS top3,
	       CAST(sum(amount) AS BIGINT) AS top5, max(CASE WHEN place = 1 THEN customer END) AS largest
	FROM ranked
	GROUP BY part
), grouped AS (
	SELECT CASE WHEN $by = 'none' THEN '*' WHEN s.part = 0 THEN '' ELSE CAST(s.part AS TEXT) END AS bucket, s.part AS part, s.customers AS customers,
	       s.amount AS amount, s.hhi AS hhi, t.top1 AS top1, t.top3 AS top3, t.top5 AS top5, t.largest AS largest
	FROM summed s
	JOIN top t ON t.part = s.part
), wished AS (
	-- What is asked for, else the most specific standard that says it, of equals the latest.
	SELECT g.*, coalesce($wanted, (SELECT s.wanted_risk
	                               FROM work_standard s
	                               WHERE s.wanted_risk IS NOT NULL AND s.valid_from <= $today AND (s.person IS NULL OR s.person = m.id)
	                               AND (s.team IS NULL OR s.team = CASE WHEN $by = 'team' THEN g.part ELSE m.team END)
	                               AND (s.role IS NULL OR m.roles LIKE '%,' || CAST(s.role AS TEXT) || ',%')
	                               ORDER BY CASE WHEN s.person IS NOT NULL THEN 3 WHEN s.team IS NOT NULL THEN 2 WHEN s.role IS NOT NULL THEN 1 ELSE 0 END DESC,
	                                        s.valid_from DESC, s.id DESC
	                               LIMIT 1), 'balanced') AS wish
	FROM grouped g
	LEFT JOIN member m ON $by = 'owner' AND m.id = g.part
)
SELECT coalesce(m.label, t.name, p.name, i.name, '–') AS label, g.customers AS customers, g.amount AS amount, c.name AS largest,
       10000.0 * g.top1 / g.amount AS top1, 10000.0 * g.top3 / g.amount AS top3, 10000.0 * g.top5 / g.amount AS top5,
       10000.0 * g.hhi AS hhi, -10000.0 * g.top1 / g.amount AS lost,
       CASE WHEN g.hhi > 0.25 THEN 'concentrated' WHEN g.hhi >= 0.1 THEN 'balanced' ELSE 'spread' END AS risk,
       CASE WHEN g.customers < 2 THEN 'few' WHEN 1.0 * g.top1 * 10000 > 1.0 * g.amount * $share THEN 'large'
            WHEN (CASE WHEN g.hhi > 0.25 THEN 'concentrated' WHEN g.hhi >= 0.1 THEN 'balanced' ELSE 'spread' END) <> g.wish THEN 'other' ELSE 'none' END AS alert, g.wish AS wish,
       CASE WHEN $by = 'owner' THEN 'eq.' || g.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'product' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS product,
       CASE WHEN $by = 'industry' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS industry,
       CASE WHEN $of = 'won' THEN edge.first_day END AS since, CASE WHEN $of = 'won' THEN $to END AS until
FROM wished g
CROSS JOIN edge
LEFT JOIN customer c ON c.id = g.largest
LEFT JOIN member m ON $by = 'owner' AND m.id = g.part
LEFT JOIN team t ON $by = 'team' AND t.id = g.part
LEFT JOIN product p ON $by = 'product' AND p.id = g.part
LEFT JOIN industry i ON $by = 'industry' AND i.id = g.part
ORDER BY g.hhi DESC, g.bucket
