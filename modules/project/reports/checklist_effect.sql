-- Deals that ended and have details, by the share that was seen to.
WITH
-- include checklist_deal
, counted AS (
	SELECT kept, count(*) AS n, count(*) FILTER (WHERE result = 'won') AS k FROM deal GROUP BY kept
),
-- include opportunity/wilson
SELECT kept, n AS closed, k AS won, rate, low, high,
       CASE WHEN n < 20 THEN 'few' ELSE 'judged' END AS verdict
FROM rated
ORDER BY CASE kept WHEN 'all' THEN 1 WHEN 'most' THEN 2 ELSE 3 END
