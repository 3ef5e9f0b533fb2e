WITH deal AS (
	SELECT CASE $by WHEN 'team' THEN CAST(m.team AS TEXT) WHEN 'owner' THEN CAST(m.id AS TEXT) WHEN 'product' THEN CAST(o.product AS TEXT)
	       ELSE substr(o.closed_on, 1, 7) END AS bucket,
	       CASE $by WHEN 'team' THEN t.name WHEN 'owner' THEN m.label WHEN 'product' THEN p.name ELSE substr(o.closed_on, 1, 7) END AS name,
	       coalesce(o.amount, 0) AS amount, f.cost_year AS cost_year, f.net AS net, f.margin AS margin
	FROM opportunity o
	JOIN member m ON m.id = o.owner
	LEFT JOIN team t ON t.id = m.team
	LEFT JOIN product p ON p.id = o.product
	LEFT JOIN offer f ON f.opportunity = o.id AND f.chosen = 1 AND f.cost_year > 0
	WHERE o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to
)
SELECT coalesce(max(name), '–') AS label, count(*) AS deals, CAST(sum(amount) AS BIGINT) AS income, count(cost_year) AS known,
       CAST(sum(CASE WHEN cost_year IS NOT NULL THEN net END) AS BIGINT) AS known_income,
       CAST(sum(CASE WHEN cost_year IS NOT NULL THEN net - margin END) AS BIGINT) AS cost,
       CAST(sum(CASE WHEN cost_year IS NOT NULL THEN margin END) AS BIGINT) AS margin,
       CAST(sum(CASE WHEN cost_year IS NOT NULL THEN margin END) AS BIGINT) * 10000 / nullif(CAST(sum(CASE WHEN cost_year IS NOT NULL THEN net END) AS BIGINT), 0) AS rate,
       CASE WHEN $by = 'team' THEN bucket END AS team_id, CASE WHEN $by = 'owner' THEN bucket END AS owner_id, CASE WHEN $by = 'product' THEN bucket END AS product_id
FROM deal
GROUP BY bucket
ORDER BY income DESC, bucket
