-- Contacts by the days since the one before with the same prospect, and how many of them succeeded.
WITH
-- include contacts
), since AS (
	SELECT (done_at - lag(done_at) OVER (PARTITION BY side, prospect ORDER BY done_at, id)) / 86400000 AS days, won FROM contact
), gap AS (
	SELECT column1 AS place, column2 AS low, column3 AS high, column4 AS name
	FROM (VALUES (1, 0, 1, '0–1'), (2, 2, 3, '2–3'), (3, 4, 7, '4–7'), (4, 8, 14, '8–14'), (5, 15, 30, '15–30'), (6, 31, 99999, '31+')) listed
)
SELECT gap.name AS gap, count(since.won) AS n, CAST(coalesce(sum(since.won), 0) AS BIGINT) AS won,
       gap.low AS low, gap.high AS high
FROM gap
LEFT JOIN since ON since.days >= gap.low AND since.days <= gap.high
GROUP BY gap.place, gap.name, gap.low, gap.high
ORDER BY gap.place
