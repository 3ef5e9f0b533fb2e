-- Each call or visit with its place on the company's clock, and whether it succeeded.
edge AS (
	SELECT f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day l
	JOIN calendar_day f ON f.day = coalesce($from, (SELECT b.day FROM calendar_day b WHERE b.day_number = l.day_number - 89))
	WHERE l.day = $to
), timed AS (
	SELECT a.done_hour AS hour, a.done_weekday AS weekday,
	       CASE $success WHEN 'reached' THEN CASE WHEN a.minutes > 0 OR a.intention IS NOT NULL THEN 1 ELSE 0 END
	                     WHEN 'intending' THEN CASE WHEN a.intention IN ('high', 'medium') THEN 1 ELSE 0 END
	                     WHEN 'appointment' THEN coalesce(a.appointment, 0) WHEN 'ordered' THEN coalesce(a.ordered, 0)
	                     ELSE coalesce(a.effective, 0) END AS won
	FROM edge
	CROSS JOIN activity a
	LEFT JOIN member m ON m.id = a.owner
	-- By the time, not by the state: nearly all are done.
	WHERE coalesce(a.state, '') = 'done' AND a.kind = $kind AND a.done_at >= edge.from_at AND a.done_at < edge.until
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	AND a.done_hour IS NOT NULL
)
