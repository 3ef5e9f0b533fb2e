SELECT r.id, r.name, r.team, t.name, r.period, r.threshold, r.amount
FROM reward_rule r
JOIN team t ON t.id = r.team
WHERE r.event = 'team_sum' AND r.from_on <= $today AND (r.to_on IS NULL OR r.to_on >= $today)
ORDER BY r.id
