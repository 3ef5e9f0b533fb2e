-- Deals lost in the period, by why or to whom.  Columns that are not declared are the tests of the
-- list behind a row.
WITH deal AS (
	SELECT CASE $by WHEN 'competitor' THEN CAST(competitor.id AS TEXT) WHEN 'side' THEN loss_reason.side
	       ELSE CAST(loss_reason.id AS TEXT) END AS bucket,
	       CASE $by WHEN 'competitor' THEN competitor.name
	       WHEN 'side' THEN CASE loss_reason.side WHEN 'customer' THEN '客户 customer' WHEN 'us' THEN '我们 us'
	                        WHEN 'market' THEN '市场 market' END
	       ELSE loss_reason.name END AS name,
	       o.amount AS amount
	FROM opportunity o
	LEFT JOIN loss_reason ON loss_reason.id = o.loss_reason
	LEFT JOIN competitor ON competitor.id = o.lost_to
	LEFT JOIN member ON member.id = o.owner
	WHERE o.result = 'lost'
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND coalesce(o.loss_reason, 0) = coalesce($reason, o.loss_reason, 0)
	AND coalesce(loss_reason.side, '') = coalesce($side, loss_reason.side, '')
	AND coalesce(o.lost_to, 0) = coalesce($competitor, o.lost_to, 0)
), grouped AS (
	SELECT bucket, max(name) AS name, count(*) AS deals,
	       CAST(coalesce(sum(amount), 0) AS BIGINT) AS value,
	       CASE WHEN bucket IS NULL THEN 'is.null' ELSE 'eq.' || bucket END AS test
	FROM deal
	GROUP BY bucket
), whole AS (
	SELECT count(*) AS deals FROM deal
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
