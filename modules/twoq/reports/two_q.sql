-- The figures of each person the reader sees totals of: what was done in the period, what was due, and
-- the value won in each of the last months (a row each).
WITH edge AS MATERIALIZED (
	SELECT first.day AS first_day, last.day AS last_day, last.month AS this_month, last.starts_at + 86400000 AS until,
	       -- Whole months are read as such.
	       CASE WHEN first.day LIKE '%-01' AND (last.day >= $today OR NOT EXISTS (SELECT 1 FROM calendar_day c WHERE c.month = last.month AND c.day > last.day)) THEN 'm' ELSE 'd' END AS grain,
	       (SELECT count(*) FROM calendar_day c WHERE c.day >= first.day AND c.day <= last.day AND c.workday = 1) AS workdays,
	       (SELECT c.day FROM calendar_day c WHERE c.day_number = last.day_number - 180) AS rated_from,
	       (SELECT c.month FROM calendar_day c WHERE c.day_number = last.day_number - 365) AS year_ago
	FROM calendar_day last
	JOIN calendar_day first ON first.day = coalesce($from, substr(last.day, 1, 8) || '01')
	WHERE last.day = $to
), person AS MATERIALIZED (
	-- With any figures within the year.
	SELECT m.id AS id, m.label AS label, m.team AS team, m.roles AS roles, m.hired_on AS hired_on
	FROM member m
	WHERE m.id = coalesce($owner, m.id) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
	AND (EXISTS (SELECT 1 FROM opening t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT year_ago FROM edge))
	     OR EXISTS (SELECT 1 FROM visit_done t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT year_ago FROM edge))
	     OR EXISTS (SELECT 1 FROM stage_entered t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT year_ago FROM edge))
	     OR EXISTS (SELECT 1 FROM opportunity_won t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT year_ago FROM edge)))
), standard AS (
	-- The most specific, of these the latest.
	SELECT p.id AS person, s.opening_day AS opening_day, s.follow_stock AS follow_stock,
	       s.floor_quantity AS floor_quantity, s.floor_quality AS floor_quality,
	       row_number() OVER (PARTITION BY p.id ORDER BY
	           CASE WHEN s.person IS NOT NULL THEN 3 WHEN s.team IS NOT NULL THEN 2 WHEN s.role IS NOT NULL THEN 1 ELSE 0 END DESC,
	           s.valid_from DESC, s.id DESC) AS place
	FROM person p
	JOIN work_standard s ON (s.person IS NULL OR s.person = p.id) AND (s.team IS NULL OR s.team = p.team)
	     AND (s.role IS NULL OR p.roles LIKE '%,' || CAST(s.role AS TEXT) || ',%')
	WHERE s.valid_from <= $to
), span AS MATERIALIZED (
	SELECT grain, CASE grain WHEN 'm' THEN substr(first_day, 1, 7) ELSE first_day END AS since FROM edge
), done AS (
	SELECT member, sum(value) AS opening, 0 AS visits, 0 AS reached, 0 AS advanced, 0 AS known, 0 AS met, 0 AS final, 0 AS amount
	FROM person p CROSS JOIN opening t WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
	UNION ALL
	SELECT member, 0, sum(value), 0, 0, 0, 0, 0, 0 FROM person p CROSS JOIN visit_done t
	WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
	UNION ALL
	SELECT member, 0, 0, sum(value), 0, 0, 0, 0, 0 FROM person p CROSS JOIN visit_goal_reached t
	WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
	UNION ALL
	SELECT member, 0, 0, 0, sum(value), 0, 0, 0, 0 FROM person p CROSS JOIN visit_advanced t
	WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
	UNION ALL
	SELECT member, 0, 0, 0, 0, sum(value), 0, 0, 0 FROM person p CROSS JOIN profile_known t
	WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
	UNION ALL
	SELECT member, 0, 0, 0, 0, 0, sum(value), 0, 0 FROM person p CROSS JOIN profile_met t
	WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
	UNION ALL
	SELECT member, 0, 0, 0, 0, 0, 0, sum(value), 0 FROM person p CROSS JOIN opportunity_won t
	WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
	UNION ALL
	SELECT member, 0, 0, 0, 0, 0, 0, 0, sum(value) FROM person p CROSS JOIN opportunity_won_amount t
	WHERE t.member = p.id AND t.grain = (SELECT grain FROM span) AND t.day >= (SELECT since FROM span) AND t.day <= $to GROUP BY member
), summed AS (
	SELECT member, sum(opening) AS opening, sum(visits) AS visits, sum(reached) AS reached,
	       sum(advanced) AS advanced, sum(known) AS known, sum(met) AS met, sum(final) AS final, sum(amount) AS amount
	FROM done
	GROUP BY member
), follow AS MATERIALIZED (
	SELECT id, CAST(id AS TEXT) AS name FROM stage WHERE quantity_role = 'follow'
), later AS MATERIALIZED (
	-- What came and went after the period: whole months, and the days of the month in which it ends.
	SELECT 'm' AS grain, this_month || '-99' AS day, '9' AS until FROM edge
	UNION ALL
	SELECT 'd', last_day, this_month || '-99' FROM edge
), stock AS (
	-- Still there; and gone only afterwards: all that went later, but for what had come later.
	SELECT owner, CAST(sum(n) AS BIGINT) AS follow
	FROM (SELECT owner, count(*) AS n
	      FROM opportunity
	      WHERE result = 'open' AND stage IN (SELECT id FROM follow) AND stage_entered_at < (SELECT until FROM edge)
	      GROUP BY stage, owner
	      UNION ALL
	      SELECT t.member, sum(t.value)
	      FROM later CROSS JOIN person p CROSS JOIN stage_went t
	      WHERE t.member = p.id AND t.grain = later.grain AND t.day > later.day AND t.day < later.until AND t.split1 IN (SELECT name FROM follow)
	      GROUP BY t.member
	      UNION ALL
	      SELECT t.member, -sum(t.value)
	      FROM later CROSS JOIN person p CROSS JOIN stage_came t
	      WHERE t.member = p.id AND t.grain = later.grain AND t.day > later.day AND t.day < later.until AND t.split1 IN (SELECT name FROM follow)
	      GROUP BY t.member
	      UNION ALL
	      SELECT v.owner, count(*)
	      FROM stage_visit v
	      WHERE v.left_at IS NULL AND v.stage IN (SELECT id FROM follow) AND v.entered_at >= (SELECT until FROM edge)
	      GROUP BY v.owner) here
	GROUP BY owner
), rated AS (
	SELECT person, avg((impression + conversation + guiding + empathy - 4) / 16.0) AS skill
	FROM skill_rating
	WHERE rated_on >= (SELECT rated_from FROM edge) AND rated_on <= $to
	GROUP BY person
), month AS MATERIALIZED (
	-- Whole months before this one.
	SELECT month, row_number() OVER (ORDER BY month DESC) AS back
	FROM calendar_day
	WHERE month < (SELECT this_month FROM edge)
	AND day_number >= (SELECT c.day_number - 31 * $months FROM calendar_day c WHERE c.day = $to)
	GROUP BY month
), earned AS MATERIALIZED (
	SELECT p.id AS person, month.back AS back, CAST(coalesce(t.value, 0) AS BIGINT) AS amount
	FROM person p
	CROSS JOIN month
	LEFT JOIN (SELECT member, day, sum(value) AS value FROM opportunity_won_amount
	           WHERE grain = 'm' AND member IN (SELECT id FROM person) AND day >= (SELECT min(month) FROM month) AND day < (SELECT this_month FROM edge) GROUP BY member, day) t
	     ON t.member = p.id AND t.day = month.month
	WHERE month.back <= $months AND month.month >= substr(coalesce(p.hired_on, '0'), 1, 7)
)
SELECT p.id AS id, p.label AS who, team.name AS team,
       CAST(coalesce(summed.opening, 0) AS BIGINT) AS opening,
       coalesce(standard.opening_day, 0) * (SELECT workdays FROM edge) AS opening_due,
       coalesce(stock.follow, 0) AS follow, coalesce(standard.follow_stock, 0) AS follow_due,
       CAST(coalesce(summed.visits, 0) AS BIGINT) AS visits, CAST(coalesce(summed.reached, 0) AS BIGINT) AS reached,
       CAST(coalesce(summed.advanced, 0) AS BIGINT) AS advanced, CAST(coalesce(summed.known, 0) AS BIGINT) AS known,
       CAST(coalesce(summed.met, 0) AS BIGINT) AS met, rated.skill AS skill,
       coalesce(standard.floor_quantity, 8000) AS floor_quantity, coalesce(standard.floor_quality, 6000) AS floor_quality,
       CAST(coalesce(summed.final, 0) AS BIGINT) AS final, CAST(coalesce(summed.amount, 0) AS BIGINT) AS amount,
       earned.amount AS month_amount
FROM person p
LEFT JOIN team ON team.id = p.team
LEFT JOIN standard ON standard.person = p.id AND standard.place = 1
LEFT JOIN summed ON summed.member = p.id
LEFT JOIN stock ON stock.owner = p.id
LEFT JOIN rated ON rated.person = p.id
LEFT JOIN earned ON earned.person = p.id
ORDER BY p.team, p.id, earned.back
