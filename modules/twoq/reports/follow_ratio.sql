-- What each person opened in the period, and what came into follow-up: entered one of its stages, and not from another of them.
WITH edge AS (
	SELECT first.day AS first_day, last.day AS last_day, first.month AS first_month, last.month AS last_month
	FROM calendar_day last
	JOIN calendar_day first ON first.day_number = coalesce((SELECT day_number FROM calendar_day WHERE day = $from),
	                                                       last.day_number - 89)
	WHERE last.day = $to
), span AS MATERIALIZED (
	-- Whole months by their totals, the days before and after them each; of this month all there is, is before today.
	SELECT 'm' AS grain, CASE WHEN first_day LIKE '%-01' THEN first_month ELSE first_month || '~' END AS since,
	       CASE WHEN last_day >= $today THEN last_month || '~' ELSE last_month END AS until FROM edge
	UNION ALL
	SELECT 'd', first_day, CASE WHEN first_month < last_month THEN first_month || '~' ELSE last_day || '~' END FROM edge
	WHERE first_day NOT LIKE '%-01' OR (first_month = last_month AND last_day < $today)
	UNION ALL
	SELECT 'd', last_month || '-', last_day || '~' FROM edge WHERE first_month < last_month AND last_day < $today
), follow AS MATERIALIZED (
	SELECT CAST(id AS TEXT) AS id FROM stage WHERE quantity_role = 'follow'
), counted AS (
	SELECT t.member AS person, CAST(sum(t.value) AS BIGINT) AS opened, 0 AS followed
	FROM member p
	CROSS JOIN span
	CROSS JOIN opening t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
	GROUP BY t.member
	UNION ALL
	SELECT t.member, 0, CAST(sum(t.value) AS BIGINT)
	FROM member p
	CROSS JOIN span
	CROSS JOIN stage_came t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
	AND t.split1 IN (SELECT id FROM follow) AND t.split2 NOT IN (SELECT id FROM follow)
	GROUP BY t.member
)
SELECT member.id AS id, member.label AS who, coalesce(member.team, 0) AS team_id, team.name AS team,
       CAST(sum(counted.opened) AS BIGINT) AS opened, CAST(sum(counted.followed) AS BIGINT) AS followed
FROM counted
JOIN member ON member.id = counted.person
LEFT JOIN team ON team.id = member.team
GROUP BY member.id, member.label, member.team, team.name
ORDER BY member.team, member.id
