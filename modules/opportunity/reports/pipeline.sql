-- What lies in each stage now, in the order of the stages.  Columns that are not declared are
-- tests of the list behind a row.
WITH o AS MATERIALIZED (
	SELECT opportunity.stage AS stage, count(*) AS n, sum(opportunity.amount) AS value, sum(opportunity.weighted) AS weighted,
	       count(*) FILTER (WHERE opportunity.result = 'open' AND opportunity.close_on < $today) AS overdue
	FROM opportunity
	LEFT JOIN member ON member.id = opportunity.owner
	WHERE coalesce(opportunity.owner, 0) = coalesce($owner, opportunity.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND (opportunity.result = 'open' OR (opportunity.closed_on >= coalesce($from, '0')
	                                     AND opportunity.closed_on <= coalesce($to, '9')))
	GROUP BY opportunity.stage
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
