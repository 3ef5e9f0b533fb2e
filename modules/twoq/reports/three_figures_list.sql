-- The same as the ledger counts, one by one.
WITH edge AS (
	SELECT f.starts_at AS since, l.starts_at + 86400000 AS until
	FROM calendar_day f
	JOIN calendar_day l ON l.day = $to
	WHERE f.day = $from
), person AS MATERIALIZED (
	SELECT id, label FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), follow AS MATERIALIZED (
	SELECT id FROM stage WHERE quantity_role = 'follow' AND pipeline = coalesce($pipeline, pipeline)
), opened AS (
	-- What an index has.
	SELECT a.id AS id, a.customer AS customer, a.lead AS lead, p.label AS who, a.done_at AS at
	FROM edge
	CROSS JOIN activity a
	CROSS JOIN person p
	WHERE p.id = a.owner AND coalesce(a.state, '') = 'done' AND a.done_at >= edge.since AND a.done_at < edge.until AND coalesce(a.first_contact, 0) = 1
	ORDER BY a.done_at DESC, a.id DESC
	LIMIT 1000
), lain AS MATERIALIZED (
	-- On its own: in the order of the day SQLite would go through all stays there ever were.
	SELECT o.id AS id, o.stage_entered_on AS day, o.owner AS owner
	FROM edge
	CROSS JOIN follow
	CROSS JOIN opportunity o
	WHERE o.stage = follow.id AND o.result = 'open' AND +o.stage_entered_at < edge.until
	UNION ALL
	SELECT v.opportunity, v.entered_on, v.owner
	FROM edge
	CROSS JOIN stage_visit v
	JOIN follow ON follow.id = v.stage
	WHERE v.left_at >= edge.until AND +v.entered_at < edge.until
), followed AS (
	SELECT l.id AS id, l.day AS day, p.label AS who
	FROM lain l
	CROSS JOIN person p
	WHERE p.id = l.owner
	ORDER BY l.day DESC, l.id DESC
	LIMIT 1000
), won AS (
	SELECT o.id AS id, o.closed_on AS day, p.label AS who
	FROM opportunity o
	JOIN person p ON p.id = o.owner
	WHERE o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to
	ORDER BY o.closed_on DESC, o.id DESC
	LIMIT 1000
)
SELECT 'opening' AS what, a.subject AS name, coalesce(c.name, e.company, e.name) AS customer, n.who AS who,
       (SELECT d.day FROM calendar_day d WHERE d.day >= $from AND d.day <= $to AND d.starts_at <= n.at AND d.starts_at + 86400000 > n.at) AS day, CAST(NULL AS BIGINT) AS amount,
       'activity?id=eq.' || CAST(n.id AS TEXT) AS open, 1 AS kind, n.id AS id
FROM opened n
CROSS JOIN activity a
LEFT JOIN customer c ON c.id = n.customer
LEFT JOIN lead e ON e.id = n.lead
WHERE a.id = n.id AND coalesce($what, 'opening') = 'opening'
UNION ALL
SELECT 'follow', o.name, c.name, n.who, n.day, o.amount,
       'opportunity?id=eq.' || CAST(n.id AS TEXT), 2, n.id
FROM followed n
CROSS JOIN opportunity o
LEFT JOIN customer c ON c.id = o.customer
WHERE o.id = n.id AND coalesce($what, 'follow') = 'follow'
UNION ALL
SELECT 'final', o.name, c.name, n.who, n.day, o.amount, 'opportunity?id=eq.' || CAST(n.id AS TEXT), 3, n.id
FROM won n
CROSS JOIN opportunity o
LEFT JOIN customer c ON c.id = o.customer
WHERE o.id = n.id AND coalesce($what, 'final') = 'final'
ORDER BY 8, 5 DESC, 9 DESC
