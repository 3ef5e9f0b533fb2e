-- Contacts of the period with their prospect and whether they succeeded; whoever includes this may ask for more, and ends it.
edge AS (
	SELECT f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day l
	JOIN calendar_day f ON f.day = coalesce($from, (SELECT b.day FROM calendar_day b WHERE b.day_number = l.day_number - 181))
	WHERE l.day = $to
), person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), contact AS (
	-- A lead that became a customer is that customer; leads are below zero.
	SELECT a.id AS id, a.done_at AS done_at, coalesce(a.customer, -a.lead) AS prospect,
	       CASE WHEN $success = 'effective' THEN coalesce(a.effective, 0) WHEN $success = 'appointment' THEN coalesce(a.appointment, 0)
	            WHEN $success = 'ordered' THEN coalesce(a.ordered, 0) WHEN a.intention IN ('high', 'medium') THEN 1 ELSE 0 END AS won
	FROM edge
	CROSS JOIN activity a
	-- By the time, not by the state: nearly all are done.  Not by a list of kinds: a million look-ups take longer.
	WHERE coalesce(a.state, '') = 'done' AND a.kind <> 'note' AND a.kind <> 'mail'
	AND coalesce(a.customer, a.lead) IS NOT NULL
	AND a.done_at >= edge.from_at AND a.done_at < edge.until
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR a.owner IN (SELECT id FROM person))
