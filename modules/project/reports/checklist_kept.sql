-- Details of deals, and whether they were seen to.
WITH one AS (
	SELECT CASE $by WHEN 'owner' THEN o.owner ELSE d.stage END AS bucket, CASE $by WHEN 'owner' THEN m.label ELSE stage.name END AS label, d.opportunity AS deal,
	       CASE $by WHEN 'owner' THEN o.owner ELSE stage.position END AS place, CASE WHEN d.done_on IS NULL THEN 0 ELSE 1 END AS done
	FROM deal_item d
	JOIN opportunity o ON o.id = d.opportunity
	JOIN stage ON stage.id = d.stage
	JOIN member m ON m.id = o.owner
	WHERE o.owner = coalesce($owner, o.owner) AND stage.pipeline = coalesce($pipeline, stage.pipeline)
)
SELECT label, count(DISTINCT deal) AS deals, count(*) AS items, CAST(sum(done) AS BIGINT) AS done, (CAST(sum(done) AS BIGINT) * 20000 + count(*)) / (2 * count(*)) AS rate,
       CASE $by WHEN 'stage' THEN 'eq.' || CAST(bucket AS TEXT) END AS of_stage,
       CASE $by WHEN 'owner' THEN 'eq.' || CAST(bucket AS TEXT) ELSE 'eq.' || CAST($owner AS TEXT) END AS of_owner
FROM one
GROUP BY bucket, label, place
ORDER BY place, bucket
