-- A line is weighed by its quantity: of a product, amount ÷ quantity is its mean price.
WITH edge AS (
	SELECT first.day AS first_day, middle.day AS middle_day
	FROM calendar_day last
	JOIN calendar_day middle ON middle.day_number = last.day_number - CAST($days AS BIGINT) + 1
	JOIN calendar_day first ON first.day_number = last.day_number - 2 * CAST($days AS BIGINT) + 1
	WHERE last.day = $on
), line AS (
	-- By person first: they are few.
	SELECT o.owner AS owner, l.product AS product, count(*) FILTER (WHERE o.confirmed_on >= edge.middle_day) AS lines, count(*) AS all_lines,
	       sum(CASE WHEN o.confirmed_on >= edge.middle_day THEN l.quantity ELSE 0 END) AS q1, sum(l.quantity) AS q,
	       sum(CASE WHEN o.confirmed_on >= edge.middle_day THEN l.amount ELSE 0 END) AS a1, sum(l.amount) AS a
	FROM edge
	CROSS JOIN sales_order o
	CROSS JOIN order_line l
	WHERE o.state IN ('confirmed', 'completed') AND o.confirmed_on >= edge.first_day AND o.confirmed_on <= $on AND l.sales_order = o.id
	AND l.product = coalesce($product, l.product)
	GROUP BY o.owner, l.product
), summed AS (
	SELECT CASE $by WHEN 'team' THEN coalesce(m.team, 0) WHEN 'owner' THEN m.id ELSE 0 END AS unit, l.product AS product,
	       CAST(sum(l.lines) AS BIGINT) AS lines, CAST(sum(l.all_lines - l.lines) AS BIGINT) AS lines_before,
	       1.0 * sum(l.q1) AS q1, 1.0 * sum(l.q - l.q1) AS q0, 1.0 * sum(l.a1) AS a1, 1.0 * sum(l.a - l.a1) AS a0
	FROM line l
	JOIN member m ON m.id = l.owner
	WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY 1, 2
), compared AS (
	SELECT s.*, CASE WHEN lines >= $least AND lines_before >= $least AND a0 > 0 THEN CAST(floor(0.5 + 10000.0 * a1 * q0 / q1 / a0) AS BIGINT) - 10000 END AS change_rate
	FROM summed s
)
SELECT c.product AS product_id, p.name AS product, CASE $by WHEN 'team' THEN nullif(c.unit, 0) END AS team_id, CASE $by WHEN 'owner' THEN c.unit END AS owner_id,
       CASE $by WHEN 'team' THEN t.name WHEN 'owner' THEN m.label END AS who,
       CAST(floor(0.5 + 100.0 * a1 / nullif(q1, 0)) AS BIGINT) AS price, CAST(floor(0.5 + 100.0 * a0 / nullif(q0, 0)) AS BIGINT) AS price_before,
       c.change_rate AS change_rate, c.lines AS lines, c.lines_before AS lines_before, CAST(q1 AS BIGINT) AS quantity, CAST(q0 AS BIGINT) AS quantity_before,
       CASE $by WHEN 'team' THEN 'report/price_falls?by=owner&on=' || $on || '&days=' || CAST($days AS TEXT) || '&least=' || CAST($least AS TEXT)
                     || '&product=' || CAST(c.product AS TEXT) || '&team=' || CAST(nullif(c.unit, 0) AS TEXT)
       ELSE 'order_line?product=eq.' || CAST(c.product AS TEXT) || '&sales_order.state=in.(confirmed,completed)&sales_order.confirmed_on=gte.' || edge.first_day
            || '&sales_order.confirmed_on=lte.' || $on || CASE $by WHEN 'owner' THEN '&sales_order.owner=eq.' || CAST(c.unit AS TEXT) ELSE '' END END AS open
FROM compared c
CROSS JOIN edge
JOIN product p ON p.id = c.product
LEFT JOIN team t ON $by = 'team' AND t.id = c.unit
LEFT JOIN member m ON $by = 'owner' AND m.id = c.unit
ORDER BY CASE WHEN c.change_rate IS NULL THEN 1 ELSE 0 END, c.change_rate, p.name, c.unit
LIMIT 1000
