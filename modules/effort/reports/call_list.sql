-- Whom to call, in order; nobody twice, nobody already called today.
WITH edge AS (
	SELECT starts_at AS from_at, starts_at + 86400000 AS until FROM calendar_day WHERE day = $today
), called AS (
	SELECT a.customer AS customer, a.lead AS lead
	FROM edge
	CROSS JOIN activity a
	WHERE a.owner = coalesce($owner, $me) AND a.kind = 'call' AND coalesce(a.state, '') = 'done' AND a.done_at >= edge.from_at AND a.done_at < edge.until
), planned AS (
	SELECT CASE WHEN a.lead IS NOT NULL AND a.customer IS NULL THEN 'lead' ELSE 'customer' END AS object, coalesce(a.customer, a.lead) AS record,
	       a.id AS activity, a.version AS version, a.goal AS note, a.planned_at AS at, row_number() OVER (PARTITION BY a.customer, a.lead ORDER BY a.planned_at, a.id) AS place
	FROM activity a
	CROSS JOIN edge
	WHERE a.owner = coalesce($owner, $me) AND a.kind = 'call' AND a.state = 'planned' AND a.planned_at < edge.until AND (a.customer IS NOT NULL OR a.lead IS NOT NULL)
), listed AS (
	SELECT 1 AS turn, 'planned' AS why, p.object AS object, p.record AS record, coalesce(c.name, l.company, l.name) AS name, CASE p.object WHEN 'lead' THEN l.name END AS person,
	       coalesce(c.phone, l.phone) AS phone, c.last_activity_at AS last_at, p.note AS note, p.activity AS activity, p.version AS version, p.at AS at
	FROM planned p
	LEFT JOIN customer c ON p.object = 'customer' AND c.id = p.record
	LEFT JOIN lead l ON p.object = 'lead' AND l.id = p.record
	WHERE p.place = 1
	UNION ALL
	SELECT CASE l.state WHEN 'new' THEN 2 ELSE 3 END, CASE l.state WHEN 'new' THEN 'fresh' ELSE 'again' END, 'lead', l.id, coalesce(l.company, l.name), l.name, l.phone, l.first_response_at, l.content,
	       NULL, NULL, coalesce(l.first_response_at, l.received_at)
	FROM lead l
	WHERE l.owner = coalesce($owner, $me) AND l.state IN ('new', 'contacted')
	AND NOT EXISTS (SELECT 1 FROM planned p WHERE p.object = 'lead' AND p.record = l.id)
	UNION ALL
	SELECT 4, 'silent', 'customer', c.id, c.name, NULL, c.phone, c.last_activity_at, NULL, NULL, NULL, coalesce(c.last_activity_at, 0)
	FROM customer c
	WHERE c.owner = coalesce($owner, $me) AND c.lifecycle <> 'lost'
	AND NOT EXISTS (SELECT 1 FROM planned p WHERE p.object = 'customer' AND p.record = c.id)
), ordered AS (
	SELECT listed.*, row_number() OVER (ORDER BY turn, at, object, record) AS place
	FROM listed
	WHERE phone IS NOT NULL AND phone <> ''
	AND NOT EXISTS (SELECT 1 FROM called d WHERE (listed.object = 'customer' AND d.customer = listed.record) OR (listed.object = 'lead' AND d.lead = listed.record))
)
SELECT why, object, record, name, person, phone, last_at, note, activity, version, object || '?id=eq.' || CAST(record AS TEXT) AS open
FROM ordered
WHERE place <= $most
ORDER BY place
