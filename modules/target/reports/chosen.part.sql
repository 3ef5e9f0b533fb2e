(SELECT 'sales_amount' AS name, coalesce((SELECT value FROM setting WHERE name = 'sales_basis' AND value <> ''), 'won_amount') AS metric
 UNION ALL
 SELECT 'collected_amount', coalesce((SELECT value FROM setting WHERE name = 'collected_basis' AND value <> ''), 'collected_on_visits')) chosen
