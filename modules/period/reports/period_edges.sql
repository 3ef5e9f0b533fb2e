-- A deal counts once however often it was moved about.
SELECT e.month AS month, m.id AS owner_id, m.label AS who,
       count(DISTINCT e.opportunity) FILTER (WHERE e.kind = 'edge') AS edge,
       CAST(coalesce(sum(e.amount) FILTER (WHERE e.kind = 'edge'), 0) AS BIGINT) AS edge_amount,
       count(DISTINCT e.opportunity) FILTER (WHERE e.kind = 'undone' AND EXISTS (SELECT 1 FROM period_event o
              WHERE o.opportunity = e.opportunity AND o.kind = 'edge' AND o.month = e.month)) AS undone,
       count(DISTINCT e.opportunity) FILTER (WHERE e.kind = 'undone' AND EXISTS (SELECT 1 FROM period_event o
              WHERE o.opportunity = e.opportunity AND o.kind = 'edge' AND o.month = e.month)) * 10000
        / nullif(count(DISTINCT e.opportunity) FILTER (WHERE e.kind = 'edge'), 0) AS undone_rate,
       count(*) FILTER (WHERE e.kind = 'crossed') AS crossed, count(*) FILTER (WHERE e.kind = 'refused') AS refused
FROM period_event e
JOIN member m ON m.id = e.owner
WHERE e.month >= coalesce($from, '0') AND e.month <= coalesce($to, '9') AND e.owner = coalesce($owner, e.owner)
AND (coalesce($fresh, 0) = 0 OR e.at >= $now - 172800000)
GROUP BY e.month, m.id, m.label
ORDER BY e.month DESC, m.label, m.id
