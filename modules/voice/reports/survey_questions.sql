SELECT v.name AS survey_name, q.text AS label, count(a.id) AS answers, 100.0 * avg(a.score) AS mean,
       (count(*) FILTER (WHERE a.score >= 4) * 20000 + count(a.score)) / nullif(2 * count(a.score), 0) AS good,
       (count(*) FILTER (WHERE a.yes = 'yes') * 20000 + count(a.yes)) / nullif(2 * count(a.yes), 0) AS yes, q.id AS question_id
FROM survey_question q
JOIN survey v ON v.id = q.survey
LEFT JOIN survey_answer a ON a.question = q.id
WHERE v.id = coalesce($survey, v.id)
GROUP BY v.id, v.name, v.starts_on, q.id, q.text, q.position
ORDER BY v.starts_on DESC, v.id, q.position
LIMIT 500
