-- Sales as heads × share of them who sold × deals of those × average deal (K-66), by team or for all, month by month.
WITH month AS (
	SELECT c.month AS month, min(c.day) AS first_day, max(c.day) AS last_day
	FROM calendar_day c
	WHERE c.day <= $today AND c.day_number >= (SELECT t.day_number FROM calendar_day t WHERE t.day = substr($today, 1, 8) || '01') - 31 * ($months - 1)
	GROUP BY c.month
), worked AS (
	-- In service: with any activity or deal in the month.
	SELECT member, day AS month, 0 AS deals, 0 AS amount FROM activity_done WHERE grain = 'm' AND value > 0 AND day >= (SELECT min(month) FROM month)
	UNION ALL SELECT member, day, value, 0 FROM opportunity_won WHERE grain = 'm' AND day >= (SELECT min(month) FROM month)
	UNION ALL SELECT member, day, 0, value FROM opportunity_won_amount WHERE grain = 'm' AND day >= (SELECT min(month) FROM month)
), person AS (
	SELECT w.month AS month, w.member AS member, CASE WHEN $by = 'team' THEN coalesce(m.team, 0) ELSE 0 END AS bucket,
	       max(CASE WHEN $by = 'team' THEN coalesce(t.name, '–') END) AS name, CAST(sum(w.deals) AS BIGINT) AS deals, CAST(sum(w.amount) AS BIGINT) AS amount
	FROM worked w
	JOIN month ON month.month = w.month
	JOIN member m ON m.id = w.member
	LEFT JOIN team t ON t.id = m.team
	WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY w.month, w.member, 3
), grouped AS (
	SELECT month, bucket, max(name) AS name, count(*) AS heads, count(*) FILTER (WHERE deals > 0) AS active,
	       CAST(sum(deals) AS BIGINT) AS deals, CAST(sum(amount) AS BIGINT) AS amount
	FROM person
	GROUP BY month, bucket
)
SELECT g.month AS month, coalesce(g.name, '–') AS label, g.heads AS heads, g.active AS active, g.deals AS deals,
       CASE WHEN g.active > 0 THEN 100.0 * g.deals / g.active END AS deals_each,
       CASE WHEN g.deals > 0 THEN 1.0 * g.amount / g.deals END AS average, g.amount AS sales,
       CASE WHEN g.bucket > 0 THEN 'eq.' || CAST(g.bucket AS TEXT) ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       month.first_day AS since, month.last_day AS until
FROM grouped g
JOIN month ON month.month = g.month
ORDER BY g.month DESC, g.amount DESC, g.bucket
