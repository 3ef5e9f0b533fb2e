WITH due AS (
	SELECT CASE $by WHEN 'owner' THEN CAST(o.owner AS TEXT) WHEN 'team' THEN CAST(coalesce(m.team, 0) AS TEXT) WHEN 'month' THEN substr(o.promised_on, 1, 7) ELSE '' END AS bucket,
	       CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN coalesce(t.name, '–') WHEN 'month' THEN substr(o.promised_on, 1, 7) ELSE '∑' END AS label,
	       o.in_time AS in_time, o.state AS state, o.promised_on AS promised_on
	FROM sales_order o
	JOIN member m ON m.id = o.owner
	LEFT JOIN team t ON t.id = m.team
	WHERE o.in_time IS NOT NULL AND o.promised_on >= $from AND o.promised_on <= $to
	AND o.owner = coalesce($owner, o.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), counted AS (
	SELECT bucket, max(label) AS label, count(*) AS n, count(*) FILTER (WHERE in_time = 1) AS k,
	       count(*) FILTER (WHERE in_time = 0 AND state = 'completed') AS late, count(*) FILTER (WHERE state = 'confirmed') AS overdue,
	       min(promised_on) AS first_day, max(promised_on) AS last_day
	FROM due
	GROUP BY bucket
),
-- include opportunity/wilson
SELECT r.label AS label, r.n AS due, r.k AS in_time, r.rate AS rate, r.low AS low, r.high AS high, r.late AS late, r.overdue AS overdue,
       CASE $by WHEN 'month' THEN r.first_day ELSE $from END AS since, CASE $by WHEN 'month' THEN r.last_day ELSE $to END AS until,
       CASE $by WHEN 'owner' THEN r.bucket ELSE CAST($owner AS TEXT) END AS owner_is,
       CASE $by WHEN 'team' THEN nullif(r.bucket, '0') ELSE CAST($team AS TEXT) END AS team_is
FROM rated r
ORDER BY CASE WHEN $by = 'month' THEN 0 ELSE r.n END DESC, r.bucket
