-- The account of each stage, from totals: what came into it and what went, ever before the period and in it.
WITH edge AS (
	SELECT last.day AS last_day, first.day AS first_day, first.month AS first_month
	FROM calendar_day first
	CROSS JOIN calendar_day last
	WHERE first.day = coalesce($from, substr($today, 1, 8) || '01') AND last.day = $to
), span AS MATERIALIZED (
	-- Totals of a grain from a day (or month) up to, not including, another.
	SELECT 'm' AS grain, '0' AS since, first_month AS until, 0 AS within FROM edge
	UNION ALL
	SELECT 'd', first_month || '-', first_day, 0 FROM edge
	UNION ALL
	SELECT 'd', first_day, last_day || '~', 1 FROM edge
), person AS (
	SELECT id FROM member
	WHERE (CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL)
	AND (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), fact AS (
	SELECT CAST(t.split1 AS BIGINT) AS stage, t.split2 AS other, 1 AS sign, span.within AS within, t.value AS n
	FROM span
	CROSS JOIN stage_came_all t
	WHERE CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL
	AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
	UNION ALL
	SELECT CAST(t.split1 AS BIGINT), t.split2, 1, span.within, t.value
	FROM person
	CROSS JOIN span
	CROSS JOIN stage_came t
	WHERE t.member = person.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
	UNION ALL
	SELECT CAST(t.split1 AS BIGINT) AS stage, t.split2 AS other, -1 AS sign, span.within AS within, t.value AS n
	FROM span
	CROSS JOIN stage_went_all t
	WHERE CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL
	AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
	UNION ALL
	SELECT CAST(t.split1 AS BIGINT), t.split2, -1, span.within, t.value
	FROM person
	CROSS JOIN span
	CROSS JOIN stage_went t
	WHERE t.member = person.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
), moved AS (
	-- Where from, where to; what came from another pipeline is opened, what goes to one is gone back.
	SELECT stage.id AS stage, fact.within AS within, sign * fact.n AS n,
	       CASE WHEN sign = 1 AND other.position < stage.position THEN 'earlier' WHEN sign = 1 AND other.id IS NOT NULL THEN 'later'
	            WHEN sign = 1 THEN 'opened'
	            WHEN other.kind = 'lost' THEN 'lost' WHEN other.kind = 'won' THEN 'won'
	            WHEN other.position > stage.position THEN 'on' ELSE 'back' END AS way
	FROM (SELECT stage, other, sign, within, sum(n) AS n FROM fact GROUP BY stage, other, sign, within HAVING sum(n) > 0) fact
	JOIN stage ON stage.id = fact.stage AND stage.kind = 'open' AND stage.pipeline = coalesce($pipeline, stage.pipeline)
	LEFT JOIN stage other ON CAST(other.id AS TEXT) = fact.other AND other.pipeline = stage.pipeline
), counted AS (
	SELECT stage,
	       sum(n) AS after,
	       coalesce(sum(n) FILTER (WHERE within = 1 AND way = 'opened'), 0) AS opened,
	       coalesce(sum(n) FILTER (WHERE within = 1 AND way = 'earlier'), 0) AS earlier,
	       coalesce(sum(n) FILTER (WHERE within = 1 AND way = 'later'), 0) AS later,
	       coalesce(-sum(n) FILTER (WHERE within = 1 AND way = 'on'), 0) AS went_on,
	       coalesce(-sum(n) FILTER (WHERE within = 1 AND way = 'won'), 0) AS won,
	       coalesce(-sum(n) FILTER (WHERE within = 1 AND way = 'lost'), 0) AS lost,
	       coalesce(-sum(n) FILTER (WHERE within = 1 AND way = 'back'), 0) AS back
	FROM moved
	GROUP BY stage
), worth AS (
	SELECT stage, sum(amount) AS amount
	FROM opportunity
	WHERE result = 'open' AND $to >= $today
	AND ((CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL) OR owner IN (SELECT id FROM person))
	GROUP BY stage
)
SELECT stage.name AS stage,
       stage.name_en AS stage_en,
       stage.id AS stage_id,
       CAST(after - opened - earlier - later + went_on + won + lost + back AS BIGINT) AS before,
       CAST(opened AS BIGINT) AS opened,
       CAST(earlier AS BIGINT) AS from_earlier,
       CAST(later AS BIGINT) AS from_later,
       CAST(went_on AS BIGINT) AS went_on,
       CAST(won AS BIGINT) AS won,
       CAST(lost AS BIGINT) AS lost,
       CAST(back AS BIGINT) AS back,
       CAST(after AS BIGINT) AS after,
       CASE WHEN $to >= $today THEN CAST(coalesce(worth.amount, 0) AS BIGINT) END AS value
FROM stage
JOIN counted ON counted.stage = stage.id
LEFT JOIN worth ON worth.stage = stage.id
ORDER BY stage.pipeline, stage.position
