-- Days from engagement to closing by group, as spreads; deals.c puts them together.  Totals where there are any, deals
-- one by one where a product is asked about within a pipeline or of certain persons.
WITH asked AS MATERIALIZED (
	SELECT CASE WHEN $by IN ('owner', 'team') OR CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL
	            THEN 1 ELSE 0 END AS persons,
	       CASE WHEN $by = 'product' OR CAST($product AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS goods,
	       CASE WHEN CAST($pipeline AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS within
), total AS (
	SELECT CAST(0 AS BIGINT) AS member, t.split2 AS result, t.split1 AS pipeline, '' AS product, t.spread AS days
	FROM asked CROSS JOIN deal_ended_period_all t
	WHERE persons = 0 AND goods = 0
	UNION ALL
	SELECT t.member, t.split2, t.split1, '', t.spread
	FROM asked CROSS JOIN deal_ended_period t
	WHERE persons = 1 AND goods = 0
	UNION ALL
	SELECT 0, 'won', '', t.split1, t.spread
	FROM asked CROSS JOIN opportunity_won_period_all t
	WHERE persons = 0 AND goods = 1 AND within = 0
	UNION ALL
	SELECT 0, 'lost', '', t.split1, t.spread
	FROM asked CROSS JOIN opportunity_lost_period_all t
	WHERE persons = 0 AND goods = 1 AND within = 0
	UNION ALL
	SELECT o.owner, o.result, CAST(o.pipeline AS TEXT), coalesce(CAST(o.product AS TEXT), ''), CAST(o.cycle_days AS TEXT) || '=1'
	FROM asked CROSS JOIN opportunity o
	WHERE goods = 1 AND (persons = 1 OR within = 1) AND o.result IN ('won', 'lost')
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND o.pipeline = coalesce($pipeline, o.pipeline) AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
)
SELECT coalesce(CASE $by
       WHEN 'owner' THEN CAST(member.id AS TEXT)
       WHEN 'team' THEN CAST(member.team AS TEXT)
       WHEN 'product' THEN nullif(t.product, '')
       ELSE t.result END, '') AS bucket,
       CASE $by
       WHEN 'owner' THEN member.label
       WHEN 'team' THEN team.name
       WHEN 'product' THEN product.name
       ELSE CASE t.result WHEN 'won' THEN '赢单 won' ELSE '输单 lost' END END AS name,
       t.days AS days
FROM total t
LEFT JOIN member ON member.id = t.member
LEFT JOIN team ON team.id = member.team
LEFT JOIN product ON $by = 'product' AND CAST(product.id AS TEXT) = t.product
WHERE t.days IS NOT NULL AND (t.result = 'won' OR $by = 'result')
AND t.result = coalesce($result, t.result)
AND (CAST($pipeline AS BIGINT) IS NULL OR t.pipeline = CAST($pipeline AS TEXT))
AND (CAST($owner AS BIGINT) IS NULL OR t.member = $owner)
AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
AND (CAST($product AS BIGINT) IS NULL OR t.product = CAST($product AS TEXT))
