-- Negotiations by kind.
WITH edge AS (
	SELECT f.day AS since, f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day f
	JOIN calendar_day l ON l.day = $to
	WHERE f.day = coalesce($from, substr($today, 1, 8) || '01')
)
SELECT a.negotiation AS kind, count(*) AS talks, 10.0 * sum(a.negotiation_round) / nullif(count(a.negotiation_round), 0) AS round,
       count(*) FILTER (WHERE a.negotiation_result = 'agreed') AS agreed, count(*) FILTER (WHERE a.negotiation_result = 'open') AS pending,
       count(*) FILTER (WHERE a.negotiation_result = 'failed') AS failed, count(DISTINCT a.opportunity) AS deals, max(edge.since) AS since
FROM edge
CROSS JOIN activity a
LEFT JOIN member m ON m.id = a.owner
WHERE a.negotiation IS NOT NULL AND coalesce(a.state, '') = 'done' AND a.done_at >= edge.from_at AND a.done_at < edge.until
AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY a.negotiation
ORDER BY 2 DESC, 1
