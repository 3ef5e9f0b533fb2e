-- Deals lost in the period, by why or to whom, from totals.  Columns that are not declared are the tests of the
-- list behind a row.
WITH person AS (
	SELECT id FROM member
	WHERE (CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL)
	AND (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), total AS (
	SELECT split1, split2, number, value FROM lost_amount_period_all
	WHERE CAST($owner AS BIGINT) IS NULL AND CAST($team AS BIGINT) IS NULL
	UNION ALL
	SELECT split1, split2, number, value FROM lost_amount_period t WHERE t.member IN (SELECT id FROM person)
), deal AS (
	SELECT CASE $by WHEN 'competitor' THEN CAST(competitor.id AS TEXT) WHEN 'side' THEN loss_reason.side
	       ELSE CAST(loss_reason.id AS TEXT) END AS bucket,
	       CASE $by WHEN 'competitor' THEN competitor.name
	       WHEN 'side' THEN CASE loss_reason.side WHEN 'customer' THEN '客户 customer' WHEN 'us' THEN '我们 us'
	                        WHEN 'market' THEN '市场 market' END
	       ELSE loss_reason.name END AS name,
	       t.number AS n, t.value AS amount
	FROM (SELECT split1, split2, CAST(sum(number) AS BIGINT) AS number, CAST(sum(value) AS BIGINT) AS value
	      FROM total GROUP BY split1, split2 HAVING sum(number) > 0) t
	LEFT JOIN loss_reason ON loss_reason.id = CAST(nullif(t.split1, '') AS BIGINT)
	LEFT JOIN competitor ON competitor.id = CAST(nullif(t.split2, '') AS BIGINT)
	WHERE (CAST($reason AS BIGINT) IS NULL OR t.split1 = CAST($reason AS TEXT))
	AND coalesce(loss_reason.side, '') = coalesce($side, loss_reason.side, '')
	AND (CAST($competitor AS BIGINT) IS NULL OR t.split2 = CAST($competitor AS TEXT))
), grouped AS (
	SELECT bucket, max(name) AS name, CAST(sum(n) AS BIGINT) AS deals,
	       CAST(coalesce(sum(amount), 0) AS BIGINT) AS value,
	       CASE WHEN bucket IS NULL THEN 'is.null' ELSE 'eq.' || bucket END AS test
	FROM deal
	GROUP BY bucket
), whole AS (
	SELECT CAST(sum(n) AS BIGINT) AS deals FROM deal
)
SELECT coalesce(g.name, '–') AS label,
       g.deals AS count,
       g.value AS value,
       (g.deals * 20000 + whole.deals) / (2 * whole.deals) AS share,
       CASE WHEN $by = 'reason' THEN g.test ELSE 'eq.' || CAST($reason AS TEXT) END AS reason,
       CASE WHEN $by = 'side' THEN g.test ELSE 'eq.' || $side END AS side,
       CASE WHEN $by = 'competitor' THEN g.test ELSE 'eq.' || CAST($competitor AS TEXT) END AS competitor
FROM grouped g
CROSS JOIN whole
ORDER BY g.deals DESC, g.bucket
