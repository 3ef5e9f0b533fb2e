-- Missed visits by whom they are blamed on.
WITH missed AS (
	SELECT member, CAST(sum(value) AS BIGINT) AS n, CAST(coalesce(sum(value) FILTER (WHERE split1 = 'customer'), 0) AS BIGINT) AS customer,
	       CAST(coalesce(sum(value) FILTER (WHERE split1 = 'us'), 0) AS BIGINT) AS us, CAST(coalesce(sum(value) FILTER (WHERE split1 = 'both'), 0) AS BIGINT) AS both_sides
	FROM visit_missed_period
	GROUP BY member
)
SELECT m.id AS owner_id, m.label AS who, x.n AS missed, x.customer + x.us + x.both_sides AS judged, x.customer AS customer, x.us AS us, x.both_sides AS both,
       CASE WHEN x.customer + x.us + x.both_sides > 0 THEN (x.customer * 20000 + x.customer + x.us + x.both_sides) / (2 * (x.customer + x.us + x.both_sides)) END AS share
FROM missed x
JOIN member m ON m.id = x.member
WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team) AND x.customer + x.us + x.both_sides >= $least
ORDER BY m.team, m.id
