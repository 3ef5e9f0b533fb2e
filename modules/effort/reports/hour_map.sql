-- Calls or visits by weekday and the hour of the company's clock, and how many succeeded.
WITH
-- include effort/timed
SELECT hour, weekday AS weekday, count(*) AS n, count(*) FILTER (WHERE won = 1) AS won
FROM timed
GROUP BY hour, weekday
ORDER BY hour, weekday
