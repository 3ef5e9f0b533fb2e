-- S01-56, per person.  The month is that of the last day.
WITH ends AS (
	SELECT min(starts_at) AS since, max(starts_at) + 86400000 AS until
	FROM calendar_day
	WHERE day = $from OR day = $to
), month AS (
	SELECT min(d.day) AS first,
	       count(*) FILTER (WHERE d.workday = 1) AS workdays,
	       count(*) FILTER (WHERE d.workday = 1 AND d.day <= $to) AS gone
	FROM calendar_day d
	WHERE d.month = substr($to, 1, 7)
), visit AS (
	SELECT a.owner AS owner, count(*) AS visits, count(*) FILTER (WHERE a.effective = 1) AS effective,
	       CAST(coalesce(sum(a.cost), 0) AS BIGINT) AS cost
	FROM activity a, ends
	WHERE a.kind = 'visit' AND a.state = 'done' AND a.done_at >= ends.since AND a.done_at < ends.until
	GROUP BY a.owner
), won AS (
	SELECT o.owner AS owner,
	       count(*) FILTER (WHERE o.closed_on >= $from) AS orders,
	       CAST(coalesce(sum(o.amount) FILTER (WHERE o.closed_on >= $from), 0) AS BIGINT) AS amount,
	       CAST(coalesce(sum(o.amount) FILTER (WHERE o.closed_on >= month.first), 0) AS BIGINT) AS month_amount
	FROM opportunity o, month
	WHERE o.result = 'won' AND o.closed_on <= $to AND (o.closed_on >= $from OR o.closed_on >= month.first)
	GROUP BY o.owner
), planned AS (
	SELECT p.owner AS owner, CAST(sum(p.order_target) AS BIGINT) AS amount
	FROM visit_plan p, month
	WHERE p.day >= month.first AND p.day <= $to AND p.state IN ('submitted', 'signed')
	GROUP BY p.owner
), aim AS (
	-- What is in force for a person's month and is not part of something that is.
	SELECT coalesce(t.person, t.owner) AS owner, CAST(sum(t.value) AS BIGINT) AS amount
	FROM target_plan p
	JOIN target t ON t.plan = p.id
	LEFT JOIN target up ON up.id = t.parent AND up.period = t.period AND (up.person = coalesce(t.person, t.owner) OR up.customer = t.customer)
	WHERE p.current = 1 AND p.metric = 'won_amount' AND t.period = substr($to, 1, 7)
	AND (t.person IS NOT NULL OR t.customer IS NOT NULL) AND up.id IS NULL
	GROUP BY coalesce(t.person, t.owner)
)
SELECT m.id AS owner_id, m.label AS who,
       coalesce(v.visits, 0) AS visits, coalesce(v.effective, 0) AS effective,
       coalesce(w.orders, 0) AS orders, coalesce(w.amount, 0) AS amount,
       coalesce(v.cost, 0) AS cost,
       v.cost / nullif(v.visits, 0) AS per_visit,
       v.cost / nullif(v.effective, 0) AS per_effective,
       v.cost / nullif(w.orders, 0) AS per_order,
       coalesce(w.amount, 0) * 100 / nullif(v.cost, 0) AS per_cost,
       coalesce(w.month_amount, 0) AS month_amount,
       coalesce(a.amount, t.amount) AS month_target,
       coalesce(w.month_amount, 0) * 10000 / nullif(coalesce(a.amount, t.amount), 0) AS attained,
       month.gone * 10000 / nullif(month.workdays, 0) AS elapsed,
       coalesce(w.month_amount, 0) * 10000 / nullif(a.amount, 0) - month.gone * 10000 / nullif(month.workdays, 0) AS pace
FROM member m
CROSS JOIN month
LEFT JOIN visit v ON v.owner = m.id
LEFT JOIN won w ON w.owner = m.id
LEFT JOIN planned t ON t.owner = m.id
LEFT JOIN aim a ON a.owner = m.id
WHERE (v.owner IS NOT NULL OR w.owner IS NOT NULL)
AND m.id = coalesce($owner, m.id)
AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
ORDER BY m.label, m.id
