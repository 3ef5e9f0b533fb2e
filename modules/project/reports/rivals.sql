-- Closed deals by each rival that was in them; who it was stands in the text ",1,2,".
WITH met AS (
	SELECT k.id AS rival, k.name AS name, o.result AS result, CASE WHEN o.lost_to = k.id AND o.result = 'lost' THEN 1 ELSE 0 END AS lost_to
	FROM opportunity o
	JOIN competitor k ON o.competitors LIKE '%,' || CAST(k.id AS TEXT) || ',%'
	LEFT JOIN member m ON m.id = o.owner
	WHERE o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND k.id = coalesce($competitor, k.id)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), counted AS (
	SELECT rival, max(name) AS name, count(*) AS n, count(*) FILTER (WHERE result = 'won') AS k, CAST(sum(lost_to) AS BIGINT) AS lost_to FROM met GROUP BY rival
),
-- include opportunity/wilson
SELECT rival AS competitor_id, name AS label, k AS won, n - k AS lost, lost_to, rate, low, high,
       CASE WHEN n < 20 THEN 'few' ELSE 'judged' END AS verdict
FROM rated
ORDER BY n DESC, rival
