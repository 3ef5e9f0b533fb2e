WITH sold AS (
	SELECT owner, count(*) AS deals, count(*) FILTER (WHERE recommended = 1) AS recommended, CAST(coalesce(sum(amount), 0) AS BIGINT) AS amount,
	       CAST(coalesce(sum(CASE WHEN recommended = 1 THEN amount END), 0) AS BIGINT) AS recommended_amount
	FROM opportunity WHERE result = 'won' AND closed_on >= $from AND closed_on <= $to GROUP BY owner
), fresh AS (
	SELECT owner, count(*) AS customers, count(referrer) AS referred FROM customer WHERE first_deal_on >= $from AND first_deal_on <= $to GROUP BY owner
)
SELECT m.label AS who, coalesce(s.deals, 0) AS deals, coalesce(s.recommended, 0) AS recommended, coalesce(s.amount, 0) AS amount,
       coalesce(s.recommended_amount, 0) AS recommended_amount, s.recommended_amount * 10000 / nullif(s.amount, 0) AS share,
       coalesce(f.customers, 0) AS new_customers, coalesce(f.referred, 0) AS referred, m.id AS owner_id
FROM member m
LEFT JOIN sold s ON s.owner = m.id
LEFT JOIN fresh f ON f.owner = m.id
WHERE (s.owner IS NOT NULL OR f.owner IS NOT NULL) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
ORDER BY coalesce(s.amount, 0) DESC, m.id
