-- Everything that leads from one person to another, with the names the reader may see; members are below zero.
WITH edge AS (
	SELECT coalesce(-from_member, from_contact) AS a, coalesce(-to_member, to_contact) AS b, kind,
	       strength, owner, id
	FROM tie
	WHERE introduces = 1
	UNION ALL
	SELECT introduced_by, id, 'introduced', 'medium', NULL, 0 FROM contact WHERE introduced_by IS NOT NULL
	UNION ALL
	SELECT introducer, contact, 'map', 'medium', NULL, 0 FROM stakeholder WHERE introducer IS NOT NULL
)
SELECT edge.a AS a, edge.b AS b, edge.kind AS kind, edge.strength AS strength, coalesce(ma.label, ca.name) AS a_name, coalesce(mb.label, cb.name) AS b_name,
       by_whom.label AS entered_by, edge.id AS tie
FROM edge
LEFT JOIN member ma ON ma.id = -edge.a
LEFT JOIN contact ca ON ca.id = edge.a
LEFT JOIN member mb ON mb.id = -edge.b
LEFT JOIN contact cb ON cb.id = edge.b
LEFT JOIN member by_whom ON by_whom.id = edge.owner
ORDER BY edge.a, edge.b, edge.id
LIMIT 20000
