-- Only stages from the offer on; the index of opportunity finds what lies in them.
WITH offered AS (
	SELECT id, name FROM stage WHERE kind = 'open' AND probability >= 5000
), unmet AS (
	SELECT o.id AS id, o.name AS name, o.customer AS customer, o.owner AS owner, o.amount AS amount, offered.name AS stage
	FROM offered
	CROSS JOIN opportunity o
	LEFT JOIN member ON member.id = o.owner
	WHERE o.result = 'open' AND o.stage = offered.id AND coalesce(o.amount, 0) >= coalesce($amount, 0)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
	AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.opportunity = o.id AND a.state = 'done' AND a.decider_met = 1)
	ORDER BY coalesce(o.amount, 0) DESC, o.id
	LIMIT 500
), counted AS (
	SELECT unmet.*, (SELECT count(*) FROM stakeholder s WHERE s.opportunity = unmet.id AND s.role = 'decider') AS deciders
	FROM unmet
)
SELECT c.id AS opportunity_id, c.name AS opportunity, customer.name AS customer, member.label AS owner_name, c.stage AS stage,
       c.amount AS value, c.deciders AS deciders, CASE WHEN c.deciders = 0 THEN 'unknown' ELSE 'never_met' END AS warning
FROM counted c
LEFT JOIN customer ON customer.id = c.customer
LEFT JOIN member ON member.id = c.owner
ORDER BY coalesce(c.amount, 0) DESC, c.id
