-- Closed in the period; what lies in a region has its code in front.
WITH edge AS (
	SELECT coalesce($from, (SELECT b.day FROM calendar_day b WHERE b.day_number = a.day_number - 365)) AS since, a.day AS until
	FROM calendar_day a
	WHERE a.day = $to
), deal AS (
	SELECT CASE $by WHEN 'quarter' THEN calendar_day.quarter ELSE CAST(o.owner AS TEXT) END AS bucket,
	       CASE $by WHEN 'quarter' THEN calendar_day.quarter ELSE member.label END AS name, o.result AS result, o.amount AS amount,
	       o.closed_on AS day
	FROM edge
	CROSS JOIN opportunity o
	LEFT JOIN member ON member.id = o.owner
	LEFT JOIN customer ON customer.id = o.customer
	LEFT JOIN calendar_day ON calendar_day.day = o.closed_on
	WHERE o.result IN ('won', 'lost') AND o.closed_on >= edge.since AND o.closed_on <= edge.until
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND (CAST($region AS TEXT) IS NULL OR customer.region LIKE $region || '%')
), counted AS (
	SELECT bucket, max(name) AS name, count(*) AS n, count(*) FILTER (WHERE result = 'won') AS won,
	       CAST(coalesce(sum(amount) FILTER (WHERE result = 'won'), 0) AS BIGINT) AS value, min(day) AS first_day, max(day) AS last_day
	FROM deal
	GROUP BY bucket
), rated AS (
	SELECT counted.*, won * 1.0 / n AS r, (SELECT sum(won) * 1.0 / sum(n) FROM counted) AS overall FROM counted
), bounded AS (
	SELECT rated.*, CASE WHEN n > 0 THEN CAST(floor(0.5 + 10000 * (r + 1.9208 / n - 1.96 * sqrt(r * (1 - r) / n + 0.9604 / n / n)) / (1 + 3.8416 / n)) AS BIGINT) END AS low, CASE WHEN n > 0 THEN CAST(floor(0.5 + 10000 * (r + 1.9208 / n + 1.96 * sqrt(r * (1 - r) / n + 0.9604 / n / n)) / (1 + 3.8416 / n)) AS BIGINT) END AS high
	FROM rated
)
SELECT coalesce(name, '–') AS label, n AS closed, won, CAST(floor(r * 10000 + 0.5) AS BIGINT) AS rate, low, high,
       value, CASE WHEN won > 0 THEN (2 * value + won) / (2 * won) END AS average,
       CASE WHEN n < 20 THEN 'few' WHEN low > overall * 10000 THEN 'above' WHEN high < overall * 10000 THEN 'below' ELSE 'normal' END AS verdict,
       CASE WHEN $by = 'owner' THEN 'eq.' || bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS person,
       CASE WHEN $by = 'quarter' THEN first_day ELSE (SELECT since FROM edge) END AS since,
       CASE WHEN $by = 'quarter' THEN last_day ELSE (SELECT until FROM edge) END AS until
FROM bounded
ORDER BY CASE WHEN $by = 'quarter' THEN bucket END, n DESC, bucket
