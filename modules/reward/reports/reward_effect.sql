WITH won AS (
	SELECT e.reward_rule AS rule, CAST(sum(o.amount) AS BIGINT) AS value
	FROM (SELECT DISTINCT reward_rule, opportunity FROM earning WHERE day >= $from AND day <= $to AND opportunity IS NOT NULL) e
	JOIN opportunity o ON o.id = e.opportunity AND o.result = 'won'
	GROUP BY e.reward_rule
)
SELECT r.name AS rule, CAST(sum(CASE WHEN e.reversal = 1 THEN -1 ELSE 1 END) AS BIGINT) AS times, count(DISTINCT e.person) AS people,
       CAST(sum(e.amount) AS BIGINT) AS cost, w.value AS deals, w.value * 100 / nullif(CAST(sum(e.amount) AS BIGINT), 0) AS per_yuan, r.id AS rule_id
FROM earning e
JOIN reward_rule r ON r.id = e.reward_rule
LEFT JOIN won w ON w.rule = r.id
WHERE e.day >= $from AND e.day <= $to
GROUP BY r.id, r.name, w.value
ORDER BY cost DESC, r.id
