-- What forecast.c adds up, in parts that come in any order: 0 the period, 1 whose figures belong to which group,
-- 2 open opportunities, 3 the experience, 4 won already, 5 commitments, 6 won in earlier stretches of the same
-- length by what was not there at their beginning, 7 since when a person has business.
WITH now AS (
	SELECT day_number, month, quarter
	FROM calendar_day
	WHERE day = $today
), near AS (
	SELECT c.day AS day, c.day_number AS day_number, c.month AS month, c.quarter AS quarter
	FROM calendar_day c
	WHERE c.day_number >= (SELECT day_number - 100 FROM now) AND c.day_number <= (SELECT day_number + 200 FROM now)
), named AS (
	SELECT CASE $period
	       WHEN 'next_month' THEN (SELECT month FROM near WHERE day_number = (SELECT max(n.day_number) + 1 FROM near n WHERE n.month = now.month))
	       WHEN 'this_quarter' THEN now.quarter
	       WHEN 'next_quarter' THEN (SELECT quarter FROM near WHERE day_number = (SELECT max(n.day_number) + 1 FROM near n WHERE n.quarter = now.quarter))
	       ELSE now.month END AS name
	FROM now
), edge AS MATERIALIZED (
	-- Whole days from today: after `skip` of them it begins, after `days` it is over.
	SELECT named.name AS name, min(near.day) AS first_day, max(near.day) AS last_day,
	       max(near.day_number) - (SELECT day_number FROM now) + 1 AS days,
	       CASE WHEN min(near.day_number) > (SELECT day_number FROM now) THEN min(near.day_number) - (SELECT day_number FROM now) ELSE 0 END AS skip
	FROM named
	JOIN near ON near.month = named.name OR near.quarter = named.name
	GROUP BY named.name
), person AS MATERIALIZED (
	SELECT id, CASE $by WHEN 'owner' THEN id WHEN 'team' THEN coalesce(team, 0) ELSE 0 END AS bucket
	FROM member
	WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), stretch AS (
	SELECT days - skip AS days, days AS until, (SELECT day_number FROM now) AS today,
	       (SELECT c.day FROM calendar_day c WHERE c.day_number = (SELECT day_number - 730 FROM now)) AS since
	FROM edge
)
SELECT 0 AS part, 0 AS bucket, days AS a, skip AS b, 0 AS c, 0 AS d, name AS label, first_day AS word, last_day AS more
FROM edge
UNION ALL
SELECT 1, id, 0, 0, 0, 0, name, NULL, NULL FROM team WHERE $by = 'team'
UNION ALL
SELECT 1, id, 0, 0, 0, 0, label, NULL, NULL FROM member WHERE $by = 'owner'
UNION ALL
-- d: 0 undated, 1 expected within the period (in the present one also what is past due), 2 at another time.
SELECT 2, person.bucket, o.stage, coalesce(o.amount, 0), coalesce(o.probability, 0),
       CASE WHEN o.close_on IS NULL THEN 0
            WHEN o.close_on <= edge.last_day AND (edge.skip = 0 OR o.close_on >= edge.first_day) THEN 1
            ELSE 2 END,
       o.kind, o.stage_entered_on, NULL
FROM person
CROSS JOIN edge
JOIN opportunity o ON o.owner = person.id AND o.result = 'open'
UNION ALL
SELECT 3, 0, stage, age, cases, 0, kind, chances, errors FROM forecast_rate
UNION ALL
SELECT 4, person.bucket, CAST(sum(w.value) AS BIGINT), 0, 0, 0, NULL, NULL, NULL
FROM person
CROSS JOIN edge
CROSS JOIN opportunity_won_amount w
WHERE w.member = person.id AND w.grain = 'd' AND w.day >= edge.first_day AND w.day <= edge.last_day
GROUP BY person.bucket
UNION ALL
SELECT 5, person.bucket, CAST(sum(coalesce(c.confirmed, c.stated)) AS BIGINT), CAST(sum(c.stated) AS BIGINT), count(*), 0, NULL, NULL, NULL
FROM edge
JOIN forecast_commitment c ON c.period = edge.name
JOIN person ON person.id = c.owner
WHERE coalesce(c.confirmed, c.stated) IS NOT NULL
GROUP BY person.bucket
UNION ALL
SELECT 6, person.bucket, o.owner, (stretch.today - closed.day_number) / stretch.days, CAST(sum(o.amount) AS BIGINT), 0, NULL, NULL, NULL
FROM stretch
CROSS JOIN calendar_day closed
CROSS JOIN calendar_day begun
CROSS JOIN opportunity o
JOIN person ON person.id = o.owner
WHERE closed.day > stretch.since AND closed.day <= $today
AND begun.day_number = stretch.today - stretch.until - (stretch.today - closed.day_number) / stretch.days * stretch.days
AND o.result = 'won' AND o.closed_on = closed.day AND coalesce(o.engaged_on, o.closed_on) > begun.day
GROUP BY person.bucket, o.owner, (stretch.today - closed.day_number) / stretch.days
UNION ALL
SELECT 7, bucket, id, 0, 0, 0, day, NULL, NULL
FROM (SELECT person.bucket AS bucket, person.id AS id,
             (SELECT min(added.day) FROM opportunity_added added WHERE added.member = person.id AND added.grain = 'm') AS day
      FROM person) since
WHERE day IS NOT NULL
