-- What lies in each stage now, in the order of the stages: open ones from an index, closed ones from totals.
-- Columns that are not declared are tests of the list behind a row.
WITH person AS (
	SELECT id FROM member
	WHERE (CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL)
	AND (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), part AS (
	SELECT stage, count(*) AS n, sum(amount) AS value, sum(weighted) AS weighted,
	       count(*) FILTER (WHERE close_on < $today) AS overdue
	FROM opportunity
	WHERE result = 'open'
	AND ((CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL) OR owner IN (SELECT id FROM person))
	GROUP BY stage
	UNION ALL
	SELECT CAST(split1 AS BIGINT), number, value, 0, 0 FROM stage_closed_amount_period_all
	WHERE CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL
	UNION ALL
	SELECT CAST(split1 AS BIGINT), 0, 0, value, 0 FROM stage_closed_weighted_period_all
	WHERE CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL
	UNION ALL
	SELECT CAST(split1 AS BIGINT), number, value, 0, 0 FROM stage_closed_amount_period t WHERE t.member IN (SELECT id FROM person)
	UNION ALL
	SELECT CAST(split1 AS BIGINT), 0, 0, value, 0 FROM stage_closed_weighted_period t WHERE t.member IN (SELECT id FROM person)
), o AS MATERIALIZED (
	SELECT stage, CAST(sum(n) AS BIGINT) AS n, sum(value) AS value, sum(weighted) AS weighted, CAST(sum(overdue) AS BIGINT) AS overdue
	FROM part
	GROUP BY stage
	HAVING sum(n) > 0
), used AS (
	SELECT DISTINCT stage.pipeline AS pipeline FROM o JOIN stage ON stage.id = o.stage
)
SELECT pipeline.name AS pipeline_name,
       stage.name AS stage,
       stage.name_en AS stage_en,
       stage.id AS stage_id,
       coalesce(o.n, 0) AS count,
       CAST(coalesce(o.value, 0) AS BIGINT) AS value,
       CAST(coalesce(o.weighted, 0) AS BIGINT) AS weighted,
       coalesce(o.overdue, 0) AS overdue,
       CASE WHEN stage.kind <> 'open' THEN 'gte.' || $from END AS "from",
       CASE WHEN stage.kind <> 'open' THEN 'lte.' || $to END AS "to"
FROM stage
JOIN pipeline ON pipeline.id = stage.pipeline
LEFT JOIN o ON o.stage = stage.id
WHERE pipeline.id = coalesce($pipeline, pipeline.id)
AND (pipeline.id = $pipeline OR pipeline.id IN (SELECT pipeline FROM used))
ORDER BY pipeline.position, pipeline.id, stage.position
