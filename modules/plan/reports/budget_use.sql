WITH settled AS (
	SELECT advance, sum(amount) AS amount FROM expense WHERE advance IS NOT NULL GROUP BY advance
), s AS (
	SELECT e.budget AS budget, count(*) AS claims,
	       coalesce(CAST(sum(CASE WHEN e.kind = 'claim' AND e.counts = 1 THEN e.amount END) AS BIGINT), 0) AS used,
	       coalesce(CAST(sum(CASE WHEN e.kind = 'claim' AND e.counts = 0 AND e.approval = 'pending' THEN e.amount
	                              WHEN e.kind = 'advance' AND e.amount > coalesce(d.amount, 0) THEN e.amount - coalesce(d.amount, 0) END) AS BIGINT), 0) AS committed
	FROM expense e
	LEFT JOIN settled d ON d.advance = e.id
	GROUP BY e.budget
)
SELECT b.id AS id, b.name AS name, b.category AS category, b.amount AS amount, coalesce(s.used, 0) AS used, coalesce(s.committed, 0) AS committed,
       b.amount - coalesce(s.used, 0) - coalesce(s.committed, 0) AS remaining,
       (coalesce(s.used, 0) + coalesce(s.committed, 0)) * 10000 / b.amount AS use, coalesce(s.claims, 0) AS claims
FROM budget b
LEFT JOIN s ON s.budget = b.id
WHERE b.from_on <= $on AND b.to_on >= $on
ORDER BY use DESC, b.id
