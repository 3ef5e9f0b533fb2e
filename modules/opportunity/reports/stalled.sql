-- Open opportunities that have been in their stage for longer than its norm.
WITH stay AS (
	SELECT o.id AS id, o.name AS name, o.customer AS customer, o.owner AS owner, o.amount AS amount,
	       stage.name AS stage, coalesce(stage.norm_days, $days) AS norm_days,
	       o.stage_entered_at AS entered_at, ($now - o.stage_entered_at) / 86400000 AS days,
	       ($now - o.last_activity_at) / 86400000 AS idle_days
	FROM opportunity o
	CROSS JOIN stage
	WHERE stage.id = o.stage AND o.result = 'open' AND coalesce(o.calm_until, '0') < $today AND o.pipeline = coalesce($pipeline, o.pipeline)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
)
SELECT stay.id AS opportunity_id,
       stay.name AS opportunity,
       customer.name AS customer,
       member.label AS owner_name,
       stay.stage AS stage,
       stay.amount AS value,
       stay.days AS days_in_stage,
       stay.norm_days AS norm_days,
       (stay.days * 20 + stay.norm_days) / (2 * stay.norm_days) AS speed,
       stay.idle_days AS idle_days
FROM stay
LEFT JOIN customer ON customer.id = stay.customer
LEFT JOIN member ON member.id = stay.owner
WHERE stay.days > stay.norm_days
AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
ORDER BY stay.entered_at, stay.id
LIMIT 500
