-- Of the last 20,000 opportunities that ended in the period those that skipped a phase, and those that were in it.
WITH latest AS MATERIALIZED (
	SELECT o.id AS id, o.result AS result
	FROM opportunity o
	WHERE coalesce(o.result, 'open') <> 'open' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND o.owner = coalesce($owner, o.owner)
	ORDER BY o.closed_on DESC, o.id DESC
	LIMIT 20000
), way AS MATERIALIZED (
	SELECT stage.id AS stage, l.result AS result,
	       CASE WHEN EXISTS (SELECT 1 FROM stage_visit v WHERE v.opportunity = l.id AND v.stage = stage.id) THEN 'passed'
	            WHEN EXISTS (SELECT 1 FROM phase_skip s WHERE s.opportunity = l.id AND s.stage = stage.id) THEN 'skipped' END AS way
	FROM latest l
	CROSS JOIN stage
	WHERE stage.no_skip = 1
), counted AS (
	SELECT stage, way, count(*) AS n, count(*) FILTER (WHERE result = 'lost') AS k
	FROM way
	WHERE way IS NOT NULL
	GROUP BY stage, way
),
-- include opportunity/wilson
SELECT stage.name AS stage, way, n AS closed, k AS lost, rate, low, high,
       CASE WHEN n < 20 THEN 'few' ELSE 'judged' END AS verdict,
       CASE way WHEN 'skipped' THEN 'phase_skip' ELSE 'stage_visit' END || '?stage=eq.' || CAST(stage.id AS TEXT)
       || CASE WHEN CAST($from AS TEXT) IS NULL THEN '' ELSE '&opportunity.closed_on=gte.' || $from END || '&opportunity.closed_on=lte.' || $to
       || CASE WHEN CAST($owner AS BIGINT) IS NULL THEN '' ELSE '&opportunity.owner=eq.' || CAST($owner AS TEXT) END AS open
FROM rated
JOIN stage ON stage.id = rated.stage
WHERE stage.pipeline = coalesce($pipeline, stage.pipeline)
ORDER BY stage.pipeline, stage.position, way DESC
