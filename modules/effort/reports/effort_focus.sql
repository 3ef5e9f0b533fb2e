-- Open deals by what an hour of work on them is expected to bring.
WITH
-- include open_deals
ranked AS (
	SELECT held.*, CASE WHEN hours <= 10 THEN 'little' WHEN hours <= 40 THEN 'some' WHEN hours > 40 THEN 'much' END AS load,
	       CASE WHEN hours > 0 THEN 1.0 * amount * coalesce(probability, 0) / 10000 / hours END AS per_hour
	FROM held
), chosen AS (
	SELECT * FROM ranked
	WHERE bulk = coalesce(CAST($size AS TEXT), bulk) AND coalesce(load, '') = coalesce(CAST($effort AS TEXT), load, '')
	ORDER BY coalesce(per_hour, -1) DESC, amount DESC, id
	LIMIT 500
)
SELECT c.id AS opportunity_id, o.name AS opportunity, customer.name AS customer, m.label AS who, c.amount AS value, c.probability AS chance,
       10.0 * c.hours AS hours, c.basis AS basis, c.per_hour AS per_hour, c.bulk AS bulk, c.load AS load,
       (SELECT count(*) FROM activity a WHERE a.opportunity = c.id AND a.state = 'done' AND a.kind <> 'note') AS meetings,
       (SELECT count(*) FROM stakeholder s WHERE s.opportunity = c.id) AS people
FROM chosen c
CROSS JOIN opportunity o
LEFT JOIN customer ON customer.id = o.customer
LEFT JOIN member m ON m.id = o.owner
WHERE o.id = c.id
ORDER BY coalesce(c.per_hour, -1) DESC, c.amount DESC, c.id
