-- A record counts once however often it was moved about (what an older version noted was of deals); of what is fresh a person has one row a month.
WITH event AS (
	SELECT e.month AS month, e.owner AS owner, e.kind AS kind, e.amount AS amount, coalesce(e.object, 'opportunity') || '/' || CAST(coalesce(e.record, e.opportunity) AS TEXT) AS of,
	       CASE WHEN coalesce($fresh, 0) = 0 THEN coalesce(e.object, 'opportunity') END AS object
	FROM period_event e
	WHERE e.month >= coalesce($from, '0') AND e.month <= coalesce($to, '9') AND e.owner = coalesce($owner, e.owner)
	AND (coalesce($fresh, 0) = 0 OR e.at >= $now - 172800000)
), edge AS (
	SELECT DISTINCT coalesce(object, 'opportunity') || '/' || CAST(coalesce(record, opportunity) AS TEXT) AS of, month FROM period_event WHERE kind = 'edge'
)
SELECT e.month AS month, e.object AS object, m.id AS owner_id, m.label AS who,
       count(DISTINCT e.of) FILTER (WHERE e.kind = 'edge') AS edge,
       CAST(coalesce(sum(e.amount) FILTER (WHERE e.kind = 'edge'), 0) AS BIGINT) AS edge_amount,
       count(DISTINCT e.of) FILTER (WHERE e.kind = 'undone' AND g.of IS NOT NULL) AS undone,
       count(DISTINCT e.of) FILTER (WHERE e.kind = 'undone' AND g.of IS NOT NULL) * 10000
        / nullif(count(DISTINCT e.of) FILTER (WHERE e.kind = 'edge'), 0) AS undone_rate,
       count(*) FILTER (WHERE e.kind = 'crossed') AS crossed, count(*) FILTER (WHERE e.kind = 'refused') AS refused
FROM event e
JOIN member m ON m.id = e.owner
LEFT JOIN edge g ON g.of = e.of AND g.month = e.month
GROUP BY e.month, e.object, m.id, m.label
ORDER BY e.month DESC, m.label, m.id, e.object
