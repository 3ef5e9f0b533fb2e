-- One row; the columns in the order of four.c.  By the day, or by whose they are within reach, not member by member: hence the plus.
WITH them AS (
	SELECT id FROM member WHERE (CAST($team AS BIGINT) IS NULL OR team = $team)
), span AS (
	SELECT starts_at AS since, starts_at + 86400000 AS until FROM calendar_day WHERE day = $day
), form AS (
	SELECT 'r' AS of, state, on_time, attendance, submitted_at FROM daily_report
	WHERE day = $day AND +owner IN (SELECT id FROM them)
	UNION ALL
	SELECT 'p', state, on_time, NULL, submitted_at FROM visit_plan
	WHERE day = $day AND +owner IN (SELECT id FROM them)
), met AS (
	SELECT g.state AS state FROM meeting g, span
	WHERE g.starts_at >= span.since AND g.starts_at < span.until AND g.kind <> 'talk' AND +g.owner IN (SELECT id FROM them)
), visit AS MATERIALIZED (
	-- Nor by what they were.
	SELECT a.effective AS effective, a.collected AS collected
	FROM span
	CROSS JOIN activity a
	WHERE coalesce(a.kind, '') = 'visit' AND coalesce(a.state, '') = 'done' AND a.done_at >= span.since AND a.done_at < span.until
	AND +a.owner IN (SELECT id FROM them)
),
-- include stock/level
SELECT (SELECT count(*) FROM form WHERE attendance IN ('present', 'trip', 'training', 'late', 'half')
        AND state IN ('submitted', 'signed')) AS present,
       (SELECT count(*) FROM form WHERE attendance IN ('sick', 'leave', 'absent')
        AND state IN ('submitted', 'signed')) AS away,
       (SELECT count(*) FROM visit) AS visits,
       (SELECT count(*) FROM visit WHERE effective = 1) AS effective,
       (SELECT count(*) FROM form WHERE of = 'p' AND submitted_at IS NOT NULL) AS plans,
       (SELECT count(*) FROM form WHERE of = 'p' AND state = 'draft') AS plans_missing,
       (SELECT count(*) FROM form WHERE of = 'r' AND submitted_at IS NOT NULL) AS reports,
       (SELECT count(*) FROM form WHERE of = 'r' AND state = 'draft') AS reports_missing,
       (SELECT count(*) FROM form WHERE of = 'r' AND state = 'submitted') AS unsigned,
       (SELECT count(*) FROM met WHERE state = 'held') AS held,
       (SELECT count(*) FROM met WHERE state <> 'held') AS not_held,
       (SELECT count(*) FROM task t, span WHERE t.origin LIKE 'alert/%' AND t.created_at >= span.since AND t.created_at < span.until
        AND +t.owner IN (SELECT id FROM them)) AS deviations,
       (SELECT count(*) FROM market_form WHERE day = $day AND +owner IN (SELECT id FROM them)) AS market,
       (SELECT count(*) FROM complaint WHERE received_on = $day AND +owner IN (SELECT id FROM them)) AS complaints,
       (SELECT count(*) FROM competitor_event WHERE last_on = $day AND state <> 'dismissed') AS rivals,
       (SELECT count(*) FROM sales_order WHERE state IN ('confirmed', 'completed') AND confirmed_on = $day AND +owner IN (SELECT id FROM them)) AS orders,
       (SELECT coalesce(sum(amount), 0) FROM sales_order WHERE state IN ('confirmed', 'completed') AND confirmed_on = $day
        AND +owner IN (SELECT id FROM them)) AS orders_amount,
       (SELECT count(*) FROM opportunity WHERE result = 'won' AND closed_on = $day AND +owner IN (SELECT id FROM them)) AS won,
       (SELECT coalesce(sum(amount), 0) FROM opportunity WHERE result = 'won' AND closed_on = $day
        AND +owner IN (SELECT id FROM them)) AS won_amount,
       (SELECT count(*) FROM visit WHERE collected > 0) AS collections,
       (SELECT coalesce(sum(collected), 0) FROM visit) AS collected,
       (SELECT count(*) FROM receipt WHERE received_on = $day AND +owner IN (SELECT id FROM them)) AS receipts,
       (SELECT coalesce(sum(amount), 0) FROM receipt WHERE received_on = $day AND +owner IN (SELECT id FROM them)) AS receipt_amount,
       (SELECT count(*) FROM stock_move WHERE moved_on = $day) AS moves,
       (SELECT count(*) FROM level l JOIN product p ON p.id = l.product WHERE l.on_hand < coalesce(p.least, 0)) AS short
