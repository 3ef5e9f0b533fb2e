-- Kinds of need and fits of what is open, by person.
WITH counted AS (
	SELECT o.owner AS owner, count(o.need_kind) AS needs, count(*) FILTER (WHERE o.need_kind = 'explicit') AS explicit,
	       count(o.fits_product) AS fits, count(*) FILTER (WHERE o.fits_product = 0) AS outside
	FROM opportunity o
	WHERE o.result = 'open' AND o.owner = coalesce($owner, o.owner)
	GROUP BY o.owner
)
SELECT m.id AS owner_id, m.label AS who, c.needs AS needs, c.explicit AS explicit, CASE WHEN c.needs >= $least THEN (c.explicit * 20000 + c.needs) / (2 * c.needs) END AS explicit_share,
       c.fits AS fits, c.outside AS outside, CASE WHEN c.fits >= $least THEN (c.outside * 20000 + c.fits) / (2 * c.fits) END AS outside_share
FROM counted c
JOIN member m ON m.id = c.owner
WHERE (c.needs >= $least OR c.fits >= $least) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY m.team, m.id
