-- Closed in the period; what lies in a region has its code in front.
WITH deal AS (
	-- From totals; where a product or region is asked about, deals counted by person and month first.
	SELECT t.member AS owner, CASE WHEN $by = 'quarter' THEN substr(t.day, 1, 7) END AS month, t.split2 AS result, CAST(sum(t.number) AS BIGINT) AS n,
	       CAST(sum(t.value) AS BIGINT) AS amount, min(substr(t.day, 1, 7)) || '-01' AS first_day, max(substr(t.day, 1, 7)) AS last_month
	FROM deal_ended_amount_period t
	WHERE CAST($product AS BIGINT) IS NULL AND CAST($region AS TEXT) IS NULL AND (CAST($owner AS BIGINT) IS NULL OR t.member = $owner)
	GROUP BY 1, 2, 3
	HAVING sum(t.number) > 0
	UNION ALL
	SELECT o.owner, CASE WHEN $by = 'quarter' THEN substr(o.closed_on, 1, 7) END, o.result, count(*),
	       CAST(sum(o.amount) AS BIGINT), min(substr(o.closed_on, 1, 7)) || '-01', max(substr(o.closed_on, 1, 7))
	FROM opportunity o
	LEFT JOIN customer ON CAST($region AS TEXT) IS NOT NULL AND customer.id = o.customer
	WHERE (CAST($product AS BIGINT) IS NOT NULL OR CAST($region AS TEXT) IS NOT NULL)
	AND o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND (CAST($region AS TEXT) IS NULL OR customer.region LIKE $region || '%')
	GROUP BY 1, 2, 3
), counted AS (
	SELECT CASE $by WHEN 'quarter' THEN calendar_day.quarter ELSE CAST(deal.owner AS TEXT) END AS bucket,
	       max(CASE $by WHEN 'quarter' THEN calendar_day.quarter ELSE member.label END) AS name, CAST(sum(n) AS BIGINT) AS n,
	       CAST(coalesce(sum(n) FILTER (WHERE result = 'won'), 0) AS BIGINT) AS k,
	       CAST(coalesce(sum(amount) FILTER (WHERE result = 'won'), 0) AS BIGINT) AS value, min(first_day) AS first_day, max(last_month) AS last_month
	FROM deal
	LEFT JOIN member ON member.id = deal.owner
	LEFT JOIN calendar_day ON $by = 'quarter' AND calendar_day.day = deal.month || '-01'
	WHERE (CAST($team AS BIGINT) IS NULL OR member.team = $team)
	GROUP BY 1
),
-- include opportunity/wilson
, bounded AS (
	SELECT rated.*, (SELECT sum(k) * 1.0 / sum(n) FROM counted) AS overall FROM rated
), worked AS MATERIALIZED (
	SELECT CASE $by WHEN 'quarter' THEN c.quarter ELSE CAST(t.member AS TEXT) END AS bucket, CAST(sum(t.value) AS BIGINT) AS n
	FROM activity_done_period t
	JOIN member m ON m.id = t.member
	LEFT JOIN calendar_day c ON $by = 'quarter' AND c.day = substr(t.day, 1, 7) || '-01'
	WHERE (CAST($owner AS BIGINT) IS NULL OR t.member = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY 1
), judged AS MATERIALIZED (
	SELECT CASE $by WHEN 'quarter' THEN c.quarter ELSE CAST(r.person AS TEXT) END AS bucket,
	       10.0 * sum(r.impression + r.conversation + r.guiding + r.empathy) / (4 * count(*)) AS skill
	FROM skill_rating r
	JOIN member m ON m.id = r.person
	LEFT JOIN calendar_day c ON $by = 'quarter' AND c.day = r.rated_on
	WHERE r.rated_on >= coalesce($from, '0') AND r.rated_on <= coalesce($to, '9')
	AND (CAST($owner AS BIGINT) IS NULL OR r.person = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY 1
)
SELECT coalesce(name, '–') AS label, (SELECT w.n FROM worked w WHERE w.bucket = bounded.bucket) AS activities,
       (SELECT j.skill FROM judged j WHERE j.bucket = bounded.bucket) AS skill, n AS closed, k AS won, rate, low, high,
       value, CASE WHEN k > 0 THEN (2 * value + k) / (2 * k) END AS average,
       CASE WHEN n < 20 THEN 'few' WHEN low > overall * 10000 THEN 'above' WHEN high < overall * 10000 THEN 'below' ELSE 'normal' END AS verdict,
       CASE WHEN $by = 'owner' THEN 'eq.' || bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS person,
       CASE WHEN $by = 'quarter' AND first_day > coalesce($from, '0') THEN first_day ELSE $from END AS since,
       CASE WHEN $by = 'quarter' AND last_month || '-31' < coalesce($to, '9')
            THEN (SELECT max(c.day) FROM calendar_day c WHERE c.month = last_month) ELSE $to END AS until
FROM bounded
ORDER BY CASE WHEN $by = 'quarter' THEN bucket END, n DESC, bucket
