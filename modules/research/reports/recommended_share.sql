WITH sold AS (
	SELECT o.owner AS owner, count(*) AS deals, count(*) FILTER (WHERE o.recommended = 1) AS recommended, CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS amount,
	       CAST(coalesce(sum(CASE WHEN o.recommended = 1 THEN o.amount END), 0) AS BIGINT) AS recommended_amount
	FROM member m
	CROSS JOIN opportunity o
	WHERE o.owner = m.id AND coalesce(o.result, '') = 'won' AND o.closed_on >= $from AND o.closed_on <= $to
	GROUP BY o.owner
), fresh AS (
	SELECT c.owner AS owner, count(*) AS customers, count(c.referrer) AS referred
	FROM member m
	CROSS JOIN customer c
	WHERE c.owner = m.id AND c.first_deal_on >= $from AND c.first_deal_on <= $to
	GROUP BY c.owner
)
SELECT m.label AS who, coalesce(s.deals, 0) AS deals, coalesce(s.recommended, 0) AS recommended, coalesce(s.amount, 0) AS amount,
       coalesce(s.recommended_amount, 0) AS recommended_amount, s.recommended_amount * 10000 / nullif(s.amount, 0) AS share,
       coalesce(f.customers, 0) AS new_customers, coalesce(f.referred, 0) AS referred, m.id AS owner_id
FROM member m
LEFT JOIN sold s ON s.owner = m.id
LEFT JOIN fresh f ON f.owner = m.id
WHERE (s.owner IS NOT NULL OR f.owner IS NOT NULL) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY coalesce(s.amount, 0) DESC, m.id
