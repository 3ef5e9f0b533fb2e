WITH s AS (
	SELECT round, count(*) AS people, CAST(sum(amount) AS BIGINT) AS total, max(amount) AS best, min(amount) AS worst
	FROM bonus
	GROUP BY round
)
SELECT r.name AS name, r.month AS month, s.people AS people, s.total AS sum, r.budget AS budget, s.best AS best,
       s.total / s.people AS mean, s.worst AS worst, s.best * s.people * 100 / nullif(s.total, 0) AS ratio, r.id AS round
FROM bonus_round r
JOIN s ON s.round = r.id
ORDER BY r.month DESC, r.id
