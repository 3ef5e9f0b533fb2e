-- What a target takes (plan_need), week by week, beside what was done and is planned.
WITH
-- include need
, due AS (
	SELECT CAST(-floor(-visits_due + 0.000001) AS BIGINT) AS visits, CAST(-floor(-calls_due + 0.000001) AS BIGINT) AS calls FROM need
), week AS (
	SELECT w.day AS monday, w.starts_at AS since, n.day AS next, n.starts_at AS until, (w.day_number - b.day_number) / 7 + 1 AS place
	FROM calendar_day today
	JOIN calendar_day b ON b.day = today.week_start
	JOIN calendar_day w ON w.day_number >= b.day_number AND w.day_number < b.day_number + 7 * $weeks AND w.day = w.week_start
	JOIN calendar_day n ON n.day_number = w.day_number + 7
	WHERE today.day = $begin
), ahead AS (
	SELECT w.place AS place, CAST(sum(CASE WHEN a.kind = 'visit' THEN 1 ELSE 0 END) AS BIGINT) AS visits,
	       CAST(sum(CASE WHEN a.kind = 'call' THEN 1 ELSE 0 END) AS BIGINT) AS calls
	FROM week w
	JOIN activity a ON a.planned_at >= w.since AND a.planned_at < w.until AND a.state = 'planned'
	JOIN person ON person.id = a.owner
	GROUP BY w.place
), line AS (
	-- Each week its part of the whole, so that the weeks add up to it.
	SELECT w.monday, w.next, w.place, CASE WHEN w.until <= $now THEN 1 ELSE 0 END AS over,
	       (due.visits * w.place + $weeks - 1) / $weeks - (due.visits * (w.place - 1) + $weeks - 1) / $weeks AS visits_due,
	       (due.calls * w.place + $weeks - 1) / $weeks - (due.calls * (w.place - 1) + $weeks - 1) / $weeks AS calls_due,
	       (SELECT CAST(coalesce(sum(v.value), 0) AS BIGINT) FROM person CROSS JOIN visit_done v WHERE v.member = person.id AND v.grain = 'd' AND v.day >= w.monday AND v.day < w.next) AS visits_done,
	       (SELECT CAST(coalesce(sum(v.value), 0) AS BIGINT) FROM person CROSS JOIN call_done v WHERE v.member = person.id AND v.grain = 'd' AND v.day >= w.monday AND v.day < w.next) AS calls_done,
	       coalesce(ahead.visits, 0) AS visits_planned, coalesce(ahead.calls, 0) AS calls_planned
	FROM week w
	CROSS JOIN due
	LEFT JOIN ahead ON ahead.place = w.place
), missing AS (
	-- What is planned helps as long as its week is not over.
	SELECT line.*, visits_due - visits_done - CASE WHEN over = 1 THEN 0 ELSE visits_planned END AS visits_gap,
	       calls_due - calls_done - CASE WHEN over = 1 THEN 0 ELSE calls_planned END AS calls_gap
	FROM line
)
SELECT monday, visits_due, visits_done, visits_planned, CASE WHEN visits_gap > 0 THEN visits_gap WHEN visits_gap <= 0 THEN 0 END AS visits_missing,
       calls_due, calls_done, calls_planned, CASE WHEN calls_gap > 0 THEN calls_gap WHEN calls_gap <= 0 THEN 0 END AS calls_missing, next
FROM missing
ORDER BY place
