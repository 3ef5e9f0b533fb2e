WITH chosen AS (
	SELECT DISTINCT owner, day, object, record FROM today_mark
	WHERE choice = 'up' AND object IN ('customer', 'opportunity', 'lead') AND day >= $from AND day <= $to AND owner = coalesce(CAST($owner AS BIGINT), owner)
), judged AS (
	SELECT c.owner AS owner, CASE WHEN EXISTS (
		SELECT 1 FROM activity a WHERE a.owner = c.owner AND a.state = 'done' AND a.kind IN ('call', 'visit', 'reception', 'meeting', 'message')
		AND a.done_at >= d.starts_at AND a.done_at < d.starts_at + 86400000
		AND c.record = CASE c.object WHEN 'customer' THEN a.customer WHEN 'opportunity' THEN a.opportunity ELSE a.lead END) THEN 1 ELSE 0 END AS acted
	FROM chosen c
	JOIN calendar_day d ON d.day = c.day
)
SELECT j.owner AS owner_id, m.label AS who, count(*) AS chosen, CAST(sum(j.acted) AS BIGINT) AS acted,
       (CAST(sum(j.acted) AS BIGINT) * 10000 + count(*) / 2) / count(*) AS share
FROM judged j
JOIN member m ON m.id = j.owner
GROUP BY j.owner, m.label
ORDER BY m.label, j.owner
