-- Of each product what is there at the end of $day: its last count, and what came and went behind it.
counted AS (
	SELECT p.id AS product, (SELECT c.id FROM stock_move c WHERE c.product = p.id AND c.kind = 'count' AND c.moved_on <= $day
	                         ORDER BY c.moved_on DESC, c.id DESC LIMIT 1) AS count_id
	FROM product p
), moved AS (
	SELECT k.product AS product, c.moved_on AS counted_on, c.quantity AS counted,
	       CASE WHEN m.kind IN ('in', 'back') THEN m.quantity ELSE 0 END AS came, CASE WHEN m.kind = 'out' THEN m.quantity ELSE 0 END AS went
	FROM counted k
	LEFT JOIN stock_move c ON c.id = k.count_id
	LEFT JOIN stock_move m ON m.product = k.product AND m.kind <> 'count' AND m.moved_on <= $day
	                      AND (c.id IS NULL OR m.moved_on > c.moved_on OR (m.moved_on = c.moved_on AND m.id > c.id))
	WHERE c.id IS NOT NULL OR m.id IS NOT NULL
), level AS (
	SELECT product, max(counted_on) AS counted_on, CAST(sum(came) AS BIGINT) AS came, CAST(sum(went) AS BIGINT) AS went,
	       CAST(coalesce(max(counted), 0) + sum(came) - sum(went) AS BIGINT) AS on_hand
	FROM moved
	GROUP BY product
)
