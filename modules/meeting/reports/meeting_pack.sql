-- One row per seat, each with the kind of the meeting, its days and all figures, in the order of pack.c.
WITH m AS (
	SELECT m.id AS id, m.kind AS kind, m.day AS day, m.since AS since, m.until AS until, m.ahead AS ahead,
	       first.starts_at AS from_at, last.starts_at + 86400000 AS to_at, week.day AS monday
	FROM meeting m
	JOIN calendar_day first ON first.day = m.since
	JOIN calendar_day last ON last.day = m.until
	JOIN calendar_day here ON here.day = m.day
	JOIN calendar_day week ON week.day_number = here.day_number - 13
	WHERE m.id = $meeting
), them AS (
	SELECT s.member AS id FROM meeting_seat s WHERE s.meeting = $meeting
), won AS (
	SELECT o.amount AS amount FROM opportunity o, m
	WHERE o.owner IN (SELECT id FROM them) AND o.result = 'won' AND o.closed_on >= m.since AND o.closed_on <= m.until
)
SELECT them.id AS member, m.kind AS kind, m.day AS day, m.since AS since, m.until AS until, m.ahead AS ahead, m.monday AS monday,
       (SELECT count(*) FROM won) AS won, (SELECT coalesce(sum(amount), 0) FROM won) AS won_amount,
       (SELECT count(*) FROM activity a WHERE a.owner IN (SELECT id FROM them) AND a.kind = 'visit' AND a.state = 'done'
        AND a.done_at >= m.from_at AND a.done_at < m.to_at) AS visits,
       (SELECT count(*) FROM daily_report r WHERE r.owner IN (SELECT id FROM them) AND r.day >= m.since AND r.day <= m.until
        AND r.submitted_at IS NOT NULL) AS reports,
       (SELECT count(*) FROM daily_report r WHERE r.owner IN (SELECT id FROM them) AND r.day >= m.since AND r.day <= m.until
        AND r.state = 'draft') AS missing,
       (SELECT count(*) FROM week_report w WHERE w.owner IN (SELECT id FROM them) AND w.monday >= m.monday AND w.monday < m.day) AS weeks,
       (SELECT count(*) FROM task t WHERE t.owner IN (SELECT id FROM them) AND t.origin LIKE 'alert/%' AND t.state = 'open') AS abnormal,
       (SELECT count(*) FROM market_form f WHERE f.owner IN (SELECT id FROM them) AND f.day >= m.since AND f.day <= m.until) AS market,
       (SELECT count(*) FROM complaint c WHERE c.owner IN (SELECT id FROM them) AND c.received_on >= m.since
        AND c.received_on <= m.until) AS complaints,
       (SELECT count(*) FROM visit_plan p WHERE p.owner IN (SELECT id FROM them) AND p.day = m.ahead) AS plans,
       (SELECT count(*) FROM promise p WHERE p.owner IN (SELECT id FROM them) AND p.state IN ('open', 'overdue')
        AND p.due_on <= m.ahead) AS promises,
       (SELECT count(*) FROM task t WHERE t.owner IN (SELECT id FROM them) AND t.state = 'open' AND t.due_on < m.day) AS overdue,
       (SELECT count(*) FROM task t WHERE t.owner IN (SELECT id FROM them) AND t.state = 'open' AND t.meeting IS NOT NULL) AS actions
FROM m, them
ORDER BY them.id
