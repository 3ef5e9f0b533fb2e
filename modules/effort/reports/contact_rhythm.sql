-- Prospects by how many contacts they had up to the first success, or in all where there was none.
WITH
-- include contacts
	AND a.kind = coalesce(CAST($kind AS TEXT), a.kind)
), placed AS (
	SELECT side, prospect, won, row_number() OVER (PARTITION BY side, prospect ORDER BY done_at, id) AS place FROM contact
), prospect AS (
	SELECT side, prospect, max(won) AS won, coalesce(min(CASE WHEN won = 1 THEN place END), max(place)) AS attempts
	FROM placed
	GROUP BY side, prospect
)
SELECT CAST(attempts AS BIGINT) AS attempts, count(*) AS n, CAST(sum(won) AS BIGINT) AS won
FROM prospect
GROUP BY attempts
ORDER BY attempts
