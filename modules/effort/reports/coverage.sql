-- Customers contacted within the days their level asks for (K-45), by group.
WITH edge AS MATERIALIZED (
	-- Since when, by level.
	SELECT $now - $days_a * 86400000 AS a, $now - $days_b * 86400000 AS b, $now - $days_c * 86400000 AS c, $now - $days_d * 86400000 AS d
), counted AS (
	-- In the order of an index, each row read once.
	SELECT c.owner AS owner, c.level AS level, c.industry AS industry, count(*) AS n,
	       count(*) FILTER (WHERE c.last_activity_at >= CASE c.level WHEN 'a' THEN (SELECT a FROM edge) WHEN 'b' THEN (SELECT b FROM edge) WHEN 'c' THEN (SELECT c FROM edge) ELSE (SELECT d FROM edge) END) AS covered,
	       count(*) - count(c.last_activity_at) AS never,
	       count(*) FILTER (WHERE c.key_account = 1 AND coalesce(c.last_activity_at, 0) < CASE c.level WHEN 'a' THEN (SELECT a FROM edge) WHEN 'b' THEN (SELECT b FROM edge) WHEN 'c' THEN (SELECT c FROM edge) ELSE (SELECT d FROM edge) END) AS key_uncovered
	FROM customer c
	WHERE c.owner IS NOT NULL AND c.lifecycle <> 'lost' AND c.owner = coalesce($owner, c.owner)
	GROUP BY c.owner, c.level, c.industry
), held AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(c.owner AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) WHEN 'level' THEN c.level
	                WHEN 'industry' THEN CAST(c.industry AS TEXT) ELSE '*' END, '') AS bucket,
	       CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN t.name WHEN 'level' THEN upper(c.level) WHEN 'industry' THEN i.name END AS name,
	       c.n AS n, c.covered AS covered, c.never AS never, c.key_uncovered AS key_uncovered
	FROM counted c
	LEFT JOIN member m ON m.id = c.owner
	LEFT JOIN team t ON t.id = m.team
	LEFT JOIN industry i ON i.id = c.industry
	WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
)
SELECT coalesce(max(name), '–') AS label, CAST(sum(n) AS BIGINT) AS customers, CAST(sum(covered) AS BIGINT) AS covered, CAST(sum(n - covered) AS BIGINT) AS uncovered,
       CAST(sum(never) AS BIGINT) AS never, CAST(sum(key_uncovered) AS BIGINT) AS key_uncovered,
       CASE WHEN sum(key_uncovered) > 0 THEN 'key' ELSE 'none' END AS alert,
       CASE WHEN $by = 'owner' THEN 'eq.' || bucket ELSE coalesce('eq.' || CAST($owner AS TEXT), 'is.notnull') END AS owner,
       CASE WHEN $by = 'team' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'level' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END END AS level,
       CASE WHEN $by = 'industry' THEN CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END END AS industry
FROM held
GROUP BY bucket
ORDER BY sum(n) DESC, bucket
