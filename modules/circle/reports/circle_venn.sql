-- How many open opportunities lie in each area, and the tests of the list behind it.
WITH
-- include circle/edge
, held AS (
	SELECT o.fits_product AS p, o.fits_rep AS r,
	       CASE WHEN o.need_due <= edge.day THEN 1 WHEN o.need_due IS NOT NULL THEN 0 END AS t,
	       count(*) AS n, CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS amount
	FROM opportunity o
	CROSS JOIN edge
	LEFT JOIN member ON member.id = o.owner
	WHERE o.result = 'open'
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
	GROUP BY 1, 2, 3
), placed AS (
	SELECT CASE WHEN p IS NULL THEN 9 WHEN r IS NULL THEN 10 WHEN t IS NULL THEN 11
	       ELSE CASE p * 4 + r * 2 + t WHEN 7 THEN 1 WHEN 6 THEN 2 WHEN 5 THEN 3 WHEN 3 THEN 4
	            WHEN 4 THEN 5 WHEN 2 THEN 6 WHEN 1 THEN 7 ELSE 8 END END AS place,
	       CAST(sum(n) AS BIGINT) AS n, CAST(sum(amount) AS BIGINT) AS amount
	FROM held
	GROUP BY 1
), area AS (
	SELECT column1 AS place, column2 AS name, column3 AS p, column4 AS r, column5 AS t, column6 AS action
	FROM (VALUES (1, 'all', 'eq.true', 'eq.true', 'lte', 'close'),
	      (2, 'product_rep', 'eq.true', 'eq.true', 'gt', 'nurture'),
	      (3, 'product_time', 'eq.true', 'eq.false', 'lte', 'hand_over'),
	      (4, 'rep_time', 'eq.false', 'eq.true', 'lte', 'other_product'),
	      (5, 'product', 'eq.true', 'eq.false', 'gt', 'later'),
	      (6, 'rep', 'eq.false', 'eq.true', 'gt', 'relation'),
	      (7, 'time', 'eq.false', 'eq.false', 'lte', 'refer'),
	      (8, 'none', 'eq.false', 'eq.false', 'gt', 'drop'),
	      (9, 'no_profile', 'is.null', NULL, NULL, 'profile'),
	      (10, 'no_zone', 'is.notnull', 'is.null', NULL, 'zone'),
	      (11, 'no_date', 'is.notnull', 'is.notnull', 'is.null', 'ask')) listed
)
SELECT area.name AS area, coalesce(placed.n, 0) AS count,
       (coalesce(placed.n, 0) * 20000 + total.n) / nullif(2 * total.n, 0) AS part,
       coalesce(placed.amount, 0) AS amount, area.action AS action,
       CASE WHEN area.place < 9 THEN CASE WHEN area.p = 'eq.true' THEN 1 ELSE 0 END END AS in_product,
       CASE WHEN area.place < 9 THEN CASE WHEN area.r = 'eq.true' THEN 1 ELSE 0 END END AS in_rep,
       CASE WHEN area.place < 9 THEN CASE WHEN area.t = 'lte' THEN 1 ELSE 0 END END AS in_time, area.p AS p, area.r AS r,
       CASE WHEN area.t = 'lte' OR area.t = 'gt' THEN area.t || '.' || edge.day ELSE area.t END AS t
FROM area
CROSS JOIN edge
CROSS JOIN (SELECT CAST(coalesce(sum(n), 0) AS BIGINT) AS n FROM placed) total
LEFT JOIN placed ON placed.place = area.place
ORDER BY area.place
