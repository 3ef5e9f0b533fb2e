-- Win rate of the deals in which who decides was met, and of the others.
WITH
-- include decider_deal
, counted AS (
	SELECT met, count(*) AS n, count(*) FILTER (WHERE result = 'won') AS k, CAST(coalesce(sum(amount) FILTER (WHERE result = 'won'), 0) AS BIGINT) AS value
	FROM known
	GROUP BY met
),
-- include opportunity/wilson
SELECT met, n AS closed, k AS won, value, rate, low, high, CASE WHEN n < 20 THEN 'few' ELSE 'judged' END AS verdict
FROM rated
ORDER BY met DESC
