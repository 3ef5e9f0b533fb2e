SELECT d.id AS id, d.name AS name, m.label AS who, d.metric AS metric, d.decided_on AS decided_on, d.review_on AS review_on, d.expected AS expected,
       CASE WHEN d.reviewed_on IS NULL THEN 0 ELSE 1 END AS reviewed
FROM decision d
LEFT JOIN member m ON m.id = d.owner
WHERE d.decided_on >= $from AND d.decided_on <= $to
ORDER BY d.decided_on DESC, d.id DESC
