WITH one AS (
	SELECT c.id AS id, c.cause AS cause, c.state AS state,
	       (SELECT count(*) FROM performance_step s WHERE s.case_of = c.id AND s.done_on IS NOT NULL) AS steps
	FROM performance_case c
)
SELECT cause AS cause, count(*) AS cases, count(*) FILTER (WHERE state = 'open') AS open_cases,
       count(*) FILTER (WHERE state = 'improved') AS improved, count(*) FILTER (WHERE state = 'moved') AS moved,
       count(*) FILTER (WHERE state = 'left') AS went,
       count(*) FILTER (WHERE state = 'improved') * 10000 / nullif(count(*) FILTER (WHERE state <> 'open'), 0) AS improved_rate,
       CAST(sum(steps) AS BIGINT) * 10 / count(*) AS steps
FROM one
GROUP BY cause
ORDER BY cause
