-- The last day within the horizon: as asked, as set, or 30 days (setting need_horizon_days).
edge AS (
	SELECT later.day AS day
	FROM calendar_day t
	JOIN calendar_day later ON later.day_number = t.day_number + coalesce(CAST($horizon AS BIGINT),
	     (SELECT CAST(nullif(s.value, '') AS BIGINT) FROM setting s WHERE s.name = 'need_horizon_days'), 30)
	WHERE t.day = $today
)
