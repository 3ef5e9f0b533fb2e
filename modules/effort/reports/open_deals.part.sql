-- Open deals in thirds by amount (bulk), with the hours each takes: as said, or as deals that were closed took.
latest AS (
	SELECT o.id AS id FROM opportunity o
	WHERE o.result <> 'open' AND o.closed_on >= CAST(CAST(substr($today, 1, 4) AS BIGINT) - 1 AS TEXT) || substr($today, 5, 6)
	ORDER BY o.closed_on DESC, o.id DESC
	LIMIT 1000
), mean AS (
	-- Selling time logged on the last 1,000 deals that were closed within a year; 5 at least.
	SELECT CASE WHEN count(DISTINCT latest.id) >= 5 AND sum(a.minutes) > 0 THEN 1.0 * sum(a.minutes) / 60 / count(DISTINCT latest.id) END AS hours
	FROM latest
	CROSS JOIN activity a
	WHERE a.opportunity = latest.id AND a.state = 'done' AND a.minutes > 0
), person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), deal AS (
	SELECT o.id AS id, o.amount AS amount, o.probability AS probability, o.effort_hours AS effort_hours
	FROM opportunity o
	WHERE o.result = 'open' AND o.amount > 0
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
), number AS MATERIALIZED (
	SELECT count(*) AS n FROM deal
), large AS MATERIALIZED (
	-- The last of the first third, and the last of the second: two deals are found with less than all are numbered.
	SELECT amount, id FROM deal ORDER BY amount DESC, id LIMIT 1 OFFSET (SELECT (n - 1) / 3 FROM number)
), middle AS MATERIALIZED (
	SELECT amount, id FROM deal ORDER BY amount, id DESC LIMIT 1 OFFSET (SELECT n / 3 FROM number)
), held AS (
	-- What an index has; the rest of what is shown is looked up last.
	SELECT o.id AS id, o.amount AS amount, o.probability AS probability,
	       CASE WHEN o.effort_hours > 0 THEN o.effort_hours / 10.0 ELSE mean.hours END AS hours,
	       CASE WHEN o.effort_hours > 0 THEN 'said' WHEN mean.hours IS NOT NULL THEN 'mean' ELSE 'unknown' END AS basis,
	       CASE WHEN o.amount > large.amount OR (o.amount = large.amount AND o.id <= large.id) THEN 'large'
	            WHEN o.amount > middle.amount OR (o.amount = middle.amount AND o.id <= middle.id) THEN 'middle' ELSE 'small' END AS bulk
	FROM mean
	CROSS JOIN large
	CROSS JOIN middle
	CROSS JOIN deal o
),
