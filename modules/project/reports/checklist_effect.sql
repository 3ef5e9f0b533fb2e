-- Deals that ended and have details, by the share that was seen to.
WITH
-- include checklist_deal
, counted AS (
	SELECT kept, count(*) AS n, count(*) FILTER (WHERE result = 'won') AS won FROM deal GROUP BY kept
), rated AS (
	SELECT counted.*, won * 1.0 / n AS r FROM counted
)
SELECT kept, n AS closed, won, CAST(floor(r * 10000 + 0.5) AS BIGINT) AS rate,
       CAST(floor(0.5 + 10000 * (r + 1.9208 / n - 1.96 * sqrt(r * (1 - r) / n + 0.9604 / n / n)) / (1 + 3.8416 / n)) AS BIGINT) AS low,
       CAST(floor(0.5 + 10000 * (r + 1.9208 / n + 1.96 * sqrt(r * (1 - r) / n + 0.9604 / n / n)) / (1 + 3.8416 / n)) AS BIGINT) AS high,
       CASE WHEN n < 20 THEN 'few' ELSE 'judged' END AS verdict
FROM rated
ORDER BY CASE kept WHEN 'all' THEN 1 WHEN 'most' THEN 2 ELSE 3 END
