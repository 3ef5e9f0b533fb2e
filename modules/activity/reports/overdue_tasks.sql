-- What each person still has to do, and what is late.
WITH todo AS (
	SELECT owner, count(*) AS tasks, count(*) FILTER (WHERE due_on = $today) AS due_today,
	       count(*) FILTER (WHERE due_on < $today) AS overdue, min(due_on) AS oldest
	FROM task
	WHERE state = 'open'
	GROUP BY owner
), plan AS (
	SELECT owner, count(*) AS missed
	FROM activity
	WHERE state = 'planned' AND planned_at < $now
	GROUP BY owner
)
SELECT member.id AS owner_id,
       member.label AS label,
       coalesce(todo.tasks, 0) AS tasks,
       coalesce(todo.due_today, 0) AS today,
       coalesce(todo.overdue, 0) AS overdue,
       todo.oldest AS oldest,
       coalesce(plan.missed, 0) AS missed
FROM member
LEFT JOIN todo ON todo.owner = member.id
LEFT JOIN plan ON plan.owner = member.id
WHERE (todo.tasks > 0 OR plan.missed > 0)
AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
ORDER BY overdue DESC, tasks DESC, member.id
