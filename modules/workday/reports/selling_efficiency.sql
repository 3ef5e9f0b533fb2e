-- S01-56, per person.  The month is that of the last day.
WITH month AS (
	SELECT min(d.day) AS first,
	       count(*) FILTER (WHERE d.workday = 1) AS workdays,
	       count(*) FILTER (WHERE d.workday = 1 AND d.day <= $to) AS gone
	FROM calendar_day d
	WHERE d.month = substr($to, 1, 7)
), person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), visit AS (
	SELECT member AS owner, CAST(sum(visits) AS BIGINT) AS visits, CAST(sum(effective) AS BIGINT) AS effective, CAST(sum(cost) AS BIGINT) AS cost
	FROM (SELECT member, value AS visits, 0 AS effective, 0 AS cost FROM visit_done_period WHERE member IN (SELECT id FROM person)
	      UNION ALL SELECT member, 0, value, 0 FROM visit_effective_period WHERE member IN (SELECT id FROM person)
	      UNION ALL SELECT member, 0, 0, value FROM visit_cost_period WHERE member IN (SELECT id FROM person)) done
	GROUP BY member
	HAVING sum(visits) > 0
), basis AS MATERIALIZED (
	SELECT metric FROM
-- include target/chosen
	WHERE name = 'sales_amount'
), sold_period AS (
	SELECT member, number, value FROM opportunity_won_amount_period WHERE (SELECT metric FROM basis) = 'won_amount'
	UNION ALL SELECT member, number, value FROM order_amount_period WHERE (SELECT metric FROM basis) = 'orders_amount'
	UNION ALL SELECT member, number, value FROM contract_signed_amount_period WHERE (SELECT metric FROM basis) = 'contract_amount'
), sold AS (
	SELECT member, day, number, value FROM opportunity_won_amount WHERE grain = 'd' AND (SELECT metric FROM basis) = 'won_amount'
	UNION ALL SELECT member, day, number, value FROM order_amount WHERE grain = 'd' AND (SELECT metric FROM basis) = 'orders_amount'
	UNION ALL SELECT member, day, number, value FROM contract_signed_amount WHERE grain = 'd' AND (SELECT metric FROM basis) = 'contract_amount'
), won AS (
	SELECT member AS owner, CAST(sum(orders) AS BIGINT) AS orders, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(month_amount) AS BIGINT) AS month_amount
	FROM (SELECT member, number AS orders, value AS amount, 0 AS month_amount, number AS n
	      FROM sold_period WHERE member IN (SELECT id FROM person)
	      UNION ALL
	      SELECT member, 0, 0, value, number
	      FROM sold
	      WHERE member IN (SELECT id FROM person) AND day >= (SELECT first FROM month) AND day <= $to) part
	GROUP BY member
	HAVING sum(n) > 0
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
	WHERE p.current = 1 AND p.metric = (SELECT metric FROM basis) AND t.period = substr($to, 1, 7)
	AND (t.person IS NOT NULL OR t.customer IS NOT NULL) AND up.id IS NULL
	GROUP BY coalesce(t.person, t.owner)
)
SELECT m.id AS owner_id, m.label AS who,
       coalesce(v.visits, 0) AS visits, coalesce(v.effective, 0) AS effective,
       coalesce(w.orders, 0) AS orders, coalesce(w.amount, 0) AS amount,
       (SELECT metric FROM basis) AS basis,
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
WHERE v.owner IS NOT NULL OR w.owner IS NOT NULL
ORDER BY m.label, m.id
