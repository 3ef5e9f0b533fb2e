-- The function reads forecast_history; this says only as of when.
SELECT day FROM calendar_day WHERE day = $today
