-- Customers contacted within the days their level asks for (K-45), by group.
WITH norm AS (
	SELECT column1 AS level, column2 AS days
	FROM (VALUES ('a', $days_a), ('b', $days_b), ('c', $days_c), ('d', $days_d), ('', $days_d)) listed
), held AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(c.owner AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) WHEN 'level' THEN c.level
	                WHEN 'industry' THEN CAST(c.industry AS TEXT) ELSE '*' END, '') AS bucket,
	       CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN t.name WHEN 'level' THEN upper(c.level) WHEN 'industry' THEN i.name END AS name,
	       CASE WHEN c.last_activity_at >= $now - norm.days * 86400000 THEN 1 ELSE 0 END AS covered,
	       CASE WHEN c.last_activity_at IS NULL THEN 1 ELSE 0 END AS never, coalesce(c.key_account, 0) AS key_account
	FROM customer c
	JOIN norm ON norm.level = coalesce(c.level, '')
	LEFT JOIN member m ON m.id = c.owner
	LEFT JOIN team t ON t.id = m.team
	LEFT JOIN industry i ON i.id = c.industry
	WHERE c.owner IS NOT NULL AND c.lifecycle <> 'lost'
	AND c.owner = coalesce($owner, c.owner) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
)
SELECT coalesce(max(name), '–') AS label, count(*) AS customers, CAST(sum(covered) AS BIGINT) AS covered, CAST(sum(1 - covered) AS BIGINT) AS uncovered,
       CAST(sum(never) AS BIGINT) AS never, CAST(sum(key_account * (1 - covered)) AS BIGINT) AS key_uncovered,
       CASE WHEN sum(key_account * (1 - covered)) > 0 THEN 'key' ELSE 'none' END AS alert,
       CASE WHEN $by = 'owner' THEN 'eq.' || bucket ELSE coalesce('eq.' || CAST($owner AS TEXT), 'is.notnull') END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'level' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END END AS level,
       CASE WHEN $by = 'industry' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END END AS industry
FROM held
GROUP BY bucket
ORDER BY count(*) DESC, bucket
