WITH counted AS (
	-- In the order of an index.
	SELECT c.owner AS owner, c.region AS region, count(*) AS known, count(*) FILTER (WHERE c.first_deal_on <= $to) AS served,
	       count(*) FILTER (WHERE c.first_deal_on >= $from AND c.first_deal_on <= $to) AS new_customers,
	       count(*) FILTER (WHERE c.outlet = 1 AND c.first_deal_on >= $from AND c.first_deal_on <= $to) AS new_outlets, 0 AS opportunities
	FROM customer c
	WHERE c.lifecycle <> 'lost'
	GROUP BY c.owner, c.region
	UNION ALL
	SELECT c.owner, c.region, 0, 0, 0, 0, count(*)
	FROM opportunity o
	JOIN customer c ON c.id = o.customer
	WHERE o.engaged_on >= $from AND o.engaged_on <= $to AND c.lifecycle <> 'lost'
	GROUP BY c.owner, c.region
), summed AS (
	SELECT CASE $by WHEN 'region' THEN substr(region, 1, 2) END AS region, CASE $by WHEN 'owner' THEN owner END AS owner,
	       CAST(sum(known) AS BIGINT) AS known, CAST(sum(served) AS BIGINT) AS served, CAST(sum(new_customers) AS BIGINT) AS new_customers,
	       CAST(sum(new_outlets) AS BIGINT) AS new_outlets, CAST(sum(opportunities) AS BIGINT) AS opportunities
	FROM counted
	GROUP BY 1, 2
)
SELECT c.region AS region, coalesce(m.label, c.region, '–') AS who, c.known AS known, c.served AS served, (c.served * 20000 + c.known) / (2 * c.known) AS coverage,
       c.new_customers AS new_customers, c.new_outlets AS new_outlets, c.opportunities AS opportunities,
       CASE WHEN c.new_customers > 0 AND c.new_customers = c.served THEN 1 ELSE 0 END AS opened, c.owner AS owner_id
FROM summed c
LEFT JOIN member m ON m.id = c.owner
ORDER BY c.known DESC, c.region, c.owner
