-- Per person how the open opportunities stand: where both fits are known, in which pattern.
WITH
-- include circle/edge
, person AS (
	SELECT o.owner AS owner, count(*) AS n,
	       count(*) FILTER (WHERE o.fits_product IS NOT NULL AND o.fits_rep IS NOT NULL) AS known,
	       count(*) FILTER (WHERE o.fits_product = 1 AND o.fits_rep = 1 AND o.need_due <= (SELECT day FROM edge)) AS overlap,
	       count(*) FILTER (WHERE o.fits_product = 1 AND o.fits_rep = 0) AS product_only,
	       count(*) FILTER (WHERE o.fits_product = 0 AND o.fits_rep = 1) AS rep_only,
	       count(o.fits_product) AS fit_known,
	       count(*) FILTER (WHERE o.fits_product = 0) AS outside,
	       count(o.need_kind) AS said,
	       count(*) FILTER (WHERE o.need_kind = 'explicit') AS explicit
	FROM opportunity o
	WHERE o.result = 'open'
	GROUP BY o.owner
)
SELECT p.owner AS owner_id, m.label AS who, team.name AS team, p.n AS n, p.known AS known, p.overlap AS overlap, p.product_only AS product_only,
       p.rep_only AS rep_only, p.fit_known AS fit_known, p.outside AS outside, p.said AS said, p.explicit AS explicit
FROM person p
CROSS JOIN edge
JOIN member m ON m.id = p.owner
LEFT JOIN team ON team.id = m.team
WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY m.team, p.owner
