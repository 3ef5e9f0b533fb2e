-- What was referred, each with its deals so far.
WITH edge AS (
	SELECT l.starts_at + 86400000 AS until, coalesce((SELECT f.starts_at FROM calendar_day f WHERE f.day = $from), 0) AS from_at
	FROM calendar_day l
	WHERE l.day = $to
), came AS (
	-- Backwards by the time, until there are as many as are listed.
	SELECT *
	FROM (SELECT c.id AS customer, CAST(NULL AS BIGINT) AS lead, c.name AS name, c.created_at AS at, by_whom.name AS referrer_name, m.label AS who
	      FROM edge
	      CROSS JOIN customer c
	      CROSS JOIN customer by_whom
	      CROSS JOIN member m
	      WHERE c.referrer IS NOT NULL AND c.created_at >= edge.from_at AND c.created_at < edge.until
	      AND by_whom.id = c.referrer AND m.id = by_whom.owner AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner)
	      ORDER BY c.created_at DESC, c.id
	      LIMIT 1000) customers
	UNION ALL
	-- By who referred them: few leads have that, and many no customer.
	SELECT NULL, l.id, l.name, l.received_at, by_whom.name, m.label
	FROM edge
	CROSS JOIN lead l
	CROSS JOIN customer by_whom
	CROSS JOIN member m
	WHERE l.referrer > 0 AND coalesce(l.customer, 0) = 0 AND +l.received_at >= edge.from_at AND +l.received_at < edge.until
	AND by_whom.id = l.referrer AND m.id = by_whom.owner AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner)
), chosen AS (
	SELECT * FROM came ORDER BY at DESC, customer, lead LIMIT 1000
), sold AS (
	SELECT o.customer AS customer, count(*) AS deals, sum(o.amount) AS amount
	FROM chosen
	CROSS JOIN opportunity o
	WHERE o.customer = chosen.customer AND o.result = 'won' AND o.closed_on <= $to
	GROUP BY o.customer
)
SELECT c.referrer_name AS referrer, c.name AS name, CASE WHEN c.customer IS NULL THEN 'lead' ELSE 'customer' END AS what,
       (SELECT d.day FROM calendar_day d WHERE d.starts_at <= c.at AND d.starts_at > c.at - 90000000 ORDER BY d.starts_at DESC LIMIT 1) AS came_on, c.who AS who,
       coalesce(sold.deals, 0) AS deals, CAST(coalesce(sold.amount, 0) AS BIGINT) AS value, c.customer AS customer_id,
       CASE WHEN c.customer IS NULL THEN 'lead?id=eq.' || CAST(c.lead AS TEXT) ELSE 'customer?id=eq.' || CAST(c.customer AS TEXT) END AS "open"
FROM chosen c
LEFT JOIN sold ON sold.customer = c.customer
ORDER BY c.at DESC, c.customer, c.lead
