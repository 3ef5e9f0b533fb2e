-- Won, lost and open opportunities by group with their days from engagement to closing; deals.c puts
-- them together.  Totals where there are any: of persons, of pipelines, of products and sources; deals one by one
-- where a product or source is asked about within a pipeline or of certain persons.
WITH RECURSIVE
-- include place
asked AS MATERIALIZED (
	SELECT CASE WHEN $by IN ('owner', 'team', 'region', 'leader') OR CAST($owner AS BIGINT) IS NOT NULL
	            OR CAST($team AS BIGINT) IS NOT NULL OR CAST($leader AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS persons,
	       CASE WHEN $by IN ('product', 'source') OR CAST($product AS BIGINT) IS NOT NULL
	            OR CAST($source AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS goods,
	       CASE WHEN CAST($pipeline AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS within
), total AS (
	SELECT CAST(0 AS BIGINT) AS member, substr(t.day, 1, 7) AS month, t.split2 AS result, t.split1 AS pipeline,
	       '' AS product, '' AS source, t.value AS n, CAST(0 AS BIGINT) AS amount, t.spread AS days
	FROM asked CROSS JOIN deal_ended_period_all t
	WHERE persons = 0 AND goods = 0
	UNION ALL
	SELECT 0, substr(t.day, 1, 7), t.split2, t.split1, '', '', 0, t.value, NULL
	FROM asked CROSS JOIN deal_ended_amount_period_all t
	WHERE persons = 0 AND goods = 0
	UNION ALL
	SELECT t.member, substr(t.day, 1, 7), t.split2, t.split1, '', '', t.value, 0, t.spread
	FROM asked CROSS JOIN deal_ended_period t
	WHERE persons = 1 AND goods = 0
	UNION ALL
	SELECT t.member, CASE WHEN $by IN ('month', 'quarter') THEN substr(t.day, 1, 7) END, t.split2, t.split1, '', '', 0,
	       CAST(sum(t.value) AS BIGINT), NULL
	FROM asked CROSS JOIN deal_ended_amount_period t
	WHERE persons = 1 AND goods = 0
	GROUP BY 1, 2, 3, 4
	UNION ALL
	SELECT 0, substr(t.day, 1, 7), 'won', '', t.split1, t.split2, t.value, 0, t.spread
	FROM asked CROSS JOIN opportunity_won_period_all t
	WHERE persons = 0 AND goods = 1 AND within = 0
	UNION ALL
	SELECT 0, substr(t.day, 1, 7), 'won', '', t.split1, t.split2, 0, t.value, NULL
	FROM asked CROSS JOIN opportunity_won_amount_period_all t
	WHERE persons = 0 AND goods = 1 AND within = 0
	UNION ALL
	SELECT 0, substr(t.day, 1, 7), 'lost', '', t.split1, t.split2, t.value, 0, t.spread
	FROM asked CROSS JOIN opportunity_lost_period_all t
	WHERE persons = 0 AND goods = 1 AND within = 0
	UNION ALL
	SELECT o.owner, substr(o.closed_on, 1, 7), o.result, CAST(o.pipeline AS TEXT), coalesce(CAST(o.product AS TEXT), ''),
	       coalesce(CAST(o.source AS TEXT), ''), 1, coalesce(o.amount, 0), CAST(o.cycle_days AS TEXT) || '=1'
	FROM asked CROSS JOIN opportunity o
	WHERE goods = 1 AND (persons = 1 OR within = 1) AND o.result IN ('won', 'lost')
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')
	AND o.pipeline = coalesce($pipeline, o.pipeline) AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0) AND coalesce(o.source, 0) = coalesce($source, o.source, 0)
	UNION ALL
	-- What is open lies in an index; only what is asked about is told apart.
	SELECT CASE WHEN persons = 1 THEN o.owner ELSE 0 END, NULL, 'open', CASE WHEN within = 1 THEN CAST(o.pipeline AS TEXT) ELSE '' END,
	       CASE WHEN goods = 1 THEN coalesce(CAST(o.product AS TEXT), '') ELSE '' END,
	       CASE WHEN goods = 1 THEN coalesce(CAST(o.source AS TEXT), '') ELSE '' END, count(*), 0, NULL
	FROM asked CROSS JOIN opportunity o
	WHERE o.result = 'open'
	GROUP BY 1, 4, 5, 6
)
SELECT coalesce(CASE $by
       WHEN 'owner' THEN CAST(member.id AS TEXT)
       WHEN 'team' THEN CAST(member.team AS TEXT)
       WHEN 'region' THEN CAST(place.region AS TEXT)
       WHEN 'leader' THEN CAST(member.leader AS TEXT)
       WHEN 'product' THEN nullif(t.product, '')
       WHEN 'source' THEN nullif(t.source, '')
       WHEN 'month' THEN t.month
       WHEN 'quarter' THEN calendar_day.quarter
       ELSE '*' END, '') AS bucket,
       CASE $by
       WHEN 'owner' THEN member.label
       WHEN 'team' THEN place.name
       WHEN 'region' THEN place.region_name
       WHEN 'leader' THEN leader.label
       WHEN 'product' THEN product.name
       WHEN 'source' THEN source.name
       WHEN 'month' THEN t.month
       WHEN 'quarter' THEN calendar_day.quarter END AS name,
       -- The teams of a region, for the list behind its row.
       CASE WHEN $by = 'region' THEN listed.teams END AS teams,
       t.result AS result, t.month AS month, t.n AS n, t.amount AS amount, t.days AS days
FROM total t
LEFT JOIN member ON member.id = t.member
LEFT JOIN place ON place.team = member.team
LEFT JOIN listed ON listed.region = place.region AND listed.place = listed.places AND $by = 'region'
LEFT JOIN member leader ON leader.id = member.leader
LEFT JOIN product ON product.id = CASE $by WHEN 'product' THEN CAST(nullif(t.product, '') AS BIGINT) END
LEFT JOIN source ON source.id = CASE $by WHEN 'source' THEN CAST(nullif(t.source, '') AS BIGINT) END
LEFT JOIN calendar_day ON calendar_day.day = CASE $by WHEN 'quarter' THEN t.month || '-01' END
WHERE (t.n <> 0 OR t.amount <> 0)
AND (CAST($pipeline AS BIGINT) IS NULL OR t.pipeline = CAST($pipeline AS TEXT))
AND (CAST($owner AS BIGINT) IS NULL OR t.member = $owner)
AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
AND (CAST($leader AS BIGINT) IS NULL OR member.leader = $leader)
AND (CAST($product AS BIGINT) IS NULL OR t.product = CAST($product AS TEXT))
AND (CAST($source AS BIGINT) IS NULL OR t.source = CAST($source AS TEXT))
