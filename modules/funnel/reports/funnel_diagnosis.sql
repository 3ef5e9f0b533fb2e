-- What funnel.c judges, in five parts that come in any order: 0 the stages, 1 whose totals belong to which
-- group, 2 how many entered a stage, 3 how many of them left it how and after how many days, 4 what lies in
-- the stages now.  Totals are those of the measures, by day of entering: of months that are over for good
-- (nobody who entered in one is still within the days looked at) those of the month, of others those of each day.
WITH edge AS (
	-- Days as numbers and as text; the history begins with a month.
	SELECT last.day AS last_day, last.day_number AS last_number, last.starts_at AS last_at,
	       first.day AS first_day, history.month AS history_month
	FROM calendar_day last
	JOIN calendar_day first ON first.day_number = coalesce((SELECT day_number FROM calendar_day WHERE day = $from),
	                                                       last.day_number - 89)
	JOIN calendar_day history ON history.day_number = first.day_number - $history
	WHERE last.day = $as_of
), step AS MATERIALIZED (
	SELECT id, pipeline, position, name, name_en, norm,
	       CASE WHEN days > 400 THEN 400 WHEN days < 1 THEN 1 ELSE days END AS horizon,
	       (SELECT max(v.days) FROM stage_visit v WHERE v.stage = open.id
	        AND v.left_at < (SELECT last_at + 86400000 FROM edge)) AS longest
	FROM (SELECT id, pipeline, position, name, name_en, coalesce(norm_days, 30) AS norm,
	             coalesce($days, 2 * norm_days, 60) AS days
	      FROM stage
	      WHERE kind = 'open' AND pipeline = coalesce($pipeline, pipeline)) open
), bound AS MATERIALIZED (
	-- Where months become days: the month of the first day, the first one not over for good, the last one.
	SELECT edge.history_month AS history, substr(edge.first_day, 1, 7) AS middle, young.month AS young,
	       substr(coalesce($to, edge.last_day), 1, 7) AS last,
	       CASE WHEN $to < edge.last_day THEN $to ELSE edge.last_day END || '~' AS ends
	FROM edge
	JOIN calendar_day young ON young.day_number = edge.last_number - 1 - (SELECT max(horizon) FROM step)
), span AS MATERIALIZED (
	-- Totals of a grain from a day (or month) up to, not including, another.
	SELECT 'm' AS grain, history AS since,
	       (SELECT min(m) FROM (SELECT middle AS m UNION ALL SELECT young UNION ALL SELECT last) b) AS until
	FROM bound
	UNION ALL
	SELECT 'm', middle || '-', CASE WHEN young < last THEN young ELSE last END FROM bound
	UNION ALL
	SELECT 'd', middle || '-', CASE WHEN ends < middle || '~' THEN ends ELSE middle || '~' END FROM bound WHERE middle < young
	UNION ALL
	SELECT 'd', young || '-', ends FROM bound
	UNION ALL
	SELECT 'd', last || '-', ends FROM bound WHERE last > middle AND last < young
), person AS (
	SELECT id, CASE $by WHEN 'owner' THEN id WHEN 'team' THEN team ELSE 0 END AS bucket
	FROM member
	WHERE ($by <> 'none' OR CAST($team AS BIGINT) IS NOT NULL OR CAST($owner AS BIGINT) IS NOT NULL)
	AND id = coalesce($owner, id) AND coalesce(team, 0) = coalesce($team, team, 0)
), still AS (
	-- Two ways to be there on that day; each has its index.  Most stays without an end are in won and lost.
	SELECT v.opportunity AS opportunity, v.stage AS stage, v.owner AS owner, v.entered_at AS entered_at,
	       v.entered_on AS entered_on, step.norm AS norm, step.longest AS longest
	FROM step
	CROSS JOIN stage_visit v
	WHERE v.stage = step.id AND v.left_at IS NULL
	UNION ALL
	SELECT v.opportunity, v.stage, v.owner, v.entered_at, v.entered_on, step.norm, step.longest
	FROM stage_visit v
	JOIN step ON step.id = v.stage
	WHERE v.left_at >= (SELECT last_at + 86400000 FROM edge)
), here AS (
	SELECT CASE $by WHEN 'owner' THEN still.owner WHEN 'team' THEN member.team ELSE 0 END AS bucket,
	       still.stage AS stage, still.owner AS owner, o.amount AS amount, still.longest AS longest,
	       (edge.last_at - still.entered_at) / 86400000 AS days,
	       (edge.last_at - still.entered_at) / 86400000 - still.norm AS late
	FROM edge
	CROSS JOIN still
	JOIN opportunity o ON o.id = still.opportunity
	LEFT JOIN member ON member.id = still.owner
	WHERE still.entered_on <= edge.last_day
	AND coalesce(still.owner, 0) = coalesce($owner, still.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
)
-- a: pipeline, b: days looked at, c: norm, n: tenths of a day of the longest stay that ended; in the order of the stages.
SELECT 0 AS part, pipeline * 1000 + position AS bucket, id AS stage, name AS label, name_en AS word,
       pipeline AS a, horizon AS b, norm AS c, coalesce(longest, -1) AS n
FROM step
UNION ALL
SELECT 1, id, 0, name, NULL, 0, 0, 0, 0 FROM team WHERE $by = 'team'
UNION ALL
SELECT 1, id, 0, label, NULL, 0, 0, 0, 0 FROM member WHERE $by = 'owner'
UNION ALL
-- label: day or month of entering, a: within the period.
SELECT 2, coalesce(person.bucket, 0), CAST(t.split1 AS BIGINT), t.day, NULL,
       CASE WHEN t.day >= (SELECT first_day FROM edge) THEN 1 ELSE 0 END, 0, 0, t.value
FROM person
CROSS JOIN span
JOIN stage_entered t ON t.member = person.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
UNION ALL
SELECT 2, 0, CAST(t.split1 AS BIGINT), t.day, NULL,
       CASE WHEN t.day >= (SELECT first_day FROM edge) THEN 1 ELSE 0 END, 0, 0, t.value
FROM span
JOIN stage_entered_all t ON t.grain = span.grain AND t.day >= span.since AND t.day < span.until
WHERE $by = 'none' AND CAST($team AS BIGINT) IS NULL AND CAST($owner AS BIGINT) IS NULL
UNION ALL
-- word: how it left.
SELECT 3, coalesce(person.bucket, 0), CAST(t.split1 AS BIGINT), t.day, t.split2,
       CASE WHEN t.day >= (SELECT first_day FROM edge) THEN 1 ELSE 0 END, 0, 0, t.value
FROM person
CROSS JOIN span
JOIN stage_left t ON t.member = person.id AND t.grain = span.grain AND t.day >= span.since AND t.day < span.until
UNION ALL
SELECT 3, 0, CAST(t.split1 AS BIGINT), t.day, t.split2,
       CASE WHEN t.day >= (SELECT first_day FROM edge) THEN 1 ELSE 0 END, 0, 0, t.value
FROM span
JOIN stage_left_all t ON t.grain = span.grain AND t.day >= span.since AND t.day < span.until
WHERE $by = 'none' AND CAST($team AS BIGINT) IS NULL AND CAST($owner AS BIGINT) IS NULL
UNION ALL
-- a: older than any that left, b: over the norm, c: people, n: how many; label: days over the norm, word: money.
SELECT 4, coalesce(bucket, 0), stage, CAST(coalesce(sum(late) FILTER (WHERE late > 0), 0) AS TEXT),
       CAST(coalesce(sum(amount), 0) AS TEXT), count(*) FILTER (WHERE days * 10 > longest),
       count(*) FILTER (WHERE late > 0), count(DISTINCT owner), count(*)
FROM here
GROUP BY bucket, stage
