-- Customers one person lost and another won: the same customer, another person.
SELECT c.id AS customer_id, c.name AS customer, lost.id AS lost_id, loser.label AS lost_by, lost.closed_on AS lost_on, r.name AS reason,
       winner.label AS won_by, won.closed_on AS won_on, won.amount AS value
FROM opportunity lost
CROSS JOIN opportunity won
JOIN customer c ON c.id = lost.customer
JOIN member loser ON loser.id = lost.owner
JOIN member winner ON winner.id = won.owner
LEFT JOIN loss_reason r ON r.id = lost.loss_reason
-- From each loss to the customer's other deals: few are won again.
WHERE won.customer = lost.customer AND won.result = 'won' AND won.owner <> lost.owner AND won.closed_on >= lost.closed_on
AND lost.result = 'lost' AND lost.closed_on >= coalesce($from, '0') AND lost.closed_on <= coalesce($to, '9')
AND (loser.team = coalesce($team, loser.team, 0) OR winner.team = coalesce($team, winner.team, 0))
ORDER BY won.closed_on DESC, won.id, lost.id
LIMIT 500
