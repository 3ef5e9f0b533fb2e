-- Whose efficient zone each segment is, best first, and how many they are.
able AS MATERIALIZED (
	SELECT z.segment AS segment, z.person AS person, m.label AS label, z.estimate AS estimate, z.closed AS closed,
	       row_number() OVER (PARTITION BY z.segment ORDER BY z.estimate DESC, z.person) AS place
	FROM rep_zone z
	JOIN member m ON m.id = z.person AND m.active = 1
	WHERE z.zone = 'efficient'
), suited AS MATERIALIZED (
	SELECT segment, count(*) AS persons FROM able GROUP BY segment
)
