-- The latest skips, one by one.
SELECT s.id AS skip_id, m.id AS owner_id, m.label AS who, o.name AS opportunity, stage.name AS stage, s.reason AS reason, s.skipped_on AS skipped_on
FROM phase_skip s
JOIN opportunity o ON o.id = s.opportunity
JOIN member m ON m.id = o.owner
JOIN stage ON stage.id = s.stage
WHERE s.skipped_on >= $since AND o.owner = coalesce($owner, o.owner)
ORDER BY s.skipped_on DESC, s.id DESC
LIMIT 200
