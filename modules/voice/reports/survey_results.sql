-- Surveys by the day they started, with what came back to the reader.
WITH went AS (
	SELECT survey, count(*) AS sent, count(answered_on) AS answered FROM survey_sent GROUP BY survey
), scored AS (
	SELECT s.survey AS survey, count(a.score) AS n, 100.0 * avg(a.score) AS mean, count(*) FILTER (WHERE a.score >= 4) AS good
	FROM survey_answer a
	JOIN survey_sent s ON s.id = a.sent
	WHERE a.score IS NOT NULL
	GROUP BY s.survey
)
SELECT v.name AS label, v.starts_on AS starts_on, went.sent AS sent, went.answered AS answered, (went.answered * 20000 + went.sent) / (2 * went.sent) AS rate, coalesce(scored.n, 0) AS scores,
       scored.mean AS mean, (scored.good * 20000 + scored.n) / (2 * scored.n) AS good, v.id AS survey_id
FROM survey v
JOIN went ON went.survey = v.id
LEFT JOIN scored ON scored.survey = v.id
WHERE v.id = coalesce($survey, v.id) AND v.starts_on >= coalesce($from, '0') AND v.starts_on <= coalesce($to, '9')
ORDER BY v.starts_on, v.id
