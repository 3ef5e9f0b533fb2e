-- The chosen offers of deals won.
WITH contract AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) ELSE '*' END, '') AS bucket, CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN team.name END AS name,
	       f.years AS years, f.discount AS discount, coalesce(f.products, 0) AS products, coalesce(f.net, 0) AS net
	FROM offer f
	JOIN opportunity o ON o.id = f.opportunity
	JOIN member m ON m.id = o.owner
	LEFT JOIN team ON team.id = m.team
	WHERE f.chosen = 1 AND o.result = 'won' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
	AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
)
SELECT coalesce(max(name), '–') AS label, count(*) AS contracts, 1.0 * avg(net) AS average, 10.0 * avg(products) AS products, 10.0 * avg(years) AS years, CAST(floor(avg(1.0 * discount) + 0.5) AS BIGINT) AS discount,
       CASE WHEN $by = 'owner' THEN 'eq.' || bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS who,
       CASE WHEN $by = 'team' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS part
FROM contract
GROUP BY bucket
ORDER BY 2 DESC, bucket
