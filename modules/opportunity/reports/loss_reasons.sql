-- Deals lost in the period, by why or to whom.
WITH deal AS (
	SELECT CASE $by WHEN 'competitor' THEN competitor.name WHEN 'side' THEN loss_reason.side
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
), whole AS (
	SELECT count(*) AS deals FROM deal
)
SELECT coalesce(deal.name, '–') AS label,
       count(*) AS count,
       CAST(coalesce(sum(deal.amount), 0) AS BIGINT) AS value,
       (count(*) * 20000 + whole.deals) / (2 * whole.deals) AS share
FROM deal
CROSS JOIN whole
GROUP BY deal.name, whole.deals
ORDER BY count(*) DESC, deal.name
