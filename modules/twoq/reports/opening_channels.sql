-- First contacts by kind.
WITH opened AS (
	SELECT t.split1 AS channel, CAST(sum(t.value) AS BIGINT) AS n, count(DISTINCT t.member) AS people
	FROM opening_period t
	WHERE t.member IN (SELECT m.id FROM member m WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team))
	GROUP BY t.split1
)
SELECT channel, n AS opened, (n * 20000 + CAST(sum(n) OVER () AS BIGINT)) / (2 * CAST(sum(n) OVER () AS BIGINT)) AS share, people
FROM opened
WHERE n > 0
ORDER BY n DESC, channel
