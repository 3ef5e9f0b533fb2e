-- What became of opportunities by the area they lay in when they closed.
WITH held AS (
	SELECT o.result AS result, o.fits_product AS p, o.fits_rep AS r
	FROM opportunity o
	LEFT JOIN member ON member.id = o.owner
	WHERE o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
), counted AS (
	SELECT CASE WHEN p IS NULL OR r IS NULL THEN 5 ELSE 4 - p * 2 - r END AS place,
	       count(*) FILTER (WHERE result = 'won') AS won, count(*) AS closed
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
