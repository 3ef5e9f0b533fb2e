-- The longest stays that have not ended, with what was spent on them.
WITH step AS MATERIALIZED (
	SELECT id, name, norm_days, (SELECT max(v.days) FROM stage_visit v WHERE v.stage = stage.id) AS longest
	FROM stage
	WHERE kind = 'open' AND id = coalesce($stage, id)
), stuck AS MATERIALIZED (
	SELECT o.id AS id, o.name AS name, o.customer AS customer, o.owner AS owner, o.amount AS amount,
	       o.next_on AS next_on, step.name AS stage, step.norm_days AS norm_days, step.longest AS longest,
	       o.stage_entered_at AS entered_at, ($now - o.stage_entered_at) / 86400000 AS days,
	       ($now - o.last_activity_at) / 86400000 AS idle, member.label AS owner_name
	FROM opportunity o
	CROSS JOIN step
	LEFT JOIN member ON member.id = o.owner
	WHERE o.result = 'open' AND step.id = o.stage AND o.stage_entered_at <= $now - $days * 86400000
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
	ORDER BY o.stage_entered_at, o.id
	LIMIT 500
), spent AS (
	SELECT stuck.id AS id, count(DISTINCT a.owner) AS people, count(*) AS talks,
	       CAST(sum(a.minutes) AS BIGINT) AS minutes, CAST(sum(a.cost) AS BIGINT) AS cost
	FROM stuck
	CROSS JOIN activity a
	WHERE a.opportunity = stuck.id AND a.state = 'done' AND a.done_at >= stuck.entered_at AND a.kind <> 'note'
	GROUP BY stuck.id
)
SELECT stuck.id AS opportunity_id,
       stuck.name AS opportunity,
       customer.name AS customer,
       stuck.owner_name AS owner_name,
       stuck.stage AS stage_name,
       stuck.days AS days_in_stage,
       stuck.norm_days AS norm_days,
       stuck.amount AS value,
       coalesce(spent.people, 0) AS people,
       coalesce(spent.talks, 0) AS talks,
       spent.minutes AS minutes,
       spent.cost AS cost,
       stuck.idle AS idle_days,
       CASE WHEN stuck.days * 10 > stuck.longest AND stuck.days > coalesce(stuck.norm_days, 30) THEN 'close'
            WHEN coalesce(stuck.next_on, '0') < $today THEN 'plan'
            WHEN coalesce(stuck.idle, 999) > 14 THEN 'contact'
            WHEN stuck.days > 2 * coalesce(stuck.norm_days, 30) THEN 'lead'
            ELSE 'go_on' END AS action
FROM stuck
LEFT JOIN customer ON customer.id = stuck.customer
LEFT JOIN spent ON spent.id = stuck.id
ORDER BY stuck.entered_at, stuck.id
