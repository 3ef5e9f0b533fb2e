-- scored (id, score, won) in thirds by score, and whether the top third wins more than the bottom one.
placed AS (
	SELECT scored.*, ntile(3) OVER (ORDER BY score DESC, id) AS third FROM scored
), counted AS (
	SELECT third, count(*) AS n, CAST(sum(won) AS BIGINT) AS won, min(score) AS from_score, max(score) AS to_score FROM placed GROUP BY third
), bounded AS (
	SELECT c.*, c.won * 1.0 / c.n AS r,
	       (c.won * 1.0 / c.n + 1.9208 / c.n - 1.96 * sqrt((c.won * 1.0 / c.n) * (1 - c.won * 1.0 / c.n) / c.n + 0.9604 / c.n / c.n)) / (1 + 3.8416 / c.n) AS lo,
	       (c.won * 1.0 / c.n + 1.9208 / c.n + 1.96 * sqrt((c.won * 1.0 / c.n) * (1 - c.won * 1.0 / c.n) / c.n + 0.9604 / c.n / c.n)) / (1 + 3.8416 / c.n) AS hi
	FROM counted c
)
SELECT CASE b.third WHEN 1 THEN 'top' WHEN 2 THEN 'middle' ELSE 'bottom' END AS third, b.n AS cases, b.won AS won, CAST(floor(b.r * 10000 + 0.5) AS BIGINT) AS rate,
       CAST(floor(b.lo * 10000 + 0.5) AS BIGINT) AS low, CAST(floor(b.hi * 10000 + 0.5) AS BIGINT) AS high, b.from_score AS from_score, b.to_score AS to_score,
       CASE WHEN (SELECT min(n) FROM bounded) < 10 OR (SELECT count(*) FROM bounded) < 3 THEN 'few'
            WHEN (SELECT lo FROM bounded WHERE third = 1) > (SELECT hi FROM bounded WHERE third = 3) THEN 'tells' ELSE 'unclear' END AS verdict,
       CAST(b.from_score / 100 AS TEXT) || '.' || substr('0' || CAST(b.from_score % 100 AS TEXT), -2) AS low_end,
       CAST(b.to_score / 100 AS TEXT) || '.' || substr('0' || CAST(b.to_score % 100 AS TEXT), -2) AS high_end
FROM bounded b
ORDER BY b.third
