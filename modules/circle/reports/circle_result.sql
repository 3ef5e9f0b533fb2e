-- What became of opportunities by the area they lay in when they closed: from totals, those of a product one by one.
WITH asked AS MATERIALIZED (
	SELECT CASE WHEN CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS persons,
	       CASE WHEN CAST($product AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS goods
), person AS (
	SELECT id FROM member
	WHERE (SELECT persons FROM asked) = 1 AND (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), held AS (
	SELECT CAST(nullif(t.split1, '') AS BIGINT) AS p, CAST(nullif(t.split2, '') AS BIGINT) AS r, 0 AS won, t.value AS lost
	FROM asked CROSS JOIN circle_lost_period_all t
	WHERE persons = 0 AND goods = 0
	UNION ALL
	SELECT CAST(nullif(t.split1, '') AS BIGINT), CAST(nullif(t.split2, '') AS BIGINT), t.value, 0
	FROM asked CROSS JOIN circle_won_period_all t
	WHERE persons = 0 AND goods = 0
	UNION ALL
	SELECT CAST(nullif(t.split1, '') AS BIGINT), CAST(nullif(t.split2, '') AS BIGINT), 0, t.value
	FROM asked CROSS JOIN circle_lost_period t
	WHERE persons = 1 AND goods = 0 AND t.member IN (SELECT id FROM person)
	UNION ALL
	SELECT CAST(nullif(t.split1, '') AS BIGINT), CAST(nullif(t.split2, '') AS BIGINT), t.value, 0
	FROM asked CROSS JOIN circle_won_period t
	WHERE persons = 1 AND goods = 0 AND t.member IN (SELECT id FROM person)
	UNION ALL
	SELECT o.fits_product, o.fits_rep, CASE WHEN o.result = 'won' THEN 1 ELSE 0 END, CASE WHEN o.result = 'lost' THEN 1 ELSE 0 END
	FROM asked CROSS JOIN opportunity o
	WHERE goods = 1 AND o.product = $product AND (persons = 0 OR o.owner IN (SELECT id FROM person))
	AND o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
), counted AS (
	SELECT CASE WHEN p IS NULL OR r IS NULL THEN 5 ELSE 4 - p * 2 - r END AS place,
	       CAST(sum(won) AS BIGINT) AS won, CAST(sum(won + lost) AS BIGINT) AS closed
	FROM held
	GROUP BY 1
), area AS (
	SELECT column1 AS place, column2 AS name, column3 AS p, column4 AS r
	FROM (VALUES (1, 'both', 'eq.true', 'eq.true'), (2, 'product', 'eq.true', 'eq.false'), (3, 'rep', 'eq.false', 'eq.true'),
	      (4, 'none', 'eq.false', 'eq.false'), (5, 'unknown', NULL, NULL)) listed
)
SELECT area.name AS area, coalesce(counted.won, 0) AS won, coalesce(counted.closed, 0) AS closed, area.p AS p, area.r AS r
FROM area
LEFT JOIN counted ON counted.place = area.place
ORDER BY area.place
