-- Open deals by what an hour of work on them is expected to bring.
WITH mean AS (
	-- Selling time logged on deals that were closed within a year; 5 deals at least.
	SELECT CASE WHEN count(DISTINCT o.id) >= 5 AND sum(a.minutes) > 0 THEN 1.0 * sum(a.minutes) / 60 / count(DISTINCT o.id) END AS hours
	FROM opportunity o
	JOIN activity a ON a.opportunity = o.id AND a.state = 'done' AND a.minutes > 0
	WHERE o.result IN ('won', 'lost') AND o.closed_on >= CAST(CAST(substr($today, 1, 4) AS BIGINT) - 1 AS TEXT) || substr($today, 5, 6)
), held AS (
	SELECT o.id AS id, o.name AS name, o.customer AS customer, o.owner AS owner, o.amount AS amount, o.probability AS probability,
	       CASE WHEN o.effort_hours > 0 THEN o.effort_hours / 10.0 ELSE mean.hours END AS hours,
	       CASE WHEN o.effort_hours > 0 THEN 'said' WHEN mean.hours IS NOT NULL THEN 'mean' ELSE 'unknown' END AS basis,
	       CASE ntile(3) OVER (ORDER BY o.amount DESC, o.id) WHEN 1 THEN 'large' WHEN 2 THEN 'middle' ELSE 'small' END AS bulk
	FROM opportunity o
	CROSS JOIN mean
	LEFT JOIN member m ON m.id = o.owner
	WHERE o.result = 'open' AND o.amount > 0
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
), ranked AS (
	SELECT held.*, CASE WHEN hours <= 10 THEN 'little' WHEN hours <= 40 THEN 'some' WHEN hours > 40 THEN 'much' END AS load,
	       CASE WHEN hours > 0 THEN 1.0 * amount * coalesce(probability, 0) / 10000 / hours END AS per_hour
	FROM held
), chosen AS (
	SELECT * FROM ranked
	WHERE bulk = coalesce(CAST($size AS TEXT), bulk) AND coalesce(load, '') = coalesce(CAST($effort AS TEXT), load, '')
	ORDER BY coalesce(per_hour, -1) DESC, amount DESC, id
	LIMIT 500
)
SELECT c.id AS opportunity_id, c.name AS opportunity, customer.name AS customer, m.label AS who, c.amount AS value, c.probability AS chance,
       10.0 * c.hours AS hours, c.basis AS basis, c.per_hour AS per_hour, c.bulk AS bulk, c.load AS load,
       (SELECT count(*) FROM activity a WHERE a.opportunity = c.id AND a.state = 'done' AND a.kind <> 'note') AS meetings,
       (SELECT count(*) FROM stakeholder s WHERE s.opportunity = c.id) AS people
FROM chosen c
LEFT JOIN customer ON customer.id = c.customer
LEFT JOIN member m ON m.id = c.owner
ORDER BY coalesce(c.per_hour, -1) DESC, c.amount DESC, c.id
