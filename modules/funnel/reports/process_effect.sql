-- Stays of the two stretches, followed for the same number of days each.
WITH edge AS (
	SELECT c.day_number AS n, t.day_number AS today,
	       (SELECT a.day FROM calendar_day a WHERE a.day_number = c.day_number - $within - $days) AS first_day,
	       (SELECT b.day FROM calendar_day b WHERE b.day_number = c.day_number - $within - 1) AS until_before,
	       (SELECT z.day FROM calendar_day z WHERE z.day_number = c.day_number + $days - 1) AS last_day
	FROM calendar_day c
	CROSS JOIN calendar_day t
	WHERE c.day = $on AND t.day = $today
), stay AS (
	SELECT v.stage AS stage, CASE WHEN v.entered_on < $on THEN 0 ELSE 1 END AS after, v.days AS days,
	       CASE WHEN v.forward = 1 AND v.days <= $within * 10 THEN 1 ELSE 0 END AS passed
	FROM stage_visit v
	CROSS JOIN edge e
	JOIN calendar_day d ON d.day = v.entered_on
	WHERE v.entered_on >= e.first_day AND v.entered_on <= e.last_day AND (v.entered_on <= e.until_before OR v.entered_on >= $on)
	AND d.day_number + $within <= e.today AND coalesce(v.owner, 0) = coalesce($owner, v.owner, 0)
), counted AS (
	SELECT stage, count(*) FILTER (WHERE after = 0) AS n1, CAST(coalesce(sum(passed) FILTER (WHERE after = 0), 0) AS BIGINT) AS k1,
	       count(*) FILTER (WHERE after = 1) AS n2, CAST(coalesce(sum(passed) FILTER (WHERE after = 1), 0) AS BIGINT) AS k2,
	       avg(CASE WHEN after = 0 AND passed = 1 THEN 1.0 * days END) AS days1, avg(CASE WHEN after = 1 AND passed = 1 THEN 1.0 * days END) AS days2
	FROM stay
	GROUP BY stage
), rated AS (
	SELECT counted.*, CASE WHEN n1 > 0 THEN k1 * 1.0 / n1 END AS p1, CASE WHEN n2 > 0 THEN k2 * 1.0 / n2 END AS p2 FROM counted
), bound AS (
	SELECT rated.*,
	       CASE WHEN n1 > 0 THEN (p1 + 1.9208 / n1 - 1.96 * sqrt(p1 * (1 - p1) / n1 + 0.9604 / n1 / n1)) / (1 + 3.8416 / n1) END AS l1,
	       CASE WHEN n1 > 0 THEN (p1 + 1.9208 / n1 + 1.96 * sqrt(p1 * (1 - p1) / n1 + 0.9604 / n1 / n1)) / (1 + 3.8416 / n1) END AS u1,
	       CASE WHEN n2 > 0 THEN (p2 + 1.9208 / n2 - 1.96 * sqrt(p2 * (1 - p2) / n2 + 0.9604 / n2 / n2)) / (1 + 3.8416 / n2) END AS l2,
	       CASE WHEN n2 > 0 THEN (p2 + 1.9208 / n2 + 1.96 * sqrt(p2 * (1 - p2) / n2 + 0.9604 / n2 / n2)) / (1 + 3.8416 / n2) END AS u2
	FROM rated
), compared AS (
	SELECT bound.*, p2 - p1 - sqrt((p2 - l2) * (p2 - l2) + (u1 - p1) * (u1 - p1)) AS low, p2 - p1 + sqrt((u2 - p2) * (u2 - p2) + (p1 - l1) * (p1 - l1)) AS high FROM bound
)
SELECT stage.name AS stage, c.n1 AS entered_before, c.k1 AS passed_before, CAST(floor(10000 * c.p1 + 0.5) AS BIGINT) AS rate_before, c.days1 AS days_before,
       c.n2 AS entered_after, c.k2 AS passed_after, CAST(floor(10000 * c.p2 + 0.5) AS BIGINT) AS rate_after, c.days2 AS days_after,
       CAST(floor(10000 * (c.p2 - c.p1) + 0.5) AS BIGINT) AS difference, CAST(floor(10000 * c.low + 0.5) AS BIGINT) AS low, CAST(floor(10000 * c.high + 0.5) AS BIGINT) AS high,
       CASE WHEN c.n1 < 20 OR c.n2 < 20 THEN 'few' WHEN c.low > 0 THEN 'better' WHEN c.high < 0 THEN 'worse' ELSE 'same' END AS verdict,
       stage.id AS stage_id, (SELECT first_day FROM edge) AS first_day, (SELECT last_day FROM edge) AS last_day
FROM compared c
JOIN stage ON stage.id = c.stage
WHERE stage.kind = 'open' AND stage.pipeline = coalesce($pipeline, stage.pipeline)
ORDER BY stage.pipeline, stage.position
