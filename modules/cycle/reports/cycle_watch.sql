-- Open opportunities of a class: whole months since engagement, days since the last touch.
WITH here AS (
	SELECT o.id AS id, o.name AS name, o.customer AS customer, o.owner AS owner, o.amount AS amount, o.calm_until AS calm_until,
	       k.name AS class_name, k.months_from AS months_from, k.months_to AS months_to, k.touch_days AS touch_days,
	       (CAST(substr($today, 1, 4) AS BIGINT) - CAST(substr(coalesce(o.engaged_on, o.began_on), 1, 4) AS BIGINT)) * 12
	       + CAST(substr($today, 6, 2) AS BIGINT) - CAST(substr(coalesce(o.engaged_on, o.began_on), 6, 2) AS BIGINT)
	       - CASE WHEN substr($today, 9, 2) < substr(coalesce(o.engaged_on, o.began_on), 9, 2) THEN 1 ELSE 0 END AS months,
	       ($now - coalesce(o.last_activity_at, o.stage_entered_at)) / 86400000 AS idle_days
	FROM opportunity o
	JOIN offer_class k ON k.id = o.offer_class
	WHERE o.result = 'open' AND o.offer_class = coalesce($class, o.offer_class) AND o.owner = coalesce($owner, o.owner)
), judged AS (
	SELECT here.*, CASE WHEN calm_until >= $today THEN 'fine' WHEN months >= months_to THEN 'beyond' ELSE 'untouched' END AS state
	FROM here
), listed AS (
	-- Named afterwards: the customers of 500, not of all.
	SELECT j.*, m.label AS who
	FROM judged j
	JOIN member m ON m.id = j.owner
	WHERE (CAST($state AS TEXT) IS NULL OR j.state = $state) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	ORDER BY j.idle_days DESC, j.id
	LIMIT 500
)
SELECT j.id AS opportunity_id, j.name AS opportunity, customer.name AS customer, j.owner AS owner_id, j.who AS who, j.class_name AS class_name, j.amount AS value,
       j.months AS months, j.months_from AS months_from, j.months_to AS months_to, j.idle_days AS idle_days, j.touch_days AS touch_days,
       (SELECT count(*) FROM phase_skip s WHERE s.opportunity = j.id) AS skipped, j.state AS state
FROM listed j
LEFT JOIN customer ON customer.id = j.customer
ORDER BY j.idle_days DESC, j.id
