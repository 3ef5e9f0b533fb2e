-- What is not met, by topic; what has none stands together.
SELECT coalesce(max(t.name), '–') AS label, count(DISTINCT n.customer) AS customers, count(*) AS needs, 10.0 * avg(n.importance) AS importance,
       CAST(coalesce(sum(n.value), 0) AS BIGINT) AS value, CASE WHEN n.topic IS NULL THEN 'is.null' ELSE 'eq.' || CAST(n.topic AS TEXT) END AS of_topic
FROM need n
LEFT JOIN need_topic t ON t.id = n.topic
LEFT JOIN member m ON m.id = n.owner
WHERE n.state IN ('open', 'proposed', 'declined') AND n.noted_on >= coalesce($from, '0') AND n.noted_on <= coalesce($to, '9')
AND coalesce(n.product, 0) = coalesce($product, n.product, 0) AND n.owner = coalesce($owner, n.owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
GROUP BY n.topic
ORDER BY 2 DESC, 3 DESC, coalesce(n.topic, 0)
