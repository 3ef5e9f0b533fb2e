-- Open opportunities past their expected closing day.
SELECT o.id AS opportunity_id,
       o.name AS opportunity,
       customer.name AS customer,
       member.label AS owner_name,
       stage.name AS stage,
       o.amount AS value,
       o.close_on AS close_on,
       today.day_number - due.day_number AS days
FROM opportunity o
LEFT JOIN customer ON customer.id = o.customer
LEFT JOIN member ON member.id = o.owner
LEFT JOIN stage ON stage.id = o.stage
LEFT JOIN calendar_day due ON due.day = o.close_on
LEFT JOIN calendar_day today ON today.day = $today
WHERE o.result = 'open' AND o.close_on < $today
AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
ORDER BY o.close_on, o.amount DESC, o.id
LIMIT 500
