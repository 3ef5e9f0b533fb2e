WITH asked AS (
	SELECT coalesce($owner, $me) AS person, day, starts_at
	FROM calendar_day
	WHERE day = $today
)
-- include turns
ORDER BY part
