-- The months: the last whole ones.
SELECT month, min(day) AS first_day, max(day) AS last_day
FROM calendar_day
WHERE month < substr($today, 1, 7)
AND day_number >= (SELECT c.day_number - 31 * ($months + 1) FROM calendar_day c WHERE c.day = $today)
GROUP BY month
ORDER BY month DESC
LIMIT $months
