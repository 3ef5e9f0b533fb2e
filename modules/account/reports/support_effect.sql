WITH asked AS (
	SELECT opportunity, count(*) AS requests, sum(answer_minutes) AS minutes, count(answer_minutes) AS answered
	FROM service_case WHERE kind = 'technical' AND opportunity IS NOT NULL GROUP BY opportunity
)
SELECT CASE WHEN a.opportunity IS NULL THEN 0 ELSE 1 END AS supported, CAST(coalesce(sum(a.requests), 0) AS BIGINT) AS requests,
       CAST(sum(a.minutes) AS BIGINT) AS minutes, CAST(coalesce(sum(a.answered), 0) AS BIGINT) AS answered,
       count(*) AS closed, CAST(sum(CASE WHEN o.result = 'won' THEN 1 ELSE 0 END) AS BIGINT) AS won
FROM opportunity o
LEFT JOIN asked a ON a.opportunity = o.id
WHERE o.result IN ('won', 'lost') AND o.closed_on >= $from AND o.closed_on <= $to
GROUP BY CASE WHEN a.opportunity IS NULL THEN 0 ELSE 1 END
ORDER BY 1 DESC
