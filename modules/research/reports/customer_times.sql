-- Of each customer with three contacts what was in which part of the week: 0 to 3 are the parts of a workday, 4 to 7 of a day of the weekend.
WITH contact AS NOT MATERIALIZED (
	SELECT a.customer AS customer, a.done_weekday AS weekday, a.done_hour AS hour
	FROM activity a
	-- In the order of customers, not of time or state.
	WHERE a.customer > 0 AND coalesce(a.state, '') = 'done' AND coalesce(a.kind, '') IN ('reception', 'visit', 'meeting', 'call')
	AND coalesce(a.done_at, 0) >= (SELECT starts_at FROM calendar_day WHERE day = $from) AND coalesce(a.done_at, 0) < (SELECT starts_at + 86400000 FROM calendar_day WHERE day = $to)
), enough AS MATERIALIZED (
	SELECT customer FROM contact GROUP BY customer HAVING count(*) >= 3
), met AS (
	SELECT c.customer AS customer, CASE WHEN c.weekday >= 6 THEN 4 ELSE 0 END + CASE WHEN c.hour < 11 THEN 0 WHEN c.hour < 14 THEN 1 WHEN c.hour < 18 THEN 2 ELSE 3 END AS cell
	FROM enough e
	CROSS JOIN contact c
	WHERE c.customer = e.customer
), counted AS (
	SELECT customer, count(*) AS n, count(*) FILTER (WHERE cell = 0) AS n0, count(*) FILTER (WHERE cell = 1) AS n1, count(*) FILTER (WHERE cell = 2) AS n2,
	       count(*) FILTER (WHERE cell = 3) AS n3, count(*) FILTER (WHERE cell = 4) AS n4, count(*) FILTER (WHERE cell = 5) AS n5, count(*) FILTER (WHERE cell = 6) AS n6
	FROM met
	GROUP BY customer
), named AS (
	SELECT column1 AS cell, column2 AS days, column3 AS part, column4 AS since, column5 AS until
	FROM (VALUES (0, 'weekday', 'morning', 0, 11), (1, 'weekday', 'noon', 11, 14), (2, 'weekday', 'afternoon', 14, 18), (3, 'weekday', 'evening', 18, 24),
	             (4, 'weekend', 'morning', 0, 11), (5, 'weekend', 'noon', 11, 14), (6, 'weekend', 'afternoon', 14, 18), (7, 'weekend', 'evening', 18, 24)) listed
), usual AS (
	-- Six of ten are in one of them at most.
	SELECT c.customer AS customer, CASE WHEN n0 * 10 >= n * 6 THEN 0 WHEN n1 * 10 >= n * 6 THEN 1 WHEN n2 * 10 >= n * 6 THEN 2 WHEN n3 * 10 >= n * 6 THEN 3 WHEN n4 * 10 >= n * 6 THEN 4
	                                WHEN n5 * 10 >= n * 6 THEN 5 WHEN n6 * 10 >= n * 6 THEN 6 WHEN (n - n0 - n1 - n2 - n3 - n4 - n5 - n6) * 10 >= n * 6 THEN 7 END AS cell,
	       n, n0, n1, n2, n3, n4, n5, n6
	FROM counted c
), placed AS (
	SELECT u.cell AS cell, CASE u.cell WHEN 0 THEN n0 WHEN 1 THEN n1 WHEN 2 THEN n2 WHEN 3 THEN n3 WHEN 4 THEN n4 WHEN 5 THEN n5 WHEN 6 THEN n6 ELSE n - n0 - n1 - n2 - n3 - n4 - n5 - n6 END AS n
	FROM usual u
	JOIN customer k ON k.id = u.customer
	WHERE u.cell IS NOT NULL
)
SELECT d.days AS days, d.part AS part, count(*) AS customers, CAST(sum(p.n) AS BIGINT) AS contacts, d.since AS since, d.until AS until,
       CASE d.days WHEN 'weekday' THEN 1 ELSE 6 END AS first, CASE d.days WHEN 'weekday' THEN 5 ELSE 7 END AS last
FROM placed p
JOIN named d ON d.cell = p.cell
GROUP BY d.days, d.part, d.since, d.until
ORDER BY customers DESC, d.days, d.part
