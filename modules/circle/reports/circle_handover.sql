-- Customers in their owner's minefield, and those of the pool (by their industry), with a colleague whose efficient
-- zone it is; where there are several, in turn.
WITH able AS (
	SELECT z.segment AS segment, z.person AS person, m.label AS label, z.estimate AS estimate, z.closed AS closed,
	       row_number() OVER (PARTITION BY z.segment ORDER BY z.estimate DESC, z.person) AS place,
	       count(*) OVER (PARTITION BY z.segment) AS places
	FROM rep_zone z
	JOIN member m ON m.id = z.person AND m.active = 1
	WHERE z.zone = 'efficient'
), side AS (
	-- The zones a customer is in for its owner, one for each kind that is looked at.
	SELECT c.id AS id, z.zone AS zone, z.segment AS segment, z.estimate AS estimate
	FROM rep_zone z
	JOIN customer c ON c.owner = z.person AND c.lifecycle <> 'lost'
	     AND z.segment = CASE z.by WHEN 'industry' THEN 'industry/' || CAST(c.industry AS TEXT) WHEN 'region' THEN 'region/' || CAST(CAST(substr(c.region, 1, 2) AS BIGINT) AS TEXT)
	         WHEN 'size' THEN CASE WHEN c.employees < 50 THEN 'size/1' WHEN c.employees < 500 THEN 'size/2' WHEN c.employees >= 500 THEN 'size/3' END
	         WHEN 'source' THEN 'source/' || CAST(c.source AS TEXT) END
	WHERE z.zone IN ('mine', 'efficient')
), worst AS (
	-- A minefield on one side and efficient on another is neither.
	SELECT side.*, row_number() OVER (PARTITION BY id ORDER BY estimate, segment) AS place,
	       max(CASE WHEN zone = 'efficient' THEN 1 ELSE 0 END) OVER (PARTITION BY id) AS fits
	FROM side
), unfit AS (
	SELECT c.id AS id, c.name AS name, w.segment AS segment, c.industry AS industry, c.owner AS owner, w.estimate AS estimate
	FROM worst w
	JOIN customer c ON c.id = w.id
	WHERE w.place = 1 AND w.fits = 0
	UNION ALL
	SELECT c.id, c.name, 'industry/' || CAST(c.industry AS TEXT), c.industry, NULL, NULL
	FROM customer c
	WHERE c.owner IS NULL AND c.industry IS NOT NULL AND c.lifecycle <> 'lost'
), valued AS (
	SELECT u.id AS id, u.name AS name, u.segment AS segment, u.industry AS industry, u.owner AS owner, u.estimate AS estimate,
	       CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS amount
	FROM unfit u
	LEFT JOIN member m ON m.id = u.owner
	LEFT JOIN opportunity o ON o.customer = u.id AND o.result = 'open'
	WHERE (u.owner IS NULL OR coalesce(u.owner, 0) = coalesce($owner, u.owner, 0))
	AND (u.owner IS NULL OR coalesce(m.team, 0) = coalesce($team, m.team, 0))
	AND coalesce(u.industry, 0) = coalesce($industry, u.industry, 0)
	GROUP BY u.id, u.name, u.segment, u.industry, u.owner, u.estimate
), listed AS (
	SELECT valued.*, row_number() OVER (PARTITION BY segment ORDER BY amount DESC, id) AS turn
	FROM valued
)
SELECT l.id AS customer_id, l.name AS customer, industry.name AS industry_name, m.label AS owner_name, l.estimate AS own_estimate,
       l.amount AS value, able.person AS to_id, able.label AS proposed, able.estimate AS estimate, able.closed AS cases,
       CASE WHEN able.person IS NULL THEN 'nobody' WHEN l.owner IS NULL THEN 'assign' ELSE 'hand_over' END AS action
FROM listed l
LEFT JOIN industry ON industry.id = l.industry
LEFT JOIN member m ON m.id = l.owner
LEFT JOIN able ON able.segment = l.segment AND able.place = (l.turn - 1) % able.places + 1
ORDER BY CASE WHEN l.owner IS NULL THEN 1 ELSE 0 END, l.amount DESC, l.id
LIMIT 500
