-- What speaks for a visit, and what it takes to lay the day out: 7 where the customers are, 8 what is planned from a
-- week before on, 9 protected time, 10 how the person usually visits.
WITH asked AS (
	SELECT coalesce($owner, $me) AS person, day, starts_at
	FROM calendar_day
	WHERE day = $day
), wanted AS (
	SELECT c.id AS customer FROM asked JOIN customer c ON c.owner = asked.person
	UNION
	SELECT o.customer FROM asked JOIN opportunity o ON o.owner = asked.person AND o.result = 'open'
	UNION
	SELECT t.customer FROM asked JOIN task t ON t.owner = asked.person AND t.state = 'open' AND t.due_on <= asked.day
)
-- include turns
UNION ALL
-- c: has not bought yet.
SELECT 7, 'customer', c.id, c.name, 0, 0, CASE WHEN c.lifecycle IN ('potential', 'intending') THEN 1 ELSE 0 END, c.location, region.name, c.region
FROM wanted
JOIN customer c ON c.id = wanted.customer
LEFT JOIN region ON region.code = c.region
UNION ALL
-- a, b: from, until; c: a visit; word: where.
SELECT 8, 'customer', coalesce(a.customer, 0), NULL, a.planned_at, coalesce(a.planned_end, a.planned_at + 3600000), CASE WHEN a.kind = 'visit' THEN 1 ELSE 0 END,
       coalesce(c.location, a.place), NULL, c.region
FROM asked
JOIN activity a ON a.owner = asked.person AND a.state = 'planned' AND a.planned_at >= asked.starts_at - 6 * 86400000
LEFT JOIN customer c ON c.id = a.customer
UNION ALL
SELECT 9, NULL, 0, NULL, b.start_at, b.end_at, 0, NULL, NULL, NULL
FROM asked
JOIN time_block b ON b.owner = asked.person AND b.guarded = 1 AND b.start_at >= asked.starts_at AND b.start_at < asked.starts_at + 86400000
UNION ALL
-- a: visits of thirty days, b: days with visits, c: minutes of one.
SELECT 10, NULL, 0, NULL, count(*), count(DISTINCT (asked.starts_at - a.done_at) / 86400000), coalesce(CAST(sum(CASE WHEN a.minutes > 0 THEN a.minutes ELSE 0 END) AS BIGINT) / nullif(count(CASE WHEN a.minutes > 0 THEN 1 END), 0), 0), NULL, NULL, NULL
FROM asked
JOIN activity a ON a.owner = asked.person AND a.kind = 'visit' AND coalesce(a.state, '') = 'done' AND a.done_at >= asked.starts_at - 30 * CAST(86400000 AS BIGINT) AND a.done_at < asked.starts_at
ORDER BY part, record
