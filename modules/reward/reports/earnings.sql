SELECT e.person AS person_id, m.label AS who, e.day AS day, e.name AS reason, o.name AS deal, o.amount AS value, e.amount AS amount, o.id AS deal_id
FROM earning e
JOIN member m ON m.id = e.person
LEFT JOIN opportunity o ON o.id = e.opportunity
WHERE e.day >= $from AND e.day <= $to AND e.person = coalesce(CAST($person AS BIGINT), e.person)
ORDER BY m.label, e.person, e.day, e.id
