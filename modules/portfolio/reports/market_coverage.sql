WITH came AS (
	SELECT customer, count(*) AS n FROM opportunity WHERE engaged_on >= $from AND engaged_on <= $to AND customer IS NOT NULL GROUP BY customer
), known AS (
	SELECT CASE $by WHEN 'region' THEN substr(c.region, 1, 2) END AS region, CASE $by WHEN 'owner' THEN c.owner END AS owner,
	       CASE WHEN c.first_deal_on <= $to THEN c.first_deal_on END AS first_on, c.outlet AS outlet, coalesce(k.n, 0) AS opportunities
	FROM customer c
	LEFT JOIN came k ON k.customer = c.id
	WHERE c.lifecycle <> 'lost'
), counted AS (
	SELECT region, owner, count(*) AS known, count(first_on) AS served, count(*) FILTER (WHERE first_on >= $from) AS new_customers,
	       count(*) FILTER (WHERE first_on >= $from AND outlet = 1) AS new_outlets, CAST(sum(opportunities) AS BIGINT) AS opportunities,
	       min(first_on) AS first_on
	FROM known GROUP BY region, owner
)
SELECT c.region AS region, coalesce(m.label, c.region, '–') AS who, c.known AS known, c.served AS served, (c.served * 20000 + c.known) / (2 * c.known) AS coverage,
       c.new_customers AS new_customers, c.new_outlets AS new_outlets, c.opportunities AS opportunities,
       CASE WHEN c.first_on >= $from THEN 1 ELSE 0 END AS opened, c.owner AS owner_id
FROM counted c
LEFT JOIN member m ON m.id = c.owner
ORDER BY c.known DESC, c.region, c.owner
