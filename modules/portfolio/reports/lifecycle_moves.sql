SELECT substr(v.moved_on, 1, 7) AS month, v.kind AS kind, count(*) AS moves, min(v.moved_on) AS first_on, max(v.moved_on) AS last_on
FROM lifecycle_move v
JOIN customer c ON c.id = v.customer
LEFT JOIN member m ON m.id = c.owner
WHERE v.moved_on >= $from AND v.moved_on <= $to AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY substr(v.moved_on, 1, 7), v.kind
ORDER BY month, kind
