WITH span AS (
	SELECT min(starts_at) AS since, max(starts_at) + 86400000 AS until FROM calendar_day WHERE day >= $from AND day <= $to
), them AS (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), deal AS (
	SELECT coalesce(o.amount, 0) AS amount,
	       (SELECT a.kind FROM activity a WHERE a.opportunity = o.id AND a.state = 'done' AND a.kind <> 'note' AND a.done_at < d.starts_at + 86400000
	        ORDER BY a.done_at DESC, a.id DESC LIMIT 1) AS kind
	FROM opportunity o
	JOIN calendar_day d ON d.day = o.closed_on
	WHERE o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to AND o.owner IN (SELECT id FROM them)
), part AS (
	SELECT a.kind AS kind, 1 AS activities, coalesce(a.minutes, 0) AS minutes, CASE WHEN a.advanced = 1 THEN 1 ELSE 0 END AS moved,
	       CASE WHEN a.appointment = 1 THEN 1 ELSE 0 END AS appointments, 0 AS orders, 0 AS amount
	FROM span
	CROSS JOIN activity a
	WHERE coalesce(a.state, '') = 'done' AND a.kind <> 'note' AND a.done_at >= span.since AND a.done_at < span.until AND a.owner IN (SELECT id FROM them)
	UNION ALL
	SELECT coalesce(kind, 'none'), 0, 0, 0, 0, 1, amount FROM deal
), counted AS (
	SELECT kind, CAST(sum(activities) AS BIGINT) AS activities, CAST(sum(minutes) AS BIGINT) AS minutes, CAST(sum(moved) AS BIGINT) AS moved,
	       CAST(sum(appointments) AS BIGINT) AS appointments, CAST(sum(orders) AS BIGINT) AS orders, CAST(sum(amount) AS BIGINT) AS amount
	FROM part GROUP BY kind
)
SELECT kind, activities, minutes, moved, moved * 10000 / nullif(activities, 0) AS moved_share, appointments, orders, amount,
       amount / nullif(activities, 0) AS per_activity, amount * 60 / nullif(minutes, 0) AS per_hour
FROM counted
ORDER BY activities DESC, kind
