-- Open leads in their owner's minefield, and those of nobody (by their industry), with a colleague whose efficient zone
-- it is; where there are several, in turn.
WITH
-- include circle/able
, latest AS MATERIALIZED (
	SELECT l.id AS id, coalesce(l.company, l.name) AS name, l.industry AS industry, l.region AS region, l.source AS source, l.owner AS owner,
	       l.received_on AS received_on
	FROM lead l
	LEFT JOIN member m ON m.id = l.owner
	WHERE l.state IN ('new', 'contacted', 'qualified') AND coalesce(l.owner, 0) = coalesce($owner, l.owner, 0)
	AND (CAST($team AS BIGINT) IS NULL OR m.team = $team) AND coalesce(l.industry, 0) = coalesce($industry, l.industry, 0)
	ORDER BY l.received_on DESC, l.id DESC
	LIMIT 5000
), side AS (
	-- The zones a lead is in for its owner, one for each kind that is looked at.
	SELECT l.id AS id, l.name AS name, l.industry AS industry, l.owner AS owner, l.received_on AS received_on,
	       z.zone AS zone, z.segment AS segment, z.estimate AS estimate
	FROM latest l
	JOIN rep_zone z ON z.person = l.owner AND z.zone IN ('mine', 'efficient')
	AND z.segment IN ('industry/' || CAST(l.industry AS TEXT), 'region/' || CAST(CAST(substr(l.region, 1, 2) AS BIGINT) AS TEXT),
	                  'source/' || CAST(l.source AS TEXT))
), worst AS (
	-- A minefield on one side and efficient on another is neither.
	SELECT side.*, row_number() OVER (PARTITION BY id ORDER BY estimate, segment) AS place,
	       max(CASE WHEN zone = 'efficient' THEN 1 ELSE 0 END) OVER (PARTITION BY id) AS fits
	FROM side
), unfit AS (
	SELECT id, name, segment, industry, owner, estimate, received_on
	FROM worst
	WHERE place = 1 AND fits = 0
	UNION ALL
	SELECT id, name, 'industry/' || CAST(industry AS TEXT), industry, owner, CAST(NULL AS BIGINT), received_on
	FROM latest
	WHERE owner IS NULL AND industry IS NOT NULL
), listed AS (
	SELECT unfit.*, row_number() OVER (PARTITION BY segment ORDER BY received_on DESC, id DESC) AS turn
	FROM unfit
)
SELECT l.id AS lead_id, l.name AS lead, l.received_on AS received_on, industry.name AS industry_name, m.label AS owner_name,
       l.estimate AS own_estimate, able.person AS to_id, able.label AS proposed, able.estimate AS estimate, able.closed AS cases,
       CASE WHEN able.person IS NULL THEN 'nobody' ELSE 'assign' END AS action
FROM listed l
LEFT JOIN industry ON industry.id = l.industry
LEFT JOIN member m ON m.id = l.owner
LEFT JOIN suited ON suited.segment = l.segment
LEFT JOIN able ON able.segment = l.segment AND able.place = (l.turn - 1) % suited.persons + 1
ORDER BY CASE WHEN l.owner IS NULL THEN 1 ELSE 0 END, l.received_on DESC, l.id DESC
LIMIT 500
