-- Contacts of the period with their prospect and whether they succeeded; whoever includes this may ask for more, and ends it.
edge AS (
	SELECT f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day l
	JOIN calendar_day f ON f.day = coalesce($from, (SELECT b.day FROM calendar_day b WHERE b.day_number = l.day_number - 364))
	WHERE l.day = $to
), contact AS (
	-- A lead that became a customer is that customer.
	SELECT a.id AS id, a.done_at AS done_at, a.kind AS what, a.customer AS customer, a.lead AS lead, m.label AS who,
	       CASE WHEN a.customer IS NOT NULL THEN 'c' ELSE 'l' END AS side, coalesce(a.customer, a.lead) AS prospect,
	       CASE $success WHEN 'intending' THEN CASE WHEN a.intention IN ('high', 'medium') THEN 1 ELSE 0 END
	            WHEN 'appointment' THEN coalesce(a.appointment, 0) WHEN 'ordered' THEN coalesce(a.ordered, 0) ELSE coalesce(a.effective, 0) END AS won
	FROM activity a
	LEFT JOIN member m ON m.id = a.owner
	WHERE a.state = 'done' AND a.kind IN ('call', 'visit', 'reception', 'meeting', 'message')
	AND coalesce(a.customer, a.lead) IS NOT NULL
	AND a.done_at >= (SELECT from_at FROM edge) AND a.done_at < (SELECT until FROM edge)
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
