-- Opening and final are totals; follow-up is the stock at the end, gone back from by what entered and left.
-- Behind a row are the three lists of three_figures_list.
WITH edge AS (
	SELECT first.day AS first_day, last.day AS last_day, last.starts_at + 86400000 AS until,
	       -- Whole months are read as such.
	       CASE WHEN $by <> 'day' AND first.day LIKE '%-01' AND last.day >= $today THEN 'm' ELSE 'd' END AS grain,
	       before.day AS before_day
	FROM calendar_day last
	JOIN calendar_day first ON first.day = coalesce($from, substr(last.day, 1, 8) || '01')
	JOIN calendar_day before ON before.day_number = 2 * first.day_number - last.day_number - 1
	WHERE last.day = $to
), follow AS MATERIALIZED (
	SELECT id, CAST(id AS TEXT) AS name FROM stage WHERE quantity_role = 'follow' AND pipeline = coalesce($pipeline, pipeline)
), fact AS (
	-- One kind of figure a row; day '' is the stock at the end.
	SELECT t.member AS person, t.day AS day, t.value AS opening, 0 AS came, 0 AS went, 0 AS stock, 0 AS final, 0 AS amount
	FROM member p CROSS JOIN opening t
	WHERE t.member = p.id AND t.grain = 'd' AND t.day >= (SELECT before_day FROM edge) AND t.day <= (SELECT last_day FROM edge)
	UNION ALL
	SELECT t.member, t.day, 0, 0, 0, 0, t.value, 0 FROM member p CROSS JOIN opportunity_won t
	WHERE t.member = p.id AND t.grain = 'd' AND t.day >= (SELECT before_day FROM edge) AND t.day <= (SELECT last_day FROM edge)
	UNION ALL
	SELECT t.member, t.day, 0, 0, 0, 0, 0, t.value FROM member p CROSS JOIN opportunity_won_amount t
	WHERE t.member = p.id AND t.grain = 'd' AND t.day >= (SELECT first_day FROM edge) AND t.day <= (SELECT last_day FROM edge)
	UNION ALL
	-- Into follow-up, and not from another of its stages.
	SELECT t.member, CASE edge.grain WHEN 'm' THEN t.day || '-01' ELSE t.day END, 0, t.value, 0, 0, 0, 0
	FROM edge
	CROSS JOIN member p
	CROSS JOIN stage_came t
	WHERE t.member = p.id AND t.grain = edge.grain AND t.day >= substr(edge.first_day, 1, CASE edge.grain WHEN 'm' THEN 7 ELSE 10 END)
	AND t.day <= edge.last_day
	AND t.split1 IN (SELECT name FROM follow) AND t.split2 NOT IN (SELECT name FROM follow)
	UNION ALL
	-- Out of it, and not into another of them.
	SELECT t.member, CASE edge.grain WHEN 'm' THEN t.day || '-01' ELSE t.day END, 0, 0, t.value, 0, 0, 0
	FROM edge
	CROSS JOIN member p
	CROSS JOIN stage_went t
	WHERE t.member = p.id AND t.grain = edge.grain AND t.day >= substr(edge.first_day, 1, CASE edge.grain WHEN 'm' THEN 7 ELSE 10 END)
	AND t.day <= edge.last_day
	AND t.split1 IN (SELECT name FROM follow) AND t.split2 NOT IN (SELECT name FROM follow)
	UNION ALL
	-- Still there, or gone only afterwards.
	SELECT owner, '', 0, 0, 0, count(*), 0, 0
	FROM opportunity
	WHERE result = 'open' AND stage IN (SELECT id FROM follow) AND stage_entered_at < (SELECT until FROM edge)
	GROUP BY stage, owner
	UNION ALL
	SELECT v.owner, '', 0, 0, 0, 1, 0, 0
	FROM stage_visit v
	JOIN follow ON follow.id = v.stage
	WHERE v.left_at >= (SELECT until FROM edge) AND +v.entered_at < (SELECT until FROM edge)
), chosen AS (
	SELECT fact.*, CASE $by WHEN 'day' THEN day WHEN 'owner' THEN CAST(fact.person AS TEXT)
	                        WHEN 'team' THEN CAST(member.team AS TEXT) ELSE '*' END AS bucket,
	       CASE $by WHEN 'owner' THEN member.label WHEN 'team' THEN team.name WHEN 'day' THEN day END AS name,
	       CASE WHEN day = '' OR day >= (SELECT first_day FROM edge) THEN 1 ELSE 0 END AS recent
	FROM fact
	LEFT JOIN member ON member.id = fact.person
	LEFT JOIN team ON team.id = member.team
	WHERE coalesce(fact.person, 0) = coalesce($owner, fact.person, 0)
	AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
), grouped AS (
	SELECT coalesce(bucket, '') AS bucket, max(name) AS name,
	       coalesce(sum(opening) FILTER (WHERE recent = 1), 0) AS opening,
	       coalesce(sum(opening) FILTER (WHERE recent = 0), 0) AS opening_before,
	       sum(came) AS came, sum(went) AS went, sum(stock) AS stock,
	       coalesce(sum(final) FILTER (WHERE recent = 1), 0) AS final,
	       coalesce(sum(final) FILTER (WHERE recent = 0), 0) AS final_before, sum(amount) AS amount
	FROM chosen
	GROUP BY coalesce(bucket, '')
), day AS (
	-- Every day of the period, also those on which nothing happened.
	SELECT c.day AS day, g.*, lag(coalesce(g.opening, 0)) OVER (ORDER BY c.day) AS last_opening,
	       lag(coalesce(g.final, 0)) OVER (ORDER BY c.day) AS last_final,
	       (SELECT coalesce(sum(stock), 0) FROM grouped) - coalesce(sum(g.came - g.went) OVER (ORDER BY c.day DESC
	           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS after
	FROM calendar_day c
	LEFT JOIN grouped g ON g.bucket = c.day
	WHERE $by = 'day' AND c.day >= (SELECT first_day FROM edge) AND c.day <= (SELECT last_day FROM edge)
)
SELECT coalesce(name, '–') AS label, CAST(opening AS BIGINT) AS opening, CAST(opening_before AS BIGINT) AS opening_before,
       CAST(stock - came + went AS BIGINT) AS follow_before, CAST(came AS BIGINT) AS follow_in,
       CAST(went AS BIGINT) AS follow_out, CAST(stock AS BIGINT) AS follow, CAST(final AS BIGINT) AS final,
       CAST(final_before AS BIGINT) AS final_before, CAST(amount AS BIGINT) AS amount,
       -- Those of nobody, or of no team, have no list.
       CASE WHEN bucket <> '' THEN (SELECT 'report/three_figures_list?from=' || first_day || '&to=' || last_day FROM edge)
           || CASE WHEN $by = 'owner' THEN '&owner=' || bucket ELSE coalesce('&owner=' || CAST($owner AS TEXT), '') END
           || CASE WHEN $by = 'team' THEN '&team=' || bucket ELSE coalesce('&team=' || CAST($team AS TEXT), '') END
           || coalesce('&pipeline=' || CAST($pipeline AS TEXT), '') END AS open
FROM grouped
WHERE $by <> 'day'
UNION ALL
SELECT day, CAST(coalesce(opening, 0) AS BIGINT), CAST(last_opening AS BIGINT),
       CAST(after - coalesce(came, 0) + coalesce(went, 0) AS BIGINT), CAST(coalesce(came, 0) AS BIGINT),
       CAST(coalesce(went, 0) AS BIGINT), CAST(after AS BIGINT), CAST(coalesce(final, 0) AS BIGINT),
       CAST(last_final AS BIGINT), CAST(coalesce(amount, 0) AS BIGINT),
       'report/three_figures_list?from=' || day || '&to=' || day || coalesce('&owner=' || CAST($owner AS TEXT), '')
           || coalesce('&team=' || CAST($team AS TEXT), '') || coalesce('&pipeline=' || CAST($pipeline AS TEXT), '')
FROM day
ORDER BY 1
