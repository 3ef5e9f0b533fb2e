-- Each open opportunity, and what it lacks.
WITH norm AS MATERIALIZED (
	-- Who entered the stage before that day is in it for longer than its norm.
	SELECT stage.id AS stage, (SELECT c.day FROM calendar_day c WHERE c.day_number = now.day_number - coalesce(stage.norm_days, $days)) AS day
	FROM stage
	JOIN calendar_day now ON now.day = $today
), here AS (
	SELECT o.owner AS owner, o.amount AS amount,
	       CASE WHEN coalesce(o.next_on, '0') < $today THEN 1 ELSE 0 END AS no_next,
	       CASE WHEN o.stage_entered_on < norm.day AND coalesce(o.calm_until, '0') < $today THEN 1 ELSE 0 END AS stalled
	FROM norm
	JOIN opportunity o ON o.stage = norm.stage
	WHERE o.result = 'open' AND o.owner = coalesce($owner, o.owner)
), counted AS (
	SELECT owner, count(*) AS n, CAST(sum(no_next) AS BIGINT) AS no_next, CAST(sum(stalled) AS BIGINT) AS stalled,
	       CAST(coalesce(sum(amount) FILTER (WHERE no_next = 1 OR stalled = 1), 0) AS BIGINT) AS value
	FROM here
	GROUP BY owner
)
SELECT member.id AS owner_id, member.label AS who, counted.n AS open_count, counted.no_next AS no_next,
       (counted.no_next * 20000 + counted.n) / (2 * counted.n) AS no_next_share, counted.stalled AS stalled, counted.value AS value
FROM counted
JOIN member ON member.id = counted.owner
WHERE (CAST($team AS BIGINT) IS NULL OR member.team = $team) AND counted.no_next + counted.stalled > 0
ORDER BY member.team, member.id
