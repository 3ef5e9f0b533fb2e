-- The forecasts at the beginning of periods that are over, and what was won in them.
WITH past AS (
	SELECT s.period AS period, s.owner AS owner, member.team AS team, s.weighted AS weighted, s.calibrated AS calibrated,
	       s.low AS low, s.high AS high, s.committed AS committed,
	       (SELECT min(c.day) FROM calendar_day c WHERE c.month = CASE WHEN s.period LIKE '%Q%' THEN substr(s.period, 1, 5) ||
	            CASE substr(s.period, 7, 1) WHEN '1' THEN '01' WHEN '2' THEN '04' WHEN '3' THEN '07' ELSE '10' END ELSE s.period END) AS first_day,
	       (SELECT max(c.day) FROM calendar_day c WHERE c.month = CASE WHEN s.period LIKE '%Q%' THEN substr(s.period, 1, 5) ||
	            CASE substr(s.period, 7, 1) WHEN '1' THEN '03' WHEN '2' THEN '06' WHEN '3' THEN '09' ELSE '12' END ELSE s.period END) AS last_day
	FROM forecast_snapshot s
	JOIN member ON member.id = s.owner
	WHERE s.first = 1 AND (CASE WHEN s.period LIKE '%Q%' THEN 'quarter' ELSE 'month' END) = $length
	AND s.owner = coalesce($owner, s.owner) AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
), each_one AS (
	SELECT past.*,
	       coalesce((SELECT sum(w.value) FROM opportunity_won_amount w WHERE w.grain = 'm' AND w.member = past.owner
	                 AND w.day >= substr(past.first_day, 1, 7) AND w.day <= substr(past.last_day, 1, 7)), 0) AS actual
	FROM past
	WHERE past.last_day < $today
), summed AS (
	SELECT e.period AS period, CASE $by WHEN 'owner' THEN e.owner WHEN 'team' THEN coalesce(e.team, 0) ELSE 0 END AS bucket,
	       min(e.first_day) AS first_day, max(e.last_day) AS last_day, CAST(sum(e.weighted) AS BIGINT) AS weighted,
	       CASE WHEN count(e.calibrated) = count(*) THEN CAST(sum(e.calibrated) AS BIGINT) END AS calibrated,
	       CASE WHEN $by = 'owner' THEN max(e.low) END AS low, CASE WHEN $by = 'owner' THEN max(e.high) END AS high,
	       CASE WHEN count(e.committed) > 0 THEN CAST(sum(e.committed) AS BIGINT) END AS committed, CAST(sum(e.actual) AS BIGINT) AS actual
	FROM each_one e
	GROUP BY e.period, CASE $by WHEN 'owner' THEN e.owner WHEN 'team' THEN coalesce(e.team, 0) ELSE 0 END
)
SELECT s.period AS period, CASE $by WHEN 'owner' THEN member.label WHEN 'team' THEN team.name ELSE '–' END AS who,
       CASE WHEN $by = 'owner' THEN s.bucket END AS owner_id, CASE WHEN $by = 'team' THEN nullif(s.bucket, 0) END AS team_id,
       s.first_day AS first_day, s.last_day AS last_day, s.actual AS actual,
       s.weighted AS weighted, CAST(floor((s.weighted - s.actual) * 10000.0 / nullif(s.actual, 0) + 0.5) AS BIGINT) AS weighted_error,
       s.calibrated AS calibrated, CAST(floor((s.calibrated - s.actual) * 10000.0 / nullif(s.actual, 0) + 0.5) AS BIGINT) AS calibrated_error,
       s.low AS low, s.high AS high, CASE WHEN s.actual >= s.low AND s.actual <= s.high THEN 1 WHEN s.low IS NOT NULL THEN 0 END AS within,
       s.committed AS committed, CAST(floor((s.committed - s.actual) * 10000.0 / nullif(s.actual, 0) + 0.5) AS BIGINT) AS committed_error
FROM summed s
LEFT JOIN member ON $by = 'owner' AND member.id = s.bucket
LEFT JOIN team ON $by = 'team' AND team.id = s.bucket
ORDER BY s.period DESC, s.bucket
