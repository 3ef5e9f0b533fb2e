WITH came AS (
	SELECT l.campaign AS name, count(*) AS leads, count(o.id) AS deals, CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS won
	FROM lead l
	LEFT JOIN opportunity o ON o.id = l.opportunity AND o.result = 'won'
	WHERE l.campaign IS NOT NULL
	GROUP BY l.campaign
)
SELECT c.name AS name, c.cost AS cost, coalesce(came.leads, 0) AS leads, coalesce(came.deals, 0) AS deals, coalesce(came.won, 0) AS won,
       c.cost / nullif(came.leads, 0) AS per_lead, c.cost / nullif(came.deals, 0) AS per_deal,
       coalesce(came.won, 0) * 10 / nullif(c.cost, 0) AS gain
FROM campaign c
LEFT JOIN came ON came.name = c.name
WHERE c.from_on >= coalesce($from, c.from_on) AND c.from_on <= $to
ORDER BY c.from_on DESC, c.id
