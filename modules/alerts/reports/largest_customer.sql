-- The largest customer of each person within a year.
WITH won AS (
	SELECT o.owner AS owner, o.customer AS customer, count(*) AS deals, CAST(sum(o.amount) AS BIGINT) AS amount
	FROM opportunity o
	WHERE o.result = 'won' AND o.closed_on >= (SELECT y.day FROM calendar_day d JOIN calendar_day y ON y.day_number = d.day_number - 364 WHERE d.day = $today)
	AND o.closed_on <= $today AND o.customer IS NOT NULL AND o.amount > 0 AND o.owner = coalesce($owner, o.owner)
	GROUP BY o.owner, o.customer
), ranked AS (
	SELECT won.*, row_number() OVER (PARTITION BY owner ORDER BY amount DESC, customer) AS place,
	       CAST(sum(amount) OVER (PARTITION BY owner) AS BIGINT) AS total, CAST(sum(deals) OVER (PARTITION BY owner) AS BIGINT) AS n
	FROM won
)
SELECT m.id AS owner_id, m.label AS who, r.n AS deals, r.total AS amount, c.name AS customer, (r.amount * 20000 + r.total) / (2 * r.total) AS largest
FROM ranked r
JOIN member m ON m.id = r.owner
LEFT JOIN customer c ON c.id = r.customer
WHERE r.place = 1 AND r.n >= 5 AND (r.amount * 20000 + r.total) / (2 * r.total) >= $share AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
ORDER BY m.team, m.id
