-- Customers in their owner's minefield, and those of the pool (by their industry), with a colleague whose efficient
-- zone it is; where there are several, in turn.
WITH
-- include circle/able
, valued AS MATERIALIZED (
	SELECT o.customer AS id, CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS amount
	FROM opportunity o
	WHERE o.result = 'open' AND o.customer IS NOT NULL
	GROUP BY o.customer
), asked AS NOT MATERIALIZED (
	SELECT c.id AS id
	FROM customer c
	LEFT JOIN member m ON m.id = c.owner
	WHERE c.owner IS NOT NULL AND c.lifecycle <> 'lost' AND c.owner = coalesce($owner, c.owner)
	AND (CAST($team AS BIGINT) IS NULL OR m.team = $team) AND coalesce(c.industry, 0) = coalesce($industry, c.industry, 0)
), largest AS MATERIALIZED (
	SELECT v.id AS id, v.amount AS amount
	FROM valued v
	WHERE coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT), CAST($industry AS BIGINT)) IS NULL OR v.id IN (SELECT id FROM asked)
	ORDER BY v.amount DESC, v.id
	LIMIT 5000
), found AS MATERIALIZED (
	SELECT count(*) AS n FROM largest
), looked_at AS (
	-- Where little is open the others, too.
	SELECT id, amount FROM largest
	UNION ALL
	SELECT id, 0
	FROM (SELECT asked.id AS id
	      FROM found
	      CROSS JOIN asked
	      WHERE found.n < 5000 AND asked.id NOT IN (SELECT id FROM valued)
	      ORDER BY asked.id
	      LIMIT 5000) other
), side AS (
	-- The zones a customer is in for its owner, one for each kind that is looked at.
	SELECT c.id AS id, c.name AS name, c.industry AS industry, c.owner AS owner, l.amount AS amount,
	       z.zone AS zone, z.segment AS segment, z.estimate AS estimate
	FROM looked_at l
	CROSS JOIN customer c
	CROSS JOIN rep_zone z
	WHERE c.id = l.id AND c.lifecycle <> 'lost' AND z.person = c.owner AND z.zone IN ('mine', 'efficient')
	AND z.segment IN ('industry/' || CAST(c.industry AS TEXT), 'region/' || CAST(CAST(substr(c.region, 1, 2) AS BIGINT) AS TEXT),
	                  CASE WHEN c.employees < 50 THEN 'size/1' WHEN c.employees < 500 THEN 'size/2' WHEN c.employees >= 500 THEN 'size/3' END,
	                  'source/' || CAST(c.source AS TEXT))
), worst AS (
	-- A minefield on one side and efficient on another is neither.
	SELECT side.*, row_number() OVER (PARTITION BY id ORDER BY estimate, segment) AS place,
	       max(CASE WHEN zone = 'efficient' THEN 1 ELSE 0 END) OVER (PARTITION BY id) AS fits
	FROM side
), unfit AS (
	SELECT * FROM (SELECT id, name, segment, industry, owner, estimate, amount
	               FROM worst
	               WHERE place = 1 AND fits = 0
	               ORDER BY amount DESC, id
	               LIMIT 500) owned
	UNION ALL
	SELECT * FROM (SELECT c.id AS id, c.name AS name, 'industry/' || CAST(c.industry AS TEXT) AS segment, c.industry AS industry,
	                      c.owner AS owner, CAST(NULL AS BIGINT) AS estimate, coalesce(v.amount, 0) AS amount
	               FROM customer c
	               LEFT JOIN valued v ON v.id = c.id
	               WHERE c.owner IS NULL AND c.lifecycle <> 'lost' AND c.industry = coalesce($industry, c.industry)
	               ORDER BY 7 DESC, 1
	               LIMIT 500) pool
), listed AS (
	SELECT unfit.*, row_number() OVER (PARTITION BY segment ORDER BY amount DESC, id) AS turn
	FROM unfit
)
SELECT l.id AS customer_id, l.name AS customer, industry.name AS industry_name, m.label AS owner_name, l.estimate AS own_estimate,
       l.amount AS value, able.person AS to_id, able.label AS proposed, able.estimate AS estimate, able.closed AS cases,
       CASE WHEN able.person IS NULL THEN 'nobody' WHEN l.owner IS NULL THEN 'assign' ELSE 'hand_over' END AS action
FROM listed l
LEFT JOIN industry ON industry.id = l.industry
LEFT JOIN member m ON m.id = l.owner
LEFT JOIN suited ON suited.segment = l.segment
LEFT JOIN able ON able.segment = l.segment AND able.place = (l.turn - 1) % suited.persons + 1
ORDER BY CASE WHEN l.owner IS NULL THEN 1 ELSE 0 END, l.amount DESC, l.id
LIMIT 500
