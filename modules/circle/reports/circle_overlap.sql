-- Each open opportunity with the area it lies in and what to do about it.
WITH
-- include circle/edge
, held AS (
	SELECT o.id AS id, o.amount AS amount, o.fits_product AS p, o.fits_rep AS r,
	       CASE WHEN o.need_due <= edge.day THEN 1 WHEN o.need_due IS NOT NULL THEN 0 END AS t
	FROM opportunity o
	CROSS JOIN edge
	WHERE o.result = 'open'
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND (CAST($team AS BIGINT) IS NULL OR o.owner IN (SELECT id FROM member WHERE team = $team))
), placed AS (
	SELECT held.*, CASE WHEN p IS NULL THEN 9 WHEN r IS NULL THEN 10 WHEN t IS NULL THEN 11
	       ELSE CASE p * 4 + r * 2 + t WHEN 7 THEN 1 WHEN 6 THEN 2 WHEN 5 THEN 3 WHEN 3 THEN 4
	            WHEN 4 THEN 5 WHEN 2 THEN 6 WHEN 1 THEN 7 ELSE 8 END END AS place
	FROM held
), area AS (
	SELECT column1 AS place, column2 AS name, column3 AS action
	FROM (VALUES (1, 'all', 'close'), (2, 'product_rep', 'nurture'), (3, 'product_time', 'hand_over'),
	      (4, 'rep_time', 'other_product'), (5, 'product', 'later'), (6, 'rep', 'relation'), (7, 'time', 'refer'),
	      (8, 'none', 'drop'), (9, 'no_profile', 'profile'), (10, 'no_zone', 'zone'), (11, 'no_date', 'ask')) listed
), first AS MATERIALIZED (
	SELECT id, place, t
	FROM placed
	WHERE place = coalesce((SELECT area.place FROM area WHERE area.name = CAST($area AS TEXT)), place)
	ORDER BY place, amount DESC, id
	LIMIT 500
)
SELECT o.id AS opportunity_id, o.name AS opportunity, customer.name AS customer, member.label AS owner,
       product.name AS product, o.product_fit AS fit, o.fits_product AS in_profile, o.owner_zone AS zone, o.need_due AS due,
       CASE WHEN o.need_due IS NULL THEN 'unknown' WHEN o.need_due < $today THEN 'over'
            WHEN first.t = 1 THEN 'within' ELSE 'later' END AS "window",
       area.name AS area, o.amount AS value, area.action AS action
FROM first
JOIN area ON area.place = first.place
JOIN opportunity o ON o.id = first.id
LEFT JOIN member ON member.id = o.owner
LEFT JOIN customer ON customer.id = o.customer
LEFT JOIN product ON product.id = o.product
ORDER BY first.place, o.amount DESC, o.id
