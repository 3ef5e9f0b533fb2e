-- The last 5,000 deals of the amount that ended in the period, and whether a decision maker was met before.
latest AS MATERIALIZED (
	-- By an index that has the amount: few may be that large.
	SELECT o.id AS id, o.owner AS owner, o.result AS result, o.amount AS amount, o.closed_on AS closed_on
	FROM opportunity o
	WHERE o.result IN ('won', 'lost') AND o.closed_on >= $from AND o.closed_on <= $to AND o.owner = coalesce($owner, o.owner)
	AND o.amount >= coalesce($amount, 100 * coalesce((SELECT CAST(nullif(s.value, '') AS BIGINT) FROM setting s WHERE s.name = 'decider_amount'), 500000))
	ORDER BY coalesce(o.closed_on, '') DESC, o.id DESC
	LIMIT 5000
), deal AS (
	SELECT l.*, (SELECT min(c.starts_at) + 86400000 FROM calendar_day c WHERE c.day = l.closed_on) AS ended_at
	FROM latest l
), known AS MATERIALIZED (
	SELECT d.*, CASE WHEN EXISTS (SELECT 1 FROM activity a WHERE a.opportunity = d.id AND a.state = 'done' AND a.decider_met = 1 AND a.done_at < d.ended_at)
	                 THEN 'yes' ELSE 'no' END AS met
	FROM deal d
)
