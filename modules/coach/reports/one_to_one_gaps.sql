-- Each pair has a talk that lies ahead: the night sees to it.
WITH pair AS (
	SELECT o.member AS member, o.leader AS leader, max(o.day) FILTER (WHERE o.held_at IS NOT NULL AND o.day <= $on) AS last_on,
	       min(o.created_at) AS since, count(*) FILTER (WHERE o.held_at IS NULL) AS ahead
	FROM one_to_one o
	GROUP BY o.member, o.leader
), counted AS (
	SELECT m.id AS member_id, m.label AS who, l.id AS leader_id, l.label AS leader_name, pair.last_on AS last_on,
	       now.day_number - coalesce(last.day_number, first.day_number) AS days_since
	FROM pair
	JOIN member m ON m.id = pair.member AND m.active = 1
	JOIN member l ON l.id = pair.leader AND l.active = 1
	JOIN calendar_day now ON now.day = $on
	JOIN calendar_day first ON first.starts_at <= pair.since AND first.starts_at + 86400000 > pair.since
	LEFT JOIN calendar_day last ON last.day = pair.last_on
	WHERE pair.ahead > 0 AND (CAST($team AS BIGINT) IS NULL OR m.team = $team) AND l.id = coalesce($leader, l.id)
)
SELECT member_id, who, leader_id, leader_name, last_on, days_since, CASE WHEN days_since > $days THEN 1 ELSE 0 END AS overdue
FROM counted
WHERE days_since >= 0 AND (coalesce($over, 0) = 0 OR days_since > $days)
ORDER BY days_since DESC, member_id
