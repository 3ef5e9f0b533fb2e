-- Columns that are not declared are the tests of the list behind a row.
WITH found AS (
	SELECT d.contract AS contract, c.owner AS owner, c.name AS name, d.kind AS kind, d.reason AS reason, d.approved_on AS approved_on,
	       d.agreed - d.policy AS difference,
	       CASE $by WHEN 'owner' THEN CAST(c.owner AS TEXT) WHEN 'contract' THEN CAST(c.id AS TEXT) WHEN 'kind' THEN d.kind ELSE d.reason END AS bucket
	FROM contract_deviation d
	JOIN contract c ON c.id = d.contract
	WHERE d.found_on >= coalesce($from, '0') AND d.found_on <= coalesce($to, '9')
	AND c.owner = coalesce(CAST($owner AS BIGINT), c.owner)
), grouped AS (
	SELECT bucket, count(DISTINCT contract) AS contracts, count(*) AS deviations, count(approved_on) AS approved,
	       CAST(sum(difference) AS BIGINT) / count(*) AS difference, min(owner) AS owner, min(name) AS name, min(contract) AS contract
	FROM found
	GROUP BY bucket
)
SELECT CASE $by WHEN 'owner' THEN coalesce(m.label, '–') WHEN 'contract' THEN g.name END AS label,
       CASE WHEN $by = 'reason' THEN g.bucket END AS reason,
       CASE WHEN $by = 'kind' THEN g.bucket END AS kind,
       g.contracts AS contracts, g.deviations AS deviations, g.approved AS approved, g.deviations - g.approved AS waiting,
       CASE WHEN $by = 'kind' THEN g.difference END AS difference,
       CASE WHEN $by = 'kind' THEN 'eq.' || g.bucket END AS kind_test,
       CASE WHEN $by = 'reason' THEN coalesce('eq.' || g.bucket, 'is.null') END AS reason_test,
       CASE WHEN $by = 'contract' THEN 'eq.' || g.bucket END AS contract_test,
       CASE WHEN $by = 'owner' THEN 'eq.' || g.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS owner_test,
       'gte.' || $from AS from_test, 'lte.' || $to AS to_test
FROM grouped g
LEFT JOIN member m ON $by = 'owner' AND m.id = g.owner
ORDER BY g.deviations DESC, g.bucket
