-- Visits of the period by person, why those missed that did, and how fast stages were passed.
WITH edge AS (
	SELECT (SELECT f.starts_at FROM calendar_day f WHERE f.day = $from) AS from_at, l.starts_at + 86400000 AS until FROM calendar_day l WHERE l.day = $to
), done AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n FROM visit_done_period GROUP BY member
), reached AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n FROM visit_goal_reached_period GROUP BY member
), advanced AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n FROM visit_advanced_period GROUP BY member
), missed AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n, CAST(coalesce(sum(value) FILTER (WHERE split2 = 'object'), 0) AS BIGINT) AS wrong_object,
	       CAST(coalesce(sum(value) FILTER (WHERE split2 = 'strategy'), 0) AS BIGINT) AS wrong_strategy, CAST(coalesce(sum(value) FILTER (WHERE split2 = 'time'), 0) AS BIGINT) AS wrong_time,
	       CAST(coalesce(sum(value) FILTER (WHERE split2 = 'other'), 0) AS BIGINT) AS other
	FROM visit_missed_period
	GROUP BY member
), stay AS (
	SELECT v.owner AS member, count(*) AS n, avg(10.0 * v.days / stage.norm_days) AS speed
	FROM edge
	CROSS JOIN stage_visit v
	JOIN stage ON stage.id = v.stage
	WHERE v.left_at >= edge.from_at AND v.left_at < edge.until AND v.forward = 1 AND stage.norm_days > 0
	GROUP BY v.owner
), summed AS (
	SELECT m.id AS id, m.label AS label, m.team AS team, d.n AS n, coalesce(r.n, 0) AS reached, coalesce(a.n, 0) AS advanced
	FROM done d
	JOIN member m ON m.id = d.member
	LEFT JOIN reached r ON r.member = m.id
	LEFT JOIN advanced a ON a.member = m.id
	WHERE d.n > 0 AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), counted AS (
	SELECT id, 'reached' AS what, n, reached AS k FROM summed
	UNION ALL
	SELECT id, 'advanced', n, advanced FROM summed
),
-- include opportunity/wilson
SELECT s.id AS owner_id, s.label AS who, s.n AS visits, s.reached AS reached, r.rate AS reached_rate, r.low AS reached_low, r.high AS reached_high,
       s.advanced AS advanced, a.rate AS advanced_rate, a.low AS advanced_low, a.high AS advanced_high,
       stay.speed AS speed, coalesce(stay.n, 0) AS stays,
       coalesce(x.wrong_object, 0) AS wrong_object, coalesce(x.wrong_strategy, 0) AS wrong_strategy, coalesce(x.wrong_time, 0) AS wrong_time, coalesce(x.other, 0) AS other,
       coalesce(x.n - x.wrong_object - x.wrong_strategy - x.wrong_time - x.other, 0) AS unsaid, CASE WHEN s.n < 20 THEN 'few' ELSE 'judged' END AS verdict
FROM summed s
JOIN rated r ON r.id = s.id AND r.what = 'reached'
JOIN rated a ON a.id = s.id AND a.what = 'advanced'
LEFT JOIN missed x ON x.member = s.id
LEFT JOIN stay ON stay.member = s.id
ORDER BY s.team, s.id
