-- Prospects by how many contacts they had up to the first success, or in all where there was none.
WITH edge AS (
	SELECT f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day l
	JOIN calendar_day f ON f.day = coalesce($from, (SELECT b.day FROM calendar_day b WHERE b.day_number = l.day_number - 364))
	WHERE l.day = $to
), contact AS (
	-- A lead that became a customer is that customer.
	SELECT CASE WHEN a.customer IS NOT NULL THEN 'c' ELSE 'l' END AS kind, coalesce(a.customer, a.lead) AS prospect,
	       row_number() OVER (PARTITION BY CASE WHEN a.customer IS NOT NULL THEN 'c' ELSE 'l' END, coalesce(a.customer, a.lead) ORDER BY a.done_at, a.id) AS place,
	       CASE $success WHEN 'intending' THEN CASE WHEN a.intention IN ('high', 'medium') THEN 1 ELSE 0 END
	            WHEN 'appointment' THEN coalesce(a.appointment, 0) WHEN 'ordered' THEN coalesce(a.ordered, 0) ELSE coalesce(a.effective, 0) END AS won
	FROM activity a
	LEFT JOIN member m ON m.id = a.owner
	WHERE a.state = 'done' AND a.kind IN ('call', 'visit', 'reception', 'meeting', 'message') AND a.kind = coalesce(CAST($kind AS TEXT), a.kind)
	AND coalesce(a.customer, a.lead) IS NOT NULL
	AND a.done_at >= (SELECT from_at FROM edge) AND a.done_at < (SELECT until FROM edge)
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
), prospect AS (
	SELECT kind, prospect, max(won) AS won, coalesce(min(CASE WHEN won = 1 THEN place END), max(place)) AS attempts
	FROM contact
	GROUP BY kind, prospect
)
SELECT CAST(attempts AS BIGINT) AS attempts, count(*) AS n, CAST(sum(won) AS BIGINT) AS won
FROM prospect
GROUP BY attempts
ORDER BY attempts
