-- Months without a deal count as 0 from the first with one on.
WITH span AS (
	SELECT month, place FROM (SELECT month, row_number() OVER (ORDER BY month DESC) AS place
	       FROM (SELECT DISTINCT month FROM calendar_day WHERE day < substr($today, 1, 8) || '01'
	             AND day_number > (SELECT day_number FROM calendar_day WHERE day = $today) - 800) d) p
	WHERE place <= $months
), won AS (
	SELECT CASE WHEN $by = 'team' THEN m.team ELSE m.id END AS k, t.day AS month, sum(t.value) AS value
	FROM opportunity_won_amount t
	JOIN member m ON m.id = t.member
	WHERE t.grain = 'm' AND t.day IN (SELECT month FROM span)
	GROUP BY CASE WHEN $by = 'team' THEN m.team ELSE m.id END, t.day
), begun AS (
	SELECT k, min(month) AS first FROM won WHERE k IS NOT NULL GROUP BY k
), every AS (
	SELECT b.k AS k, coalesce(w.value, 0) * 1.0 AS value
	FROM begun b
	JOIN span s ON s.month >= b.first
	LEFT JOIN won w ON w.k = b.k AND w.month = s.month
), counted AS (
	SELECT k, count(*) AS n, sum(value) / count(*) AS mean, min(value) AS low, max(value) AS high,
	       sum(value * value) / count(*) - (sum(value) / count(*)) * (sum(value) / count(*)) AS spread
	FROM every GROUP BY k
)
SELECT c.k AS key, CASE WHEN $by = 'team' THEN (SELECT name FROM team WHERE id = c.k) ELSE (SELECT label FROM member WHERE id = c.k) END AS who,
       c.n AS months_counted, CAST(floor(c.mean) AS BIGINT) AS mean, CAST(c.low AS BIGINT) AS lowest, CAST(c.high AS BIGINT) AS highest,
       CASE WHEN c.mean > 0 THEN CAST(floor(sqrt(CASE WHEN c.spread > 0 THEN c.spread ELSE 0 END) * 10000 / c.mean) AS BIGINT) END AS swing,
       CASE WHEN $by = 'team' THEN c.k END AS team_id, CASE WHEN $by = 'member' THEN c.k END AS member_id,
       (SELECT min(month) FROM span) || '-01' AS since, substr($today, 1, 8) || '01' AS until
FROM counted c
WHERE c.n >= 3
ORDER BY 7 DESC, 1
