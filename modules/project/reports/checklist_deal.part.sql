-- The last 5,000 deals that ended in the period and have details, by the share that was seen to.  A detail is looked up with
-- whose the deal is, as an index has them: among everybody a leader sees it would be looked for with each.
latest AS (
	SELECT o.id AS id, o.owner AS owner, o.result AS result, o.closed_on AS closed_on
	FROM opportunity o
	WHERE o.result <> 'open' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND o.owner = coalesce($owner, o.owner)
	AND EXISTS (SELECT 1 FROM deal_item d WHERE d.opportunity = o.id AND d.holder = o.owner)
	ORDER BY o.closed_on DESC, o.id DESC
	LIMIT 5000
), deal AS (
	SELECT l.id AS id, l.result AS result, l.closed_on AS closed_on, count(*) AS items, count(d.done_on) AS done,
	       CASE WHEN count(d.done_on) = count(*) THEN 'all' WHEN 2 * count(d.done_on) >= count(*) THEN 'most' ELSE 'few' END AS kept
	FROM latest l
	JOIN deal_item d ON d.opportunity = l.id AND d.holder = l.owner
	GROUP BY l.id, l.result, l.closed_on
)
