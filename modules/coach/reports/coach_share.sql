-- S00-01, per coach.
SELECT m.id AS coach_id, m.label AS who, count(*) AS remarks,
       count(*) FILTER (WHERE c.kind = 'question') AS questions, count(*) FILTER (WHERE c.kind = 'answer') AS answers,
       count(*) FILTER (WHERE c.kind = 'question') * 10000 / count(*) AS question_rate,
       count(DISTINCT c.member) AS people,
       count(*) FILTER (WHERE c.kind = 'question' AND c.reply IS NOT NULL) AS replied,
       count(c.commitment) AS committed, count(*) FILTER (WHERE c.on_time = 1) AS kept,
       count(*) FILTER (WHERE c.on_time = 1 AND c.due_on < $today) * 10000
        / nullif(count(c.commitment) FILTER (WHERE c.due_on < $today), 0) AS kept_rate,
       count(*) FILTER (WHERE c.state = 'committed' AND c.due_on < $today) AS overdue,
       coalesce($from, substr($to, 1, 7) || '-01') AS since
FROM coaching c
JOIN member m ON m.id = c.coach
WHERE c.day >= coalesce($from, substr($to, 1, 7) || '-01') AND c.day <= $to AND c.coach = coalesce($coach, c.coach)
GROUP BY m.id, m.label
ORDER BY m.label, m.id
