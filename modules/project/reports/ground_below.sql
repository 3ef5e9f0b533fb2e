-- From totals by product; where a region is asked about, deals counted.
WITH closed AS (
	SELECT t.member AS member, t.split1 AS product, CAST(sum(t.value) AS BIGINT) AS n, 0 AS k
	FROM opportunity_closed_period t
	WHERE CAST($region AS TEXT) IS NULL AND coalesce(t.split1, '') <> ''
	GROUP BY t.member, t.split1
	UNION ALL
	SELECT t.member, t.split1, 0, CAST(sum(t.value) AS BIGINT)
	FROM opportunity_won_period t
	WHERE CAST($region AS TEXT) IS NULL AND coalesce(t.split1, '') <> ''
	GROUP BY t.member, t.split1
	UNION ALL
	SELECT o.owner, CAST(o.product AS TEXT), count(*), count(*) FILTER (WHERE o.result = 'won')
	FROM opportunity o
	JOIN customer c ON c.id = o.customer
	WHERE CAST($region AS TEXT) IS NOT NULL AND c.region LIKE $region || '%' AND o.product IS NOT NULL
	AND o.result IN ('won', 'lost') AND o.closed_on >= $from AND o.closed_on <= $to
	GROUP BY o.owner, o.product
), counted AS (
	SELECT member, product, CAST(sum(n) AS BIGINT) AS n, CAST(sum(k) AS BIGINT) AS k FROM closed GROUP BY member, product
), whole AS (
	SELECT product, 10000.0 * sum(k) / sum(n) AS rate FROM counted GROUP BY product HAVING sum(n) > 0
),
-- include opportunity/wilson
SELECT m.id AS owner_id, m.label AS who, p.id AS product_id, p.name AS product, r.n AS closed, r.k AS won, r.rate AS rate, r.low AS low, r.high AS high,
       w.rate AS overall
FROM rated r
JOIN whole w ON w.product = r.product
JOIN member m ON m.id = r.member
JOIN product p ON CAST(p.id AS TEXT) = r.product
WHERE r.n >= $least AND r.high < w.rate AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
ORDER BY m.team, m.id, p.id
