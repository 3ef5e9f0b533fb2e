WITH chosen AS (
	SELECT coalesce($month, (SELECT max(month) FROM kpi_sheet)) AS month
), scored AS (
	SELECT s.owner AS owner, s.score AS score, s.weight AS weight, m.label AS who, m.team AS team,
	       (SELECT max(b.score) FROM kpi_sheet b WHERE b.owner = s.owner AND b.month =
	        (SELECT max(e.month) FROM kpi_sheet e WHERE e.owner = s.owner AND e.month < s.month)) AS before
	FROM kpi_sheet s
	JOIN chosen ON chosen.month = s.month
	JOIN member m ON m.id = s.owner
	WHERE s.score IS NOT NULL AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
)
SELECT s.owner AS owner_id, s.who AS who, t.name AS team_name, s.score AS score, s.before AS before,
       CAST(sum(s.score) OVER (PARTITION BY s.team) AS BIGINT) / count(*) OVER (PARTITION BY s.team) AS team_mean,
       rank() OVER (ORDER BY s.score DESC) AS place, count(*) OVER (PARTITION BY s.team) AS people, s.weight AS weight
FROM scored s
LEFT JOIN team t ON t.id = s.team
ORDER BY s.score DESC, s.who, s.owner
