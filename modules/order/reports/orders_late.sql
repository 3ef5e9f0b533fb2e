SELECT o.id AS order_id, o.number AS number, k.name AS customer, o.owner AS owner_id, m.label AS who, o.promised_on AS promised_on, o.completed_on AS completed_on,
       now.day_number - due.day_number AS days, o.late_reason AS reason, o.late_note AS note, o.amount AS amount
FROM sales_order o
JOIN member m ON m.id = o.owner
LEFT JOIN customer k ON k.id = o.customer
JOIN calendar_day due ON due.day = o.promised_on
JOIN calendar_day now ON now.day = coalesce(o.completed_on, $today)
WHERE o.in_time = 0 AND o.promised_on >= $from AND o.promised_on <= $to
AND o.owner = coalesce($owner, o.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY o.promised_on, o.id
LIMIT 1000
