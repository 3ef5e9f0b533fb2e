-- Contacts, each with its ordinal up to the first success and the days since the one before; as contact_rhythm and contact_gap count them.
WITH edge AS (
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
	WHERE a.state = 'done' AND a.kind IN ('call', 'visit', 'reception', 'meeting', 'message') AND a.kind = coalesce(CAST($kind AS TEXT), a.kind)
	AND coalesce(a.customer, a.lead) IS NOT NULL
	AND a.done_at >= (SELECT from_at FROM edge) AND a.done_at < (SELECT until FROM edge)
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
), placed AS (
	SELECT contact.*, row_number() OVER (PARTITION BY side, prospect ORDER BY done_at, id) AS place,
	       (done_at - lag(done_at) OVER (PARTITION BY side, prospect ORDER BY done_at, id)) / 86400000 AS days,
	       coalesce(sum(won) OVER (PARTITION BY side, prospect ORDER BY done_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
	FROM contact
), counted AS (
	SELECT placed.*, CASE WHEN before = 0 THEN place END AS ordinal FROM placed
)
SELECT c.id AS activity_id, c.done_at AS done_at, coalesce(customer.name, lead.name) AS prospect, c.what AS what, c.who AS who,
       c.ordinal AS ordinal, c.days AS days, c.won AS won
FROM counted c
LEFT JOIN customer ON customer.id = c.customer
LEFT JOIN lead ON lead.id = c.lead
WHERE (CAST($attempt AS BIGINT) IS NULL OR c.ordinal = $attempt)
AND (CAST($gap_from AS BIGINT) IS NULL OR c.days >= $gap_from) AND (CAST($gap_to AS BIGINT) IS NULL OR c.days <= $gap_to)
ORDER BY c.done_at DESC, c.id DESC
LIMIT 1000
