-- What lies in each stage now, in the order of the stages.  Columns that are not declared are
-- tests of the list behind a row.
WITH o AS (
	SELECT opportunity.*
	FROM opportunity
	LEFT JOIN member ON member.id = opportunity.owner
	WHERE coalesce(opportunity.owner, 0) = coalesce($owner, opportunity.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND (opportunity.result = 'open' OR (opportunity.closed_on >= coalesce($from, '0')
	                                     AND opportunity.closed_on <= coalesce($to, '9')))
)
SELECT pipeline.name AS pipeline_name,
       stage.name AS stage,
       stage.name_en AS stage_en,
       stage.id AS stage_id,
       count(o.id) AS count,
       CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS value,
       CAST(coalesce(sum(o.weighted), 0) AS BIGINT) AS weighted,
       count(o.id) FILTER (WHERE o.result = 'open' AND o.close_on < $today) AS overdue,
       CASE WHEN stage.kind <> 'open' THEN 'gte.' || $from END AS "from",
       CASE WHEN stage.kind <> 'open' THEN 'lte.' || $to END AS "to"
FROM stage
JOIN pipeline ON pipeline.id = stage.pipeline
LEFT JOIN o ON o.stage = stage.id
WHERE pipeline.id = coalesce($pipeline, pipeline.id)
AND (pipeline.id = $pipeline OR pipeline.id IN (SELECT pipeline FROM o))
GROUP BY pipeline.position, pipeline.id, pipeline.name, stage.position, stage.id,
         stage.name, stage.name_en, stage.kind
ORDER BY pipeline.position, pipeline.id, stage.position
