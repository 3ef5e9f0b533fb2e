WITH chosen AS (
	SELECT coalesce($month, (SELECT max(month) FROM kpi_sheet)) AS month
), line AS (
	SELECT l.kpi AS kpi, count(l.attainment) AS people, CAST(sum(l.attainment) AS BIGINT) AS total,
	       count(*) FILTER (WHERE l.attainment < 10000) AS below
	FROM kpi_line l
	JOIN kpi_sheet s ON s.id = l.sheet
	JOIN chosen ON chosen.month = s.month
	GROUP BY l.kpi
), one AS (
	SELECT k.id AS kpi, coalesce(up.id, k.id) AS top, coalesce(up.name, k.name) AS financial,
	       CASE WHEN k.kind = 'operating' THEN k.name END AS operating,
	       CASE WHEN k.kind = 'operating' THEN 1 ELSE 0 END AS below_it,
	       coalesce(line.people, 0) AS people, line.total / nullif(line.people, 0) AS attainment, coalesce(line.below, 0) AS below
	FROM kpi k
	LEFT JOIN kpi up ON up.id = k.parent
	LEFT JOIN line ON line.kpi = k.id
)
SELECT CASE WHEN operating = financial THEN NULL ELSE financial END AS financial, operating AS operating, people AS people,
       attainment AS attainment, below AS below,
       CASE WHEN attainment IS NULL THEN 'unknown' WHEN attainment >= 10000 THEN 'reached' WHEN attainment >= 8000 THEN 'near' ELSE 'behind' END AS state,
       kpi AS kpi, (SELECT month FROM chosen) AS of_month
FROM one
ORDER BY top, below_it, kpi
