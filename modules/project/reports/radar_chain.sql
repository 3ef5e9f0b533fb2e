-- Each news with what came of it.
WITH item AS (
	SELECT id, name, happens_on FROM radar
	WHERE coalesce(happens_on, '') >= coalesce($from, '') AND coalesce(happens_on, '') <= coalesce($to, '9')
), came AS (
	SELECT radar, count(*) AS leads, min(received_on) AS first_on FROM lead WHERE radar IS NOT NULL GROUP BY radar
), way AS (
	SELECT radar, id FROM opportunity WHERE radar IS NOT NULL
	UNION
	SELECT radar, opportunity FROM lead WHERE radar IS NOT NULL AND opportunity IS NOT NULL
), deal AS (
	SELECT way.radar AS radar, count(*) AS opportunities, count(*) FILTER (WHERE o.result = 'won') AS won,
	       sum(o.amount) FILTER (WHERE o.result = 'won') AS value
	FROM way
	JOIN opportunity o ON o.id = way.id
	GROUP BY way.radar
)
SELECT item.id AS radar_id, item.name AS radar, item.happens_on AS happens_on, coalesce(came.leads, 0) AS leads,
       coalesce(deal.opportunities, 0) AS opportunities, coalesce(deal.won, 0) AS won,
       CAST(coalesce(deal.value, 0) AS BIGINT) AS value, tender.day_number - first.day_number AS days_ahead
FROM item
LEFT JOIN came ON came.radar = item.id
LEFT JOIN deal ON deal.radar = item.id
LEFT JOIN calendar_day tender ON tender.day = item.happens_on
LEFT JOIN calendar_day first ON first.day = came.first_on
ORDER BY item.happens_on, item.id
