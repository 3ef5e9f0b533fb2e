-- Direct contacts of superiors with others' customers.
WITH span AS (
	SELECT last.starts_at + 86400000 AS until, first.starts_at AS since
	FROM calendar_day last JOIN calendar_day first ON first.day_number = last.day_number - $days + 1
	WHERE last.day = $on
), seen AS (
	SELECT a.customer AS customer, a.owner AS by_id, count(*) AS contacts, count(*) FILTER (WHERE a.direction = 'in') AS inbound,
	       max(a.done_at) AS last_at
	FROM activity a, span
	WHERE a.around = 1 AND a.done_at >= span.since AND a.done_at < span.until
	GROUP BY a.customer, a.owner
	HAVING count(*) > $most
)
SELECT k.id AS customer_id, k.name AS customer, o.id AS owner_id, o.label AS owner_name, b.id AS by_id, b.label AS by_name,
       s.contacts AS contacts, s.inbound AS inbound, d.day AS last_on
FROM seen s
JOIN customer k ON k.id = s.customer
JOIN member o ON o.id = k.owner
JOIN member b ON b.id = s.by_id
JOIN calendar_day d ON d.starts_at <= s.last_at AND d.starts_at + 86400000 > s.last_at
WHERE s.by_id = coalesce($by, s.by_id) AND k.owner = coalesce($owner, k.owner)
ORDER BY s.contacts DESC, k.id
