-- The four tasks after negotiations: their origin says which.
WITH step AS (
	SELECT column1 AS place, column2 AS step FROM (VALUES (1, 'thanks'), (2, 'tip'), (3, 'share'), (4, 'check')) listed
), given AS (
	SELECT CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) WHEN 'step' THEN step.step ELSE '*' END AS bucket,
	       CASE WHEN $by = 'owner' THEN m.label END AS name, CASE WHEN $by = 'step' THEN step.step END AS step, t.state AS state
	FROM task t
	JOIN member m ON m.id = t.owner
	JOIN step ON t.origin LIKE 'negotiation/%/' || step.step
	WHERE t.state <> 'cancelled' AND t.due_on >= coalesce($from, '0') AND t.due_on <= coalesce($to, '9')
	AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), counted AS (
	SELECT bucket, max(name) AS name, max(step) AS step, count(*) AS n, count(*) FILTER (WHERE state = 'done') AS done FROM given GROUP BY bucket
)
SELECT coalesce(name, '∑') AS label, step, n AS due, done, (done * 20000 + n) / (2 * n) AS rate, 'negotiation/*' || coalesce(step, '') AS origin,
       CASE WHEN $by = 'owner' THEN 'eq.' || bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS who
FROM counted
ORDER BY n DESC, bucket
