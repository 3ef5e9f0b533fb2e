-- Details of deals, and whether they were seen to.  Those of a stage, and those of whose the deals are, lie together in an index,
-- hence the plus; a deleted deal has none.
WITH part AS MATERIALIZED (
	SELECT id, name, position FROM stage WHERE pipeline = coalesce($pipeline, pipeline)
), one AS (
	-- Deals by themselves: counted alone they are told apart by the order in which they lie.
	SELECT d.stage AS bucket, 0 AS deals, count(*) AS items, count(d.done_on) AS done
	FROM deal_item d
	WHERE $by = 'stage' AND CAST($owner AS BIGINT) IS NULL AND +d.stage IN (SELECT id FROM part)
	GROUP BY d.stage
	UNION ALL
	SELECT d.stage, count(DISTINCT d.opportunity), 0, 0
	FROM deal_item d
	WHERE $by = 'stage' AND CAST($owner AS BIGINT) IS NULL AND +d.stage IN (SELECT id FROM part)
	GROUP BY d.stage
	UNION ALL
	SELECT d.stage, count(DISTINCT d.opportunity), count(*), count(d.done_on)
	FROM deal_item d
	WHERE $by = 'stage' AND d.holder = CAST($owner AS BIGINT) AND +d.stage IN (SELECT id FROM part)
	GROUP BY d.stage
	UNION ALL
	SELECT d.holder, 0, count(*), count(d.done_on)
	FROM deal_item d
	WHERE $by = 'owner' AND d.holder = coalesce(CAST($owner AS BIGINT), d.holder) AND +d.stage IN (SELECT id FROM part)
	GROUP BY d.holder
	UNION ALL
	SELECT d.holder, count(DISTINCT d.opportunity), 0, 0
	FROM deal_item d
	WHERE $by = 'owner' AND d.holder = coalesce(CAST($owner AS BIGINT), d.holder) AND +d.stage IN (SELECT id FROM part)
	GROUP BY d.holder
), counted AS (
	SELECT bucket, CAST(sum(deals) AS BIGINT) AS deals, CAST(sum(items) AS BIGINT) AS items, CAST(sum(done) AS BIGINT) AS done FROM one GROUP BY bucket
)
SELECT CASE $by WHEN 'owner' THEN m.label ELSE part.name END AS label, c.deals AS deals, c.items AS items, c.done AS done, (c.done * 20000 + c.items) / (2 * c.items) AS rate,
       CASE $by WHEN 'stage' THEN 'eq.' || CAST(c.bucket AS TEXT) END AS of_stage,
       CASE $by WHEN 'owner' THEN 'eq.' || CAST(c.bucket AS TEXT) ELSE 'eq.' || CAST($owner AS TEXT) END AS of_owner
FROM counted c
LEFT JOIN part ON $by = 'stage' AND part.id = c.bucket
LEFT JOIN member m ON $by = 'owner' AND m.id = c.bucket
ORDER BY part.position, c.bucket
