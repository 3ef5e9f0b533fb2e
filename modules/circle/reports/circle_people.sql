-- Per person how the open opportunities stand: where both fits are known, in which pattern.
WITH edge AS (
	-- The last day within the horizon: as asked, as set, or 30 days (setting need_horizon_days).
	SELECT later.day AS day
	FROM calendar_day t
	JOIN calendar_day later ON later.day_number = t.day_number + coalesce(CAST($horizon AS BIGINT),
	     (SELECT CAST(nullif(s.value, '') AS BIGINT) FROM setting s WHERE s.name = 'need_horizon_days'), 30)
	WHERE t.day = $today
)
SELECT o.owner AS owner_id, m.label AS who, team.name AS team, count(*) AS n,
       count(*) FILTER (WHERE o.fits_product IS NOT NULL AND o.fits_rep IS NOT NULL) AS known,
       count(*) FILTER (WHERE o.fits_product = 1 AND o.fits_rep = 1 AND o.need_due <= edge.day) AS overlap,
       count(*) FILTER (WHERE o.fits_product = 1 AND o.fits_rep = 0) AS product_only,
       count(*) FILTER (WHERE o.fits_product = 0 AND o.fits_rep = 1) AS rep_only,
       count(o.fits_product) AS fit_known,
       count(*) FILTER (WHERE o.fits_product = 0) AS outside,
       count(o.need_kind) AS said,
       count(*) FILTER (WHERE o.need_kind = 'explicit') AS explicit
FROM opportunity o
CROSS JOIN edge
JOIN member m ON m.id = o.owner
LEFT JOIN team ON team.id = m.team
WHERE o.result = 'open' AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
GROUP BY o.owner, m.label, m.team, team.name
ORDER BY m.team, o.owner
