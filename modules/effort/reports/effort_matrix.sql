-- The same thirds and hours as effort_focus, counted.
WITH mean AS (
	SELECT CASE WHEN count(DISTINCT o.id) >= 5 AND sum(a.minutes) > 0 THEN 1.0 * sum(a.minutes) / 60 / count(DISTINCT o.id) END AS hours
	FROM opportunity o
	JOIN activity a ON a.opportunity = o.id AND a.state = 'done' AND a.minutes > 0
	WHERE o.result IN ('won', 'lost') AND o.closed_on >= CAST(CAST(substr($today, 1, 4) AS BIGINT) - 1 AS TEXT) || substr($today, 5, 6)
), held AS (
	SELECT o.amount AS amount, CASE WHEN o.effort_hours > 0 THEN o.effort_hours / 10.0 ELSE mean.hours END AS hours,
	       CASE ntile(3) OVER (ORDER BY o.amount DESC, o.id) WHEN 1 THEN 'large' WHEN 2 THEN 'middle' ELSE 'small' END AS bulk
	FROM opportunity o
	CROSS JOIN mean
	LEFT JOIN member m ON m.id = o.owner
	WHERE o.result = 'open' AND o.amount > 0
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
), placed AS (
	SELECT bulk, CASE WHEN hours <= 10 THEN 'little' WHEN hours <= 40 THEN 'some' WHEN hours > 40 THEN 'much' ELSE 'unknown' END AS load, amount FROM held
)
SELECT bulk AS size, load AS effort, count(*) AS deals, CAST(sum(amount) AS BIGINT) AS value, CASE WHEN load <> 'unknown' THEN load END AS known
FROM placed
GROUP BY bulk, load
ORDER BY CASE bulk WHEN 'large' THEN 1 WHEN 'middle' THEN 2 ELSE 3 END, CASE load WHEN 'little' THEN 1 WHEN 'some' THEN 2 WHEN 'much' THEN 3 ELSE 4 END
