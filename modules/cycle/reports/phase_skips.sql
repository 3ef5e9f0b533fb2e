-- Opportunities that skipped a phase, and those that were in it.
WITH way AS (
	SELECT s.stage AS stage, 'skipped' AS way, s.opportunity AS opportunity
	FROM phase_skip s
	WHERE NOT EXISTS (SELECT 1 FROM stage_visit v WHERE v.opportunity = s.opportunity AND v.stage = s.stage)
	UNION
	SELECT v.stage, 'passed', v.opportunity
	FROM stage
	CROSS JOIN stage_visit v
	WHERE stage.no_skip = 1 AND v.stage = stage.id
), counted AS (
	SELECT way.stage AS stage, way.way AS way, count(*) AS deals, count(*) FILTER (WHERE o.result <> 'open') AS n, count(*) FILTER (WHERE o.result = 'lost') AS k
	FROM way
	JOIN opportunity o ON o.id = way.opportunity
	WHERE o.owner = coalesce($owner, o.owner)
	GROUP BY way.stage, way.way
),
-- include opportunity/wilson
SELECT stage.name AS stage, way, deals, n AS closed, k AS lost, rate, low, high,
       CASE WHEN n < 20 THEN 'few' ELSE 'judged' END AS verdict,
       CASE way WHEN 'skipped' THEN 'phase_skip' ELSE 'stage_visit' END || '?stage=eq.' || CAST(stage.id AS TEXT)
       || CASE WHEN $owner IS NULL THEN '' ELSE '&opportunity.owner=eq.' || CAST($owner AS TEXT) END AS open
FROM rated
JOIN stage ON stage.id = rated.stage
WHERE stage.pipeline = coalesce($pipeline, stage.pipeline)
ORDER BY stage.pipeline, stage.position, way DESC
