-- S01-61.  A form is due from its day on; one excused is not.
WITH form AS (
	SELECT owner, day, state, on_time, grade, completeness, returned, submitted_at FROM visit_plan
	UNION ALL
	SELECT owner, day, state, on_time, grade, completeness, returned, submitted_at FROM daily_report
), counted AS (
	SELECT owner, count(*) AS due,
	       count(*) FILTER (WHERE on_time = 1) AS on_time,
	       count(*) FILTER (WHERE submitted_at IS NULL) AS missing,
	       count(grade) AS graded, CAST(sum(grade) AS BIGINT) AS grades,
	       count(completeness) AS filled, CAST(sum(completeness) AS BIGINT) AS completeness,
	       CAST(coalesce(sum(returned), 0) AS BIGINT) AS returned
	FROM form
	WHERE state <> 'excused' AND day >= coalesce($from, substr($to, 1, 7) || '-01') AND day <= $to
	GROUP BY owner
)
SELECT c.owner AS owner_id, m.label AS who, c.due AS due, c.on_time AS on_time, c.missing AS missing,
       c.on_time * 10000 / c.due AS punctuality,
       c.graded AS graded,
       c.grades * 100 / nullif(c.graded, 0) AS grade,
       c.grades * 2000 / nullif(c.graded, 0) AS quality,
       c.completeness / nullif(c.filled, 0) AS completeness,
       c.returned AS returned,
       (c.on_time * 10000 / c.due * $weight + c.grades * 2000 / nullif(c.graded, 0) * (100 - $weight)) / 100 AS score
FROM counted c
JOIN member m ON m.id = c.owner
WHERE c.owner = coalesce($owner, c.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY score, m.label, c.owner
