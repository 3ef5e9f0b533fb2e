WITH brought AS (
	SELECT outreach, count(*) AS leads, count(*) FILTER (WHERE converted = 1) AS converted FROM lead WHERE outreach IS NOT NULL GROUP BY outreach
), counted AS (
	SELECT o.channel AS channel, count(*) AS actions, CAST(coalesce(sum(o.quantity), 0) AS BIGINT) AS quantity, CAST(coalesce(sum(o.cost), 0) AS BIGINT) AS cost,
	       CAST(coalesce(sum(b.leads), 0) AS BIGINT) AS leads, CAST(coalesce(sum(b.converted), 0) AS BIGINT) AS converted
	FROM outreach o
	LEFT JOIN brought b ON b.outreach = o.id
	WHERE o.held_on >= coalesce($from, '0') AND o.held_on <= $to AND o.owner = coalesce($owner, o.owner)
	GROUP BY o.channel
)
SELECT channel, actions, quantity, cost, leads, CASE WHEN quantity > 0 THEN (leads * 20000 + quantity) / (2 * quantity) END AS rate, CASE WHEN leads > 0 THEN cost / leads END AS cost_per_lead, converted
FROM counted
ORDER BY leads DESC, channel
