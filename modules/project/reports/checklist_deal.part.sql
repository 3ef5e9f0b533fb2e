deal AS (
	SELECT o.id AS id, o.name AS name, o.result AS result, o.closed_on AS closed_on, count(*) AS items, count(d.done_on) AS done,
	       CASE WHEN count(d.done_on) = count(*) THEN 'all' WHEN 2 * count(d.done_on) >= count(*) THEN 'most' ELSE 'few' END AS kept
	FROM opportunity o
	JOIN deal_item d ON d.opportunity = o.id
	WHERE o.result <> 'open' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND o.owner = coalesce($owner, o.owner)
	GROUP BY o.id, o.name, o.result, o.closed_on
)
