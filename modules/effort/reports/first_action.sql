-- How soon leads were first contacted (K-99), and what became of them (K-41), by group or by speed.
WITH edge AS (
	SELECT coalesce($from, (SELECT b.day FROM calendar_day b WHERE b.day_number = l.day_number - 89)) AS first_day
	FROM calendar_day l
	WHERE l.day = $to
), arrived AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(lead.owner AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) WHEN 'source' THEN CAST(lead.source AS TEXT)
	                WHEN 'speed' THEN CASE WHEN lead.response_minutes <= 5 THEN '1' WHEN lead.response_minutes <= 30 THEN '2' WHEN lead.response_minutes <= 60 THEN '3'
	                                       WHEN lead.response_minutes <= 1440 THEN '4' WHEN lead.response_minutes IS NOT NULL THEN '5' ELSE '6' END
	                ELSE '*' END, '') AS bucket,
	       CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN t.name WHEN 'source' THEN s.name END AS name,
	       lead.response_minutes AS minutes, coalesce(lead.converted, 0) AS converted
	FROM lead
	LEFT JOIN member m ON m.id = lead.owner
	LEFT JOIN team t ON t.id = m.team
	LEFT JOIN source s ON s.id = lead.source
	WHERE lead.received_on >= (SELECT first_day FROM edge) AND lead.received_on <= $to
	AND coalesce(lead.owner, 0) = coalesce($owner, lead.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), ranked AS (
	SELECT bucket, minutes, row_number() OVER (PARTITION BY bucket ORDER BY minutes) AS place, count(*) OVER (PARTITION BY bucket) AS places
	FROM arrived
	WHERE minutes IS NOT NULL
), spread AS (
	-- The median (of an even count the mean of the middle two), and the nearest rank of 90 %.
	SELECT bucket, 1.0 * sum(CASE WHEN place = (places + 1) / 2 OR place = (places + 2) / 2 THEN minutes ELSE 0 END)
	       / sum(CASE WHEN place = (places + 1) / 2 OR place = (places + 2) / 2 THEN 1 ELSE 0 END) AS median,
	       max(CASE WHEN place = (places * 9 + 9) / 10 THEN minutes END) AS p90
	FROM ranked
	GROUP BY bucket
), grouped AS (
	SELECT bucket, max(name) AS name, count(*) AS leads, count(minutes) AS answered, count(*) FILTER (WHERE minutes <= $within) AS in_time,
	       CAST(sum(converted) AS BIGINT) AS converted
	FROM arrived
	GROUP BY bucket
)
SELECT CASE WHEN $by = 'speed' THEN CASE g.bucket WHEN '1' THEN '≤ 5 min' WHEN '2' THEN '≤ 30 min' WHEN '3' THEN '≤ 60 min' WHEN '4' THEN '≤ 24 h' WHEN '5' THEN '> 24 h' ELSE '–' END
            ELSE coalesce(g.name, '–') END AS label,
       g.leads AS leads, g.answered AS answered, spread.median AS median, spread.p90 AS p90, g.in_time AS in_time, g.converted AS converted,
       CASE WHEN $by = 'owner' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'source' THEN CASE WHEN g.bucket = '' THEN 'is.null' ELSE 'eq.' || g.bucket END END AS source,
       CASE WHEN $by = 'speed' THEN CASE g.bucket WHEN '1' THEN 'lte.5' WHEN '2' THEN 'lte.30' WHEN '3' THEN 'lte.60' WHEN '4' THEN 'lte.1440' WHEN '5' THEN 'gt.1440' ELSE 'is.null' END END AS speed,
       CASE WHEN $by = 'speed' THEN CASE g.bucket WHEN '2' THEN 'gt.5' WHEN '3' THEN 'gt.30' WHEN '4' THEN 'gt.60' END END AS slower,
       edge.first_day AS since
FROM grouped g
CROSS JOIN edge
LEFT JOIN spread ON spread.bucket = g.bucket
ORDER BY CASE WHEN $by = 'speed' THEN g.bucket END, g.leads DESC, g.bucket
