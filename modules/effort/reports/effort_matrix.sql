-- The same thirds and hours as effort_focus, counted.
WITH
-- include open_deals
placed AS (
	SELECT bulk, CASE WHEN hours <= 10 THEN 'little' WHEN hours <= 40 THEN 'some' WHEN hours > 40 THEN 'much' ELSE 'unknown' END AS load, amount FROM held
)
SELECT bulk AS size, load AS effort, count(*) AS deals, CAST(sum(amount) AS BIGINT) AS value, CASE WHEN load <> 'unknown' THEN load END AS known
FROM placed
GROUP BY bulk, load
ORDER BY CASE bulk WHEN 'large' THEN 1 WHEN 'middle' THEN 2 ELSE 3 END, CASE load WHEN 'little' THEN 1 WHEN 'some' THEN 2 WHEN 'much' THEN 3 ELSE 4 END
