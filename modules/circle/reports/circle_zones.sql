-- Where people spend their activities, what lies open and what was won, by zone.
WITH person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), spent AS MATERIALIZED (
	SELECT z.zone AS zone, CAST(sum(a.n) AS BIGINT) AS n
	FROM (SELECT t.member AS member, t.split1 AS industry, sum(t.value) AS n
	      FROM activity_in_industry_period t
	      WHERE $by = 'industry' AND t.member IN (SELECT id FROM person)
	      GROUP BY t.member, t.split1) a
	LEFT JOIN rep_zone z ON z.person = a.member AND CAST(z.industry AS TEXT) = a.industry
	GROUP BY z.zone
	UNION ALL
	SELECT z.zone, CAST(sum(a.n) AS BIGINT)
	FROM (SELECT t.member AS member, nullif(substr(t.split2, 1, 2), '') AS province, sum(t.value) AS n
	      FROM activity_done_period t
	      WHERE $by = 'region' AND t.member IN (SELECT id FROM person)
	      GROUP BY t.member, nullif(substr(t.split2, 1, 2), '')) a
	LEFT JOIN rep_zone z ON z.person = a.member AND z.segment = 'region/' || CAST(CAST(a.province AS BIGINT) AS TEXT)
	GROUP BY z.zone
	UNION ALL
	SELECT z.zone, CAST(sum(a.n) AS BIGINT)
	FROM (SELECT t.member AS member, 'size/' || t.split1 AS segment, sum(t.value) AS n
	      FROM activity_in_size_period t
	      WHERE $by = 'size' AND t.member IN (SELECT id FROM person)
	      GROUP BY t.member, t.split1
	      UNION ALL
	      SELECT t.member, 'source/' || t.split1, sum(t.value)
	      FROM activity_in_source_period t
	      WHERE $by = 'source' AND t.member IN (SELECT id FROM person)
	      GROUP BY t.member, t.split1) a
	LEFT JOIN rep_zone z ON z.person = a.member AND z.segment = a.segment
	GROUP BY z.zone
), held AS MATERIALIZED (
	SELECT zone, CAST(sum(n_open) AS BIGINT) AS n_open, CAST(sum(won) AS BIGINT) AS won, CAST(sum(closed) AS BIGINT) AS closed
	FROM (SELECT o.owner_zone AS zone, count(*) AS n_open, 0 AS won, 0 AS closed
	      FROM opportunity o
	      WHERE o.result = 'open'
	      AND ((CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL) OR o.owner IN (SELECT id FROM person))
	      GROUP BY o.owner_zone
	      UNION ALL
	      SELECT nullif(t.split1, ''), 0, CASE WHEN t.split2 = 'won' THEN t.value ELSE 0 END, t.value
	      FROM zone_closed_period t
	      WHERE t.member IN (SELECT id FROM person)) part
	GROUP BY zone
), zone AS (
	SELECT column1 AS place, column2 AS name, column3 AS test
	FROM (VALUES (1, 'efficient', 'eq.efficient'), (2, 'effective', 'eq.effective'), (3, 'mine', 'eq.mine'), (4, 'unknown', 'is.null')) listed
)
SELECT zone.name AS zone, coalesce(spent.n, 0) AS activities, (SELECT CAST(sum(n) AS BIGINT) FROM spent) AS everything,
       coalesce(held.n_open, 0) AS n_open, coalesce(held.won, 0) AS won, coalesce(held.closed, 0) AS closed, zone.test AS test
FROM zone
LEFT JOIN spent ON coalesce(spent.zone, 'unknown') = zone.name
LEFT JOIN held ON coalesce(held.zone, 'unknown') = zone.name
ORDER BY zone.place
