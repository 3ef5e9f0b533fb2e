-- Deals that ended and have details, the latest first.
WITH
-- include checklist_deal
SELECT id AS opportunity_id, name AS opportunity, items, done, CASE result WHEN 'won' THEN 1 ELSE 0 END AS won, closed_on
FROM deal
WHERE kept = coalesce($kept, kept)
ORDER BY closed_on DESC, id DESC
LIMIT 500
