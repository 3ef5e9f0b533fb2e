-- Why deals were lost, by each rival that was in them.
SELECT max(k.name) AS label, coalesce(max(r.name), '–') AS reason, count(*) AS lost, k.id AS competitor_id,
       CASE WHEN o.loss_reason IS NULL THEN 'is.null' ELSE 'eq.' || CAST(o.loss_reason AS TEXT) END AS why
FROM opportunity o
JOIN competitor k ON o.competitors LIKE '%,' || CAST(k.id AS TEXT) || ',%'
LEFT JOIN loss_reason r ON r.id = o.loss_reason
LEFT JOIN member m ON m.id = o.owner
WHERE o.result = 'lost' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND k.id = coalesce($competitor, k.id)
AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY k.id, o.loss_reason
ORDER BY k.id, 3 DESC, coalesce(o.loss_reason, 0)
