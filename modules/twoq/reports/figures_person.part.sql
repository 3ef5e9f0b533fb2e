-- Of each period (number from the latest on, grain, first_day, last_day, this_month, since, until, until_before, until_after, workdays, rated_from, year_ago) – one, or several
-- whole months – the figures of each person the reader sees totals of.
-- standard and figures go on.
person AS MATERIALIZED (
	-- With any figures within the year.
	SELECT m.id AS id, m.label AS label, m.team AS team, m.roles AS roles, m.hired_on AS hired_on
	FROM member m
	WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	AND (EXISTS (SELECT 1 FROM visit_done t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT max(year_ago) FROM period))
	     OR EXISTS (SELECT 1 FROM opening t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT max(year_ago) FROM period))
	     OR EXISTS (SELECT 1 FROM stage_entered t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT max(year_ago) FROM period))
	     OR EXISTS (SELECT 1 FROM opportunity_won t WHERE t.member = m.id AND t.grain = 'm' AND t.day >= (SELECT max(year_ago) FROM period)))
), asked AS (
	SELECT p.id AS id, p.team AS team, p.roles AS roles, period.last_day AS day FROM person p CROSS JOIN period
), standard AS MATERIALIZED (
	SELECT p.id AS person, p.day AS day, s.opening_day AS opening_day, s.follow_stock AS follow_stock,
	       s.floor_quantity AS floor_quantity, s.floor_quality AS floor_quality,
