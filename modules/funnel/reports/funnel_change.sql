-- Stays that touch the period, each by where it came from and where it went.
WITH edge AS (
	SELECT first.starts_at AS since, last.starts_at + 86400000 AS until
	FROM calendar_day first
	CROSS JOIN calendar_day last
	WHERE first.day = coalesce($from, substr($today, 1, 8) || '01') AND last.day = $to
), step AS (
	SELECT id, pipeline, position FROM stage
	WHERE kind = 'open' AND pipeline = coalesce($pipeline, pipeline)
), stay AS (
	-- Two ways to have been there, each with its index (a plus keeps the planner from another one).
	SELECT v.id AS id, v.opportunity AS opportunity, v.stage AS stage, v.owner AS owner, v.forward AS forward,
	       v.entered_at AS entered_at, v.left_at AS left_at, step.pipeline AS pipeline, step.position AS position
	FROM step
	CROSS JOIN stage_visit v
	WHERE v.stage = step.id AND v.left_at IS NULL AND +v.entered_at < (SELECT until FROM edge)
	UNION ALL
	SELECT v.id, v.opportunity, v.stage, v.owner, v.forward, v.entered_at, v.left_at, step.pipeline, step.position
	FROM stage_visit v
	JOIN step ON step.id = v.stage
	WHERE v.left_at >= (SELECT since FROM edge) AND +v.entered_at < (SELECT until FROM edge)
), traced AS MATERIALIZED (
	SELECT stay.*,
	       CASE WHEN left_at < edge.until THEN 0
	            ELSE (SELECT o.amount FROM opportunity o WHERE o.id = stay.opportunity) END AS amount,
	       CASE WHEN entered_at < edge.since THEN 1 ELSE 0 END AS was,
	       CASE WHEN left_at < edge.until THEN 0 ELSE 1 END AS remains,
	       -- Only of those that moved within the period; most did not.
	       CASE WHEN entered_at >= edge.since THEN (SELECT max(earlier.position) FROM stage_visit p
	        JOIN stage earlier ON earlier.id = p.stage AND earlier.pipeline = stay.pipeline
	        WHERE p.opportunity = stay.opportunity AND p.left_at = stay.entered_at AND p.id < stay.id) END AS origin,
	       CASE WHEN left_at < edge.until THEN (SELECT max(later.kind) FROM stage_visit n
	        JOIN stage later ON later.id = n.stage
	        WHERE n.opportunity = stay.opportunity AND n.entered_at = stay.left_at AND n.id <> stay.id) END AS goal
	FROM edge
	CROSS JOIN stay
	LEFT JOIN member ON member.id = stay.owner
	WHERE coalesce(stay.owner, 0) = coalesce($owner, stay.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
)
SELECT stage.name AS stage,
       stage.name_en AS stage_en,
       stage.id AS stage_id,
       count(*) FILTER (WHERE was = 1) AS before,
       count(*) FILTER (WHERE was = 0 AND origin IS NULL) AS opened,
       count(*) FILTER (WHERE was = 0 AND origin < traced.position) AS from_earlier,
       count(*) FILTER (WHERE was = 0 AND origin >= traced.position) AS from_later,
       count(*) FILTER (WHERE remains = 0 AND forward = 1 AND coalesce(goal, '') <> 'won') AS went_on,
       count(*) FILTER (WHERE remains = 0 AND forward = 1 AND goal = 'won') AS won,
       count(*) FILTER (WHERE remains = 0 AND forward = 0 AND goal = 'lost') AS lost,
       count(*) FILTER (WHERE remains = 0 AND forward = 0 AND coalesce(goal, '') <> 'lost') AS back,
       count(*) FILTER (WHERE remains = 1) AS after,
       CAST(coalesce(sum(amount) FILTER (WHERE remains = 1), 0) AS BIGINT) AS value
FROM traced
JOIN stage ON stage.id = traced.stage
GROUP BY stage.id, stage.name, stage.name_en, stage.pipeline, stage.position
ORDER BY stage.pipeline, stage.position
