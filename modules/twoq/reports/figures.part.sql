-- Behind figures_person and standard: what was done, what was due.
), span AS MATERIALIZED (
	-- All periods, to be read at once.
	SELECT max(grain) AS grain, min(since) AS since, max(last_day) AS last_day, min(until) AS until, CASE WHEN count(*) > 1 THEN 1 ELSE 0 END AS several FROM period
), done AS (
	-- What was won from the totals by pipeline: fewer than those by product and source.
	SELECT t.member AS member, CASE span.several WHEN 1 THEN t.day ELSE '' END AS month, sum(value) AS opening, 0 AS visits, 0 AS reached, 0 AS advanced, 0 AS known, 0 AS met, 0 AS final, 0 AS amount
	FROM span CROSS JOIN person p CROSS JOIN opening t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day GROUP BY 1, 2
	UNION ALL
	SELECT t.member, CASE span.several WHEN 1 THEN t.day ELSE '' END, 0, sum(value), 0, 0, 0, 0, 0, 0 FROM span CROSS JOIN person p CROSS JOIN visit_done t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day GROUP BY 1, 2
	UNION ALL
	SELECT t.member, CASE span.several WHEN 1 THEN t.day ELSE '' END, 0, 0, sum(value), 0, 0, 0, 0, 0 FROM span CROSS JOIN person p CROSS JOIN visit_goal_reached t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day GROUP BY 1, 2
	UNION ALL
	SELECT t.member, CASE span.several WHEN 1 THEN t.day ELSE '' END, 0, 0, 0, sum(value), 0, 0, 0, 0 FROM span CROSS JOIN person p CROSS JOIN visit_advanced t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day GROUP BY 1, 2
	UNION ALL
	SELECT t.member, CASE span.several WHEN 1 THEN t.day ELSE '' END, 0, 0, 0, 0, sum(value), 0, 0, 0 FROM span CROSS JOIN person p CROSS JOIN profile_known t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day GROUP BY 1, 2
	UNION ALL
	SELECT t.member, CASE span.several WHEN 1 THEN t.day ELSE '' END, 0, 0, 0, 0, 0, sum(value), 0, 0 FROM span CROSS JOIN person p CROSS JOIN profile_met t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day GROUP BY 1, 2
	UNION ALL
	SELECT t.member, CASE span.several WHEN 1 THEN t.day ELSE '' END, 0, 0, 0, 0, 0, 0, sum(value), 0 FROM span CROSS JOIN person p CROSS JOIN deal_ended t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day AND t.split2 = 'won' GROUP BY 1, 2
	UNION ALL
	SELECT t.member, CASE span.several WHEN 1 THEN t.day ELSE '' END, 0, 0, 0, 0, 0, 0, 0, sum(value) FROM span CROSS JOIN person p CROSS JOIN deal_ended_amount t
	WHERE t.member = p.id AND t.grain = span.grain AND t.day >= span.since AND t.day <= span.last_day AND t.split2 = 'won' GROUP BY 1, 2
), summed AS MATERIALIZED (
	SELECT member, month, sum(opening) AS opening, sum(visits) AS visits, sum(reached) AS reached,
	       sum(advanced) AS advanced, sum(known) AS known, sum(met) AS met, sum(final) AS final, sum(amount) AS amount
	FROM done
	GROUP BY member, month
), follow AS MATERIALIZED (
	SELECT id, CAST(id AS TEXT) AS name FROM stage WHERE quantity_role = 'follow'
), later AS MATERIALIZED (
	-- What came and went after a period: whole months, and the days of the month in which it ends.
	SELECT 'm' AS grain, min(this_month) || '-99' AS day, '9' AS until FROM period
	UNION ALL
	SELECT 'd', last_day, this_month || '-99' FROM period WHERE (SELECT several FROM span) = 0
), moved AS MATERIALIZED (
	SELECT member, grain, day, sum(n) AS n
	FROM (SELECT t.member AS member, t.grain AS grain, t.day AS day, sum(t.value) AS n
	      FROM later CROSS JOIN person p CROSS JOIN stage_went t
	      WHERE t.member = p.id AND t.grain = later.grain AND t.day > later.day AND t.day < later.until AND t.split1 IN (SELECT name FROM follow)
	      GROUP BY t.member, t.grain, t.day
	      UNION ALL
	      SELECT t.member, t.grain, t.day, -sum(t.value)
	      FROM later CROSS JOIN person p CROSS JOIN stage_came t
	      WHERE t.member = p.id AND t.grain = later.grain AND t.day > later.day AND t.day < later.until AND t.split1 IN (SELECT name FROM follow)
	      GROUP BY t.member, t.grain, t.day) each_way
	GROUP BY member, grain, day
), stayed AS MATERIALIZED (
	-- Still there, by the oldest period in which they were already: each person's lie in an index by the moment they came.
	SELECT p.id AS owner, period.number AS oldest,
	       (SELECT count(*) FROM follow f CROSS JOIN opportunity o
	        WHERE o.result = 'open' AND o.stage = f.id AND o.owner = p.id AND o.stage_entered_at < period.until AND o.stage_entered_at >= period.until_before) AS n
	FROM person p
	CROSS JOIN period
), arrived AS MATERIALIZED (
	-- There now, by the latest period in which they were not yet.
	SELECT v.owner AS owner, period.number AS latest, count(*) AS n
	FROM stage_visit v
	CROSS JOIN period
	WHERE v.left_at IS NULL AND v.stage IN (SELECT id FROM follow) AND v.entered_at >= (SELECT until FROM span)
	AND v.entered_at >= period.until AND v.entered_at < period.until_after
	GROUP BY v.owner, period.number
), stock AS MATERIALIZED (
	-- Still there; and gone only afterwards: all that went later, but for what had come later.
	SELECT number, owner, CAST(sum(n) AS BIGINT) AS follow
	FROM (SELECT period.number AS number, stayed.owner AS owner, stayed.n AS n
	      FROM stayed
	      CROSS JOIN period
	      WHERE period.number <= stayed.oldest
	      UNION ALL
	      SELECT period.number, moved.member, moved.n
	      FROM moved
	      CROSS JOIN period
	      WHERE moved.grain = 'd' OR moved.day > period.this_month
	      UNION ALL
	      SELECT period.number, arrived.owner, arrived.n
	      FROM arrived
	      CROSS JOIN period
	      WHERE period.number >= arrived.latest) here
	GROUP BY number, owner
), rated AS (
	SELECT period.number AS number, r.person AS person, avg((r.impression + r.conversation + r.guiding + r.empathy - 4) / 16.0) AS skill
	FROM period
	CROSS JOIN skill_rating r
	WHERE r.rated_on >= period.rated_from AND r.rated_on <= period.last_day
	GROUP BY period.number, r.person
), figures AS (
	SELECT period.number AS number, p.id AS id, p.label AS who, p.team AS team_id, team.name AS team, p.hired_on AS hired_on,
	       CAST(coalesce(summed.opening, 0) AS BIGINT) AS opening,
	       coalesce(standard.opening_day, 0) * period.workdays AS opening_due,
	       coalesce(stock.follow, 0) AS follow, coalesce(standard.follow_stock, 0) AS follow_due,
	       CAST(coalesce(summed.visits, 0) AS BIGINT) AS visits, CAST(coalesce(summed.reached, 0) AS BIGINT) AS reached,
	       CAST(coalesce(summed.advanced, 0) AS BIGINT) AS advanced, CAST(coalesce(summed.known, 0) AS BIGINT) AS known,
	       CAST(coalesce(summed.met, 0) AS BIGINT) AS met, rated.skill AS skill,
	       coalesce(standard.floor_quantity, 8000) AS floor_quantity, coalesce(standard.floor_quality, 6000) AS floor_quality,
	       CAST(coalesce(summed.final, 0) AS BIGINT) AS final, CAST(coalesce(summed.amount, 0) AS BIGINT) AS amount
	FROM person p
	CROSS JOIN period
	LEFT JOIN team ON team.id = p.team
	LEFT JOIN standard ON standard.person = p.id AND standard.day = period.last_day AND standard.place = 1
	LEFT JOIN summed ON summed.member = p.id AND summed.month = CASE (SELECT several FROM span) WHEN 1 THEN period.this_month ELSE '' END
	LEFT JOIN stock ON stock.owner = p.id AND stock.number = period.number
	LEFT JOIN rated ON rated.person = p.id AND rated.number = period.number
)
