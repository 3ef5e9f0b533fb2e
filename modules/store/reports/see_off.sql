-- Who was served in the shop, by clerk: seen to the door, and of customers we know whether they came again within 90 days.
WITH span AS (
	SELECT min(starts_at) AS since, max(starts_at) + 86400000 AS until FROM calendar_day WHERE day >= $from AND day <= $to
), done AS (
	-- By the time, not by the state: nearly all are done.  An index has what finds them, only receptions are looked up.
	SELECT a.id AS id
	FROM span
	CROSS JOIN activity a
	WHERE a.kind = 'reception' AND coalesce(a.state, '') = 'done' AND a.done_at >= span.since AND a.done_at < span.until
), served AS (
	SELECT a.owner AS owner, CASE WHEN a.store_result = 'bought' THEN 1 ELSE 0 END AS bought, CASE WHEN a.seen_off = 1 THEN 1 ELSE 0 END AS seen,
	       CASE WHEN a.customer IS NOT NULL AND a.done_at + 7776000000 <= $now THEN
	            CASE WHEN EXISTS (SELECT 1 FROM activity b WHERE b.customer = a.customer AND b.state = 'done' AND b.kind = 'reception'
	                 AND b.done_at > a.done_at AND b.done_at <= a.done_at + 7776000000) THEN 1 ELSE 0 END END AS back
	FROM done
	CROSS JOIN activity a
	JOIN member m ON m.id = a.owner
	WHERE a.id = done.id AND a.store_result IN ('bought', 'served') AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), counted AS (
	SELECT owner, count(*) FILTER (WHERE bought = 1) AS bought, count(*) FILTER (WHERE bought = 1 AND seen = 1) AS bought_seen,
	       count(*) FILTER (WHERE bought = 0) AS others, count(*) FILTER (WHERE bought = 0 AND seen = 1) AS others_seen,
	       count(back) AS known, CAST(coalesce(sum(back), 0) AS BIGINT) AS back
	FROM served
	GROUP BY owner
)
SELECT m.label AS who, c.bought AS bought, c.bought_seen AS bought_seen, (c.bought_seen * 20000 + c.bought) / nullif(2 * c.bought, 0) AS bought_rate,
       c.others AS others, c.others_seen AS others_seen, (c.others_seen * 20000 + c.others) / nullif(2 * c.others, 0) AS others_rate,
       c.known AS known, c.back AS back, (c.back * 20000 + c.known) / nullif(2 * c.known, 0) AS back_rate, c.owner AS who_id
FROM counted c
JOIN member m ON m.id = c.owner
ORDER BY c.bought + c.others DESC, m.label
