SELECT c.name AS contract, k.name AS customer, m.label AS who, max(v.done_on) AS delivered_on, min(t.day_number - d.day_number) AS days_since,
       min(s.due_on) AS due_on, c.owner AS owner_id, c.id AS contract_id
FROM contract c
JOIN contract_milestone v ON v.contract = c.id AND v.kind = 'delivery'
JOIN contract_milestone s ON s.contract = c.id AND s.kind = 'installation' AND s.done_on IS NULL
JOIN calendar_day d ON d.day = v.done_on
JOIN calendar_day t ON t.day = $today
LEFT JOIN customer k ON k.id = c.customer
LEFT JOIN member m ON m.id = c.owner
WHERE c.state IN ('signed', 'executing') AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY c.id, c.name, k.name, m.label, c.owner
HAVING min(t.day_number - d.day_number) > coalesce(CAST($days AS BIGINT),
       (SELECT CAST(nullif(g.value, '') AS BIGINT) FROM setting g WHERE g.name = 'install_days'), 10)
ORDER BY 5 DESC, c.id
