-- The largest customer of each person within a year.
WITH won AS (
	SELECT o.owner AS owner, o.customer AS customer, count(*) AS deals, CAST(sum(o.amount) AS BIGINT) AS amount
	FROM opportunity o
	WHERE o.result = 'won' AND o.closed_on >= (SELECT y.day FROM calendar_day d JOIN calendar_day y ON y.day_number = d.day_number - 364 WHERE d.day = $today)
	AND o.closed_on <= $today AND o.customer IS NOT NULL AND o.amount > 0 AND o.owner = coalesce($owner, o.owner)
	GROUP BY o.owner, o.customer
), ranked AS (
	-- Without putting each person's customers in order.
	SELECT owner, CAST(sum(deals) AS BIGINT) AS n, CAST(sum(amount) AS BIGINT) AS total, max(amount) AS amount,
	       min(CASE WHEN amount = top THEN customer END) AS customer
	FROM (SELECT won.*, max(amount) OVER (PARTITION BY owner) AS top FROM won) w
	GROUP BY owner
)
SELECT m.id AS owner_id, m.label AS who, r.n AS deals, r.total AS amount, c.name AS customer, (r.amount * 20000 + r.total) / (2 * r.total) AS largest
FROM ranked r
JOIN member m ON m.id = r.owner
LEFT JOIN customer c ON c.id = r.customer
WHERE r.n >= 5 AND (r.amount * 20000 + r.total) / (2 * r.total) >= $share AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY m.team, m.id
