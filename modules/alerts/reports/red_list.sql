-- Each open opportunity, and what it lacks.
WITH here AS (
	SELECT o.owner AS owner, o.amount AS amount,
	       CASE WHEN coalesce(o.next_on, '0') < $today THEN 1 ELSE 0 END AS no_next,
	       CASE WHEN now.day_number - entered.day_number > coalesce(stage.norm_days, $days) AND coalesce(o.calm_until, '0') < $today THEN 1 ELSE 0 END AS stalled
	FROM opportunity o
	JOIN stage ON stage.id = o.stage
	JOIN calendar_day now ON now.day = $today
	LEFT JOIN calendar_day entered ON entered.day = o.stage_entered_on
	WHERE o.result = 'open' AND o.owner = coalesce($owner, o.owner)
)
SELECT member.id AS owner_id, member.label AS who, count(*) AS open_count,
       CAST(sum(here.no_next) AS BIGINT) AS no_next,
       (CAST(sum(here.no_next) AS BIGINT) * 20000 + count(*)) / (2 * count(*)) AS no_next_share,
       CAST(sum(here.stalled) AS BIGINT) AS stalled,
       CAST(coalesce(sum(here.amount) FILTER (WHERE here.no_next = 1 OR here.stalled = 1), 0) AS BIGINT) AS value
FROM here
JOIN member ON member.id = here.owner
WHERE coalesce(member.team, 0) = coalesce($team, member.team, 0)
GROUP BY member.id, member.label, member.team
HAVING sum(here.no_next) + sum(here.stalled) > 0
ORDER BY member.team, member.id
