-- Calls or visits by the hour of the company's clock, and how many succeeded.
WITH
-- include effort/timed
SELECT hour, CAST(NULL AS BIGINT) AS weekday, count(*) AS n, count(*) FILTER (WHERE won = 1) AS won
FROM timed
GROUP BY hour
ORDER BY hour
