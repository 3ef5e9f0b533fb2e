-- By the time, not by the state: nearly all are done.
WITH summed AS (
	SELECT a.stage_before AS stage, count(*) AS n, count(DISTINCT a.owner) AS people, CAST(coalesce(sum(a.minutes), 0) AS BIGINT) AS minutes
	FROM calendar_day f
	CROSS JOIN calendar_day l
	CROSS JOIN activity a
	JOIN member m ON m.id = a.owner
	WHERE f.day = $from AND l.day = $to AND a.done_at >= f.starts_at AND a.done_at < l.starts_at + 86400000
	AND coalesce(a.state, '') = 'done' AND a.kind <> 'note' AND a.owner = coalesce($owner, a.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY a.stage_before
), whole AS (
	SELECT CAST(sum(n) AS BIGINT) AS n, CAST(sum(minutes) AS BIGINT) AS minutes FROM summed
)
SELECT p.name AS process, coalesce(s.name, '–') AS step, d.n AS activities, d.people AS people, d.minutes AS minutes,
       CASE WHEN whole.minutes > 0 THEN 10000.0 * d.minutes / whole.minutes END AS share, 10000.0 * d.n / whole.n AS activity_share,
       CASE WHEN d.stage IS NULL THEN 'is.null' ELSE 'eq.' || CAST(d.stage AS TEXT) END AS stage
FROM summed d
CROSS JOIN whole
LEFT JOIN stage s ON s.id = d.stage
LEFT JOIN pipeline p ON p.id = s.pipeline
WHERE coalesce(s.pipeline, 0) = coalesce($pipeline, s.pipeline, 0)
ORDER BY CASE WHEN d.stage IS NULL THEN 0 ELSE 1 END, p.position, p.id, s.position
