-- A row per person and month with ratings.
WITH rated AS (
	SELECT person, substr(rated_on, 1, 7) AS month, count(*) AS n, avg(1.0 * impression) AS impression, avg(1.0 * conversation) AS conversation,
	       avg(1.0 * guiding) AS guiding, avg(1.0 * empathy) AS empathy
	FROM skill_rating
	WHERE rated_on >= $from AND by = coalesce($by, by) AND person = coalesce($owner, person)
	GROUP BY person, substr(rated_on, 1, 7)
), summed AS (
	SELECT rated.*, (impression + conversation + guiding + empathy) / 4 AS mean FROM rated
)
SELECT m.id AS owner_id, m.label AS who, s.month AS month, s.n AS ratings, 10 * s.impression AS impression, 10 * s.conversation AS conversation, 10 * s.guiding AS guiding,
       10 * s.empathy AS empathy, 100 * s.mean AS mean, 100 * (s.mean - lag(s.mean) OVER (PARTITION BY s.person ORDER BY s.month)) AS change,
       s.month || '-01' AS first_day, (SELECT max(d.day) FROM calendar_day d WHERE d.month = s.month) AS last_day
FROM summed s
JOIN member m ON m.id = s.person
ORDER BY m.team, m.id, s.month
