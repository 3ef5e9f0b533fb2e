SELECT i.id AS indicator_id, i.name AS name, i.metric AS metric, i.side AS side, i.limit_value AS limit_value, i.days AS days, coalesce(i.person, 0) AS person,
       i.owner AS owner_id, m.label AS who
FROM indicator i
JOIN member m ON m.id = i.owner
ORDER BY i.id
