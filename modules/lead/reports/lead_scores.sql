-- Leads with a score and a result, in thirds.
WITH scored AS (
	SELECT l.id AS id, l.fit_score AS score, CASE WHEN o.result = 'won' THEN 1 ELSE 0 END AS won
	FROM lead l
	LEFT JOIN opportunity o ON o.id = l.opportunity
	WHERE l.fit_score IS NOT NULL AND (l.state = 'invalid' OR o.result IN ('won', 'lost')) AND coalesce(l.source, 0) = coalesce($source, l.source, 0)
	AND l.received_on >= coalesce($from, '0') AND l.received_on <= coalesce($to, '9') AND coalesce(l.owner, 0) = coalesce($owner, l.owner, 0)
),
-- include opportunity/thirds
,
-- include opportunity/wilson
-- include opportunity/thirds_told
