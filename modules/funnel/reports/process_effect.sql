-- Stays of the two stretches, followed for the same number of days each.
WITH edge AS (
	SELECT $within * 10 AS tenths, (SELECT a.day FROM calendar_day a WHERE a.day_number = c.day_number - $within - $days) AS first_day,
	       (SELECT b.day FROM calendar_day b WHERE b.day_number = c.day_number - $within - 1) AS until_before,
	       (SELECT z.day FROM calendar_day z WHERE z.day_number = c.day_number + $days - 1) AS last_day,
	       -- Whoever came later was not followed for so long yet.
	       (SELECT f.day FROM calendar_day f WHERE f.day_number = t.day_number - $within) AS followed
	FROM calendar_day c
	CROSS JOIN calendar_day t
	WHERE c.day = $on AND t.day = $today
), stay AS (
	-- Day by day, as an index has them.
	SELECT c.day AS day, v.stage AS stage, count(*) AS n,
	       count(*) FILTER (WHERE v.forward = 1 AND v.days <= e.tenths) AS passed,
	       coalesce(sum(v.days) FILTER (WHERE v.forward = 1 AND v.days <= e.tenths), 0) AS days
	FROM edge e
	CROSS JOIN calendar_day c
	CROSS JOIN stage_visit v
	WHERE c.day >= e.first_day AND c.day <= e.last_day AND (c.day <= e.until_before OR c.day >= $on) AND c.day <= e.followed
	AND v.entered_on = c.day AND (CAST($owner AS BIGINT) IS NULL OR v.owner = $owner)
	GROUP BY c.day, v.stage
), counted AS (
	-- Both stretches of every stage, also where nothing was.
	SELECT stage, after, CAST(sum(n) AS BIGINT) AS n, CAST(sum(passed) AS BIGINT) AS k, 1.0 * sum(days) / nullif(sum(passed), 0) AS days
	FROM (SELECT stage, CASE WHEN day < $on THEN 0 ELSE 1 END AS after, n, passed, days FROM stay
	      UNION ALL SELECT id, 0, 0, 0, 0 FROM stage
	      UNION ALL SELECT id, 1, 0, 0, 0 FROM stage) listed
	GROUP BY stage, after
),
-- include opportunity/wilson
, compared AS (
	-- Newcombe's interval of a difference, of the intervals of both.
	SELECT b.stage AS stage, b.n AS n1, b.k AS k1, b.rate AS rate1, b.days AS days1, a.n AS n2, a.k AS k2, a.rate AS rate2, a.days AS days2, a.r - b.r AS difference,
	       a.r - b.r - sqrt((a.r - a.lo) * (a.r - a.lo) + (b.hi - b.r) * (b.hi - b.r)) AS low,
	       a.r - b.r + sqrt((a.hi - a.r) * (a.hi - a.r) + (b.r - b.lo) * (b.r - b.lo)) AS high
	FROM rated b
	JOIN rated a ON a.stage = b.stage AND a.after = 1
	WHERE b.after = 0 AND a.n + b.n > 0
)
SELECT stage.name AS stage, c.n1 AS entered_before, c.k1 AS passed_before, c.rate1 AS rate_before, c.days1 AS days_before,
       c.n2 AS entered_after, c.k2 AS passed_after, c.rate2 AS rate_after, c.days2 AS days_after,
       CAST(floor(10000 * c.difference + 0.5) AS BIGINT) AS difference, CAST(floor(10000 * c.low + 0.5) AS BIGINT) AS low, CAST(floor(10000 * c.high + 0.5) AS BIGINT) AS high,
       CASE WHEN c.n1 < 20 OR c.n2 < 20 THEN 'few' WHEN c.low > 0 THEN 'better' WHEN c.high < 0 THEN 'worse' ELSE 'same' END AS verdict,
       stage.id AS stage_id, (SELECT first_day FROM edge) AS first_day, (SELECT last_day FROM edge) AS last_day
FROM compared c
JOIN stage ON stage.id = c.stage
WHERE stage.kind = 'open' AND stage.pipeline = coalesce($pipeline, stage.pipeline)
ORDER BY stage.pipeline, stage.position
