-- The items of each sheet, and the sheet itself in the last row (kpi.c opens the records).
WITH chosen AS (
	SELECT coalesce($month, (SELECT max(month) FROM kpi_sheet)) AS month
), one AS (
	SELECT s.id AS sheet, s.owner AS owner, m.label AS who, s.score AS score, s.weight AS weight
	FROM kpi_sheet s
	JOIN chosen ON chosen.month = s.month
	JOIN member m ON m.id = s.owner
	WHERE s.owner = coalesce($owner, s.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
)
SELECT one.owner AS owner_id, one.who AS who, l.name AS kpi, l.weight AS weight, l.target AS target, l.actual AS actual,
       l.attainment AS attainment, l.points AS points, l.records AS records, one.sheet AS sheet, 0 AS last, l.id AS line
FROM one
JOIN kpi_line l ON l.sheet = one.sheet
UNION ALL
SELECT one.owner, one.who, NULL, one.weight, NULL, NULL, NULL, one.score, NULL, one.sheet, 1, NULL
FROM one
ORDER BY 2, 1, 11, 12
