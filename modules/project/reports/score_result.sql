-- Closed deals that were scored, in thirds.
WITH scored AS (
	SELECT o.id AS id, o.score AS score, CASE WHEN o.result = 'won' THEN 1 ELSE 0 END AS won
	FROM opportunity o
	LEFT JOIN member m ON m.id = o.owner
	WHERE o.score IS NOT NULL AND o.result IN ('won', 'lost') AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
),
-- include opportunity/thirds
,
-- include opportunity/wilson
-- include opportunity/thirds_told
