-- The chain backwards: what a target takes at one's own rates.
WITH
-- include need
, step AS (
	SELECT 1 AS place, 'deal' AS step, deals_due AS due, deals_now AS now, CAST(NULL AS DOUBLE PRECISION) AS rate, size AS size, deals AS done,
	       CASE WHEN $deal > 0 THEN 'given' WHEN size IS NOT NULL THEN 'own' ELSE 'few' END AS basis FROM need
	UNION ALL SELECT 2, 'visit', visits_due, visits_now, sold, NULL, visits, CASE WHEN $visit_rate > 0 THEN 'given' WHEN sold IS NOT NULL THEN 'own' ELSE 'few' END FROM need
	UNION ALL SELECT 3, 'call', calls_due, calls_now, came, NULL, calls, CASE WHEN $call_rate > 0 THEN 'given' WHEN came IS NOT NULL THEN 'own' ELSE 'few' END FROM need
), whole AS (
	SELECT step.*, CAST(-floor(-due + 0.000001) AS BIGINT) AS needed FROM step
)
SELECT step, needed, CAST((needed + $weeks - 1) / $weeks AS BIGINT) AS week, now AS month, CASE WHEN needed > now THEN needed - now ELSE needed - needed END AS "left",
       10000.0 * rate AS rate, size AS value, done, basis,
       CASE WHEN step <> 'deal' THEN 'eq.' || step END AS kind,
       CASE WHEN step = 'deal' THEN 'opportunity?result=eq.won&closed_on=gte.' || coalesce($from, '1900-01-01') || '&closed_on=lte.' || $to
            || coalesce('&owner=eq.' || CAST($owner AS TEXT), '') || coalesce('&owner.team=eq.' || CAST($team AS TEXT), '') END AS "open"
FROM whole
ORDER BY place
