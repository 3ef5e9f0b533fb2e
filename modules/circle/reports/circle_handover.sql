-- Customers in their owner's minefield, and those of the pool, with a colleague whose efficient zone their
-- industry is; where there are several, in turn.
WITH able AS (
	SELECT z.industry AS industry, z.person AS person, m.label AS label, z.estimate AS estimate, z.closed AS closed,
	       row_number() OVER (PARTITION BY z.industry ORDER BY z.estimate DESC, z.person) AS place,
	       count(*) OVER (PARTITION BY z.industry) AS places
	FROM rep_zone z
	JOIN member m ON m.id = z.person AND m.active = 1
	WHERE z.zone = 'efficient'
), unfit AS (
	SELECT c.id AS id, c.name AS name, c.industry AS industry, c.owner AS owner, z.estimate AS estimate
	FROM rep_zone z
	JOIN customer c ON c.owner = z.person AND c.industry = z.industry
	WHERE z.zone = 'mine' AND c.lifecycle <> 'lost'
	UNION ALL
	SELECT c.id, c.name, c.industry, NULL, NULL
	FROM customer c
	WHERE c.owner IS NULL AND c.industry IS NOT NULL AND c.lifecycle <> 'lost'
), valued AS (
	SELECT u.id AS id, u.name AS name, u.industry AS industry, u.owner AS owner, u.estimate AS estimate,
	       CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS amount
	FROM unfit u
	LEFT JOIN member m ON m.id = u.owner
	LEFT JOIN opportunity o ON o.customer = u.id AND o.result = 'open'
	WHERE (u.owner IS NULL OR coalesce(u.owner, 0) = coalesce($owner, u.owner, 0))
	AND (u.owner IS NULL OR coalesce(m.team, 0) = coalesce($team, m.team, 0))
	AND u.industry = coalesce($industry, u.industry)
	GROUP BY u.id, u.name, u.industry, u.owner, u.estimate
), listed AS (
	SELECT valued.*, row_number() OVER (PARTITION BY industry ORDER BY amount DESC, id) AS turn
	FROM valued
)
SELECT l.id AS customer_id, l.name AS customer, industry.name AS industry_name, m.label AS owner_name, l.estimate AS own_estimate,
       l.amount AS value, able.person AS to_id, able.label AS proposed, able.estimate AS estimate, able.closed AS cases,
       CASE WHEN able.person IS NULL THEN 'nobody' WHEN l.owner IS NULL THEN 'assign' ELSE 'hand_over' END AS action
FROM listed l
JOIN industry ON industry.id = l.industry
LEFT JOIN member m ON m.id = l.owner
LEFT JOIN able ON able.industry = l.industry AND able.place = (l.turn - 1) % able.places + 1
ORDER BY CASE WHEN l.owner IS NULL THEN 1 ELSE 0 END, l.amount DESC, l.id
LIMIT 500
