-- Deals that ended and have details, the latest first.
WITH
-- include checklist_deal
, chosen AS (
	SELECT * FROM deal
	WHERE kept = coalesce($kept, kept)
	ORDER BY closed_on DESC, id DESC
	LIMIT 500
)
SELECT c.id AS opportunity_id, o.name AS opportunity, c.items AS items, c.done AS done, CASE c.result WHEN 'won' THEN 1 ELSE 0 END AS won, c.closed_on AS closed_on
FROM chosen c
JOIN opportunity o ON o.id = c.id
ORDER BY c.closed_on DESC, c.id DESC
