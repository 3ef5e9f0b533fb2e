-- What each person opened in the period, and what came into follow-up: entered one of its stages, and not from another of them.
-- By team from totals; by the customer's region and source one by one.
WITH edge AS (
	SELECT first.day AS first_day, last.day AS last_day, first.month AS first_month, last.month AS last_month,
	       first.starts_at AS from_at, last.starts_at + 86400000 AS until
	FROM calendar_day last
	JOIN calendar_day first ON first.day_number = coalesce((SELECT day_number FROM calendar_day WHERE day = $from),
	                                                       last.day_number - CASE $by WHEN 'team' THEN 89 ELSE 59 END)
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
	SELECT CAST(id AS TEXT) AS id, id AS number FROM stage WHERE quantity_role = 'follow'
), met AS MATERIALIZED (
	-- One by one, and looked up in the order in which they lie.
	SELECT a.customer AS customer, CASE WHEN a.customer IS NULL THEN a.lead END AS lead, a.owner AS person
	FROM edge
	CROSS JOIN activity a
	WHERE $by <> 'team' AND coalesce(a.first_contact, 0) = 1 AND coalesce(a.state, '') = 'done' AND a.done_at >= edge.from_at AND a.done_at < edge.until
	ORDER BY 1
), came AS MATERIALIZED (
	SELECT v.opportunity AS deal, v.owner AS person
	FROM edge
	CROSS JOIN stage_visit v
	WHERE $by <> 'team' AND v.entered_on >= edge.first_day AND v.entered_on <= edge.last_day
	-- The plus: by day, not by stage.
	AND +v.stage IN (SELECT number FROM follow) AND coalesce(v.came_from, 0) NOT IN (SELECT number FROM follow)
	ORDER BY 1
), counted AS (
	SELECT t.member AS person, 0 AS part, CAST(sum(t.value) AS BIGINT) AS opened, 0 AS followed
	FROM member p
	CROSS JOIN span
	CROSS JOIN opening t
	WHERE $by = 'team' AND t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
	GROUP BY t.member
	UNION ALL
	SELECT t.member, 0, 0, CAST(sum(t.value) AS BIGINT)
	FROM member p
	CROSS JOIN span
	CROSS JOIN stage_came t
	WHERE $by = 'team' AND t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
	AND t.split1 IN (SELECT id FROM follow) AND t.split2 NOT IN (SELECT id FROM follow)
	GROUP BY t.member
	UNION ALL
	SELECT t.person, CASE $by WHEN 'region' THEN CAST(substr(coalesce(c.region, l.region), 1, 2) AS BIGINT) ELSE coalesce(c.source, l.source) END,
	       count(*), 0
	FROM met t
	LEFT JOIN customer c ON c.id = t.customer
	LEFT JOIN lead l ON l.id = t.lead
	GROUP BY 1, 2
	UNION ALL
	SELECT t.person, CASE $by WHEN 'region' THEN CAST(substr(c.region, 1, 2) AS BIGINT) ELSE coalesce(o.source, c.source) END, 0, count(*)
	FROM came t
	CROSS JOIN opportunity o
	LEFT JOIN customer c ON c.id = CASE WHEN $by = 'region' OR o.source IS NULL THEN o.customer END
	WHERE o.id = t.deal
	GROUP BY 1, 2
)
SELECT member.id AS id, member.label AS who, coalesce(CASE $by WHEN 'team' THEN member.team ELSE counted.part END, 0) AS team_id,
       coalesce(team.name, region.name, source.name) AS team, CAST(sum(counted.opened) AS BIGINT) AS opened, CAST(sum(counted.followed) AS BIGINT) AS followed,
       (SELECT first_day FROM edge) AS since
FROM counted
JOIN member ON member.id = counted.person
LEFT JOIN team ON $by = 'team' AND team.id = member.team
LEFT JOIN region ON $by = 'region' AND region.code = CAST(counted.part AS TEXT)
LEFT JOIN source ON $by = 'source' AND source.id = counted.part
GROUP BY member.id, member.label, coalesce(CASE $by WHEN 'team' THEN member.team ELSE counted.part END, 0), coalesce(team.name, region.name, source.name)
ORDER BY 3, member.id
