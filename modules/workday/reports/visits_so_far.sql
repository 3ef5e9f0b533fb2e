WITH visit AS (
	SELECT a.owner AS owner, CASE WHEN a.planned_at >= d.starts_at AND a.planned_at < d.starts_at + 86400000 THEN 1 ELSE 0 END AS planned,
	       CASE WHEN a.state = 'done' THEN 1 ELSE 0 END AS done
	FROM calendar_day d
	CROSS JOIN activity a
	-- By the time, not by the state: nearly all are done.
	WHERE d.day = $today AND a.kind = 'visit' AND ((coalesce(a.state, '') IN ('planned', 'done') AND a.planned_at >= d.starts_at AND a.planned_at < d.starts_at + 86400000)
	      OR (coalesce(a.state, '') = 'done' AND a.done_at >= d.starts_at AND a.done_at < d.starts_at + 86400000))
), counted AS (
	SELECT owner, CAST(sum(planned) AS BIGINT) AS planned, CAST(sum(planned * done) AS BIGINT) AS done, CAST(sum((1 - planned) * done) AS BIGINT) AS beside
	FROM visit GROUP BY owner
)
SELECT m.id AS owner_id, m.label AS who, c.done AS done, c.planned AS planned, c.done * 10000 / c.planned AS share, c.beside AS beside
FROM counted c
JOIN member m ON m.id = c.owner
WHERE c.planned > 0 AND (CAST($team AS BIGINT) IS NULL OR m.team = $team) AND c.done * 10000 < coalesce($below, 1000000000) * c.planned
ORDER BY c.done * 10000 / c.planned, m.label, m.id
