-- Projects are opportunities with milestones or risks.
WITH step AS (
	SELECT opportunity, count(*) FILTER (WHERE due_on <= $today OR done_on IS NOT NULL) AS due,
	       count(*) FILTER (WHERE done_on <= due_on) AS on_time, count(*) FILTER (WHERE due_on < $today AND done_on IS NULL) AS waiting
	FROM milestone
	WHERE opportunity = coalesce($opportunity, opportunity)
	GROUP BY opportunity
), danger AS (
	SELECT opportunity, count(*) AS n, count(*) FILTER (WHERE level = 'high') AS high
	FROM risk
	WHERE state = 'open' AND opportunity = coalesce($opportunity, opportunity)
	GROUP BY opportunity
), project AS (
	SELECT opportunity AS id FROM step UNION SELECT opportunity FROM danger
)
SELECT o.id AS opportunity_id, o.name AS opportunity, member.label AS owner_name, coalesce(step.due, 0) AS due,
       coalesce(step.on_time, 0) AS on_time,
       CASE WHEN step.due > 0 THEN (step.on_time * 20000 + step.due) / (2 * step.due) END AS rate,
       coalesce(danger.n, 0) AS open_risks, coalesce(danger.high, 0) AS high_risks,
       CASE WHEN danger.high > 0 THEN 'red' WHEN step.waiting > 0 THEN 'yellow' ELSE 'green' END AS light
FROM project
JOIN opportunity o ON o.id = project.id
LEFT JOIN step ON step.opportunity = o.id
LEFT JOIN danger ON danger.opportunity = o.id
LEFT JOIN member ON member.id = o.owner
WHERE coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
ORDER BY CASE WHEN danger.high > 0 THEN 0 WHEN step.waiting > 0 THEN 1 ELSE 2 END, o.id
