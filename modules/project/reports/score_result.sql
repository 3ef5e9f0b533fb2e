-- Closed deals that were scored, the last 20,000, in thirds.
WITH person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), scored AS (
	-- In the order in which they ended, not by the score.
	SELECT o.id AS id, o.score AS score, CASE WHEN o.result = 'won' THEN 1 ELSE 0 END AS won
	FROM opportunity o
	WHERE coalesce(o.score, -1) >= 0 AND o.result <> 'open' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
	ORDER BY o.closed_on DESC, o.id DESC
	LIMIT 20000
),
-- include opportunity/thirds
,
-- include opportunity/wilson
-- include opportunity/thirds_told
