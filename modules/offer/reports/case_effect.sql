-- The last 20,000 offers of closed deals, by what went with them.
WITH sent AS (
	SELECT CASE WHEN f.success_case IS NOT NULL AND f.policy IS NOT NULL THEN 'both' WHEN f.success_case IS NOT NULL THEN 'case' WHEN f.policy IS NOT NULL THEN 'policy' ELSE 'none' END AS added, o.result AS result
	FROM offer f
	CROSS JOIN opportunity o
	WHERE o.id = f.opportunity AND o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND o.owner = coalesce($owner, o.owner)
	ORDER BY f.id DESC
	LIMIT 20000
), counted AS (
	SELECT added, count(*) AS n, count(*) FILTER (WHERE result = 'won') AS k FROM sent GROUP BY added
),
-- include opportunity/wilson
SELECT added, n AS offers, k AS won, rate, low, high,
       CASE WHEN n < 20 THEN 'few' ELSE 'judged' END AS verdict,
       CASE WHEN added IN ('both', 'case') THEN 'is.notnull' ELSE 'is.null' END AS has_case, CASE WHEN added IN ('both', 'policy') THEN 'is.notnull' ELSE 'is.null' END AS has_policy
FROM rated
ORDER BY n DESC, added
