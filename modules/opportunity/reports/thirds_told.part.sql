-- Each third, and whether the top one wins more than the bottom one.
SELECT CASE b.third WHEN 1 THEN 'top' WHEN 2 THEN 'middle' ELSE 'bottom' END AS third, b.n AS cases, b.k AS won, b.rate AS rate,
       b.low AS low, b.high AS high, b.from_score AS from_score, b.to_score AS to_score,
       CASE WHEN (SELECT min(n) FROM rated) < 10 OR (SELECT count(*) FROM rated) < 3 THEN 'few'
            WHEN (SELECT lo FROM rated WHERE third = 1) > (SELECT hi FROM rated WHERE third = 3) THEN 'tells' ELSE 'unclear' END AS verdict,
       CAST(b.from_score / 100 AS TEXT) || '.' || substr('0' || CAST(b.from_score % 100 AS TEXT), -2) AS low_end,
       CAST(b.to_score / 100 AS TEXT) || '.' || substr('0' || CAST(b.to_score % 100 AS TEXT), -2) AS high_end
FROM rated b
ORDER BY b.third
