-- What funnel.c judges, in five parts that come in any order: 0 the stages, 1 whose totals belong to which
-- group, 2 who entered a stage in a month and what became of them, 3 who left it since yesterday, 4 what lies in
-- the stages now.
WITH edge AS (
	SELECT last.day AS last_day, last.starts_at AS last_at, yesterday.starts_at AS yesterday_at,
	       first.month AS first_month, history.month AS history_month,
	       CASE WHEN $to < last.day THEN substr($to, 1, 7) ELSE last.month END AS last_month
	FROM calendar_day last
	JOIN calendar_day yesterday ON yesterday.day_number = last.day_number - 1
	JOIN calendar_day this ON this.day = last.month || '-01'
	-- 32 days before the first of a month is the month before last.
	JOIN calendar_day earlier ON earlier.day_number = this.day_number - 32
	JOIN calendar_day first ON first.day = coalesce(substr($from, 1, 7), earlier.month) || '-01'
	JOIN calendar_day history ON history.day_number = first.day_number - $history
	WHERE last.day = $today
), step AS MATERIALIZED (
	SELECT id, pipeline, position, name, name_en, norm,
	       CASE WHEN days > 400 THEN 400 WHEN days < 1 THEN 1 ELSE days END AS horizon,
	       (SELECT max(v.days) FROM stage_visit v WHERE v.stage = open.id) AS longest
	FROM (SELECT id, pipeline, position, name, name_en, coalesce(norm_days, 30) AS norm,
	             coalesce($days, 2 * norm_days, 60) AS days
	      FROM stage
	      WHERE kind = 'open' AND pipeline = coalesce($pipeline, pipeline)) open
), person AS (
	SELECT id, CASE $by WHEN 'owner' THEN id WHEN 'team' THEN team ELSE 0 END AS bucket
	FROM member
	WHERE ($by <> 'none' OR CAST($team AS BIGINT) IS NOT NULL OR CAST($owner AS BIGINT) IS NOT NULL)
	AND (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), here AS (
	SELECT o.stage AS stage, o.owner AS owner, count(*) AS n, sum(o.amount) AS amount,
	       count(*) FILTER (WHERE o.stage_entered_at < step.latest) AS over,
	       sum((step.last_at - o.stage_entered_at) / 86400000 - step.norm) FILTER (WHERE o.stage_entered_at < step.latest) AS late,
	       count(*) FILTER (WHERE (step.last_at - o.stage_entered_at) / 86400000 * 10 > step.longest) AS beyond
	FROM opportunity o
	CROSS JOIN (SELECT id, norm, longest, (SELECT last_at FROM edge) AS last_at,
	                   (SELECT last_at FROM edge) - (norm + 1) * 86400000 + 1 AS latest FROM step) step
	WHERE o.result = 'open' AND step.id = o.stage AND o.stage_entered_at < step.last_at + 86400000
	GROUP BY o.stage, o.owner
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
-- label: the month, word: the spread of fates, a: within the period.
SELECT 2, coalesce(person.bucket, 0), CAST(t.split1 AS BIGINT), t.day, t.spread,
       CASE WHEN t.day >= edge.first_month THEN 1 ELSE 0 END, 0, 0, t.value
FROM edge
CROSS JOIN person
CROSS JOIN stage_entered t
WHERE t.member = person.id AND t.grain = 'm' AND t.day >= edge.history_month AND t.day <= edge.last_month
UNION ALL
SELECT 2, 0, CAST(t.split1 AS BIGINT), t.day, t.spread,
       CASE WHEN t.day >= edge.first_month THEN 1 ELSE 0 END, 0, 0, t.value
FROM edge
CROSS JOIN stage_entered_all t
WHERE $by = 'none' AND CAST($team AS BIGINT) IS NULL AND CAST($owner AS BIGINT) IS NULL
AND t.grain = 'm' AND t.day >= edge.history_month AND t.day <= edge.last_month
UNION ALL
-- label: the day of entering, word: the fate.
SELECT 3, coalesce(person.bucket, 0), v.stage, v.entered_on, v.fate,
       CASE WHEN v.entered_on >= edge.first_month THEN 1 ELSE 0 END, 0, 0, 1
FROM edge
CROSS JOIN stage_visit v
LEFT JOIN person ON person.id = v.owner
WHERE v.left_at >= edge.yesterday_at
AND substr(v.entered_on, 1, 7) >= edge.history_month AND substr(v.entered_on, 1, 7) <= edge.last_month
AND (person.id IS NOT NULL
     OR ($by = 'none' AND CAST($team AS BIGINT) IS NULL AND CAST($owner AS BIGINT) IS NULL))
UNION ALL
-- a: older than any that left, b: over the norm, c: people, n: how many; label: days over the norm, word: money.
SELECT 4, coalesce(CASE $by WHEN 'owner' THEN here.owner WHEN 'team' THEN member.team ELSE 0 END, 0) AS place,
       here.stage, CAST(coalesce(sum(late), 0) AS TEXT), CAST(coalesce(sum(amount), 0) AS TEXT),
       CAST(sum(beyond) AS BIGINT), CAST(sum(over) AS BIGINT), count(*), CAST(sum(n) AS BIGINT)
FROM here
LEFT JOIN member ON member.id = here.owner
WHERE coalesce(here.owner, 0) = coalesce($owner, here.owner, 0)
AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
GROUP BY place, here.stage
