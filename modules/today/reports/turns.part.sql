-- What speaks for somebody's turn on a day (asked: person, day, starts_at), in parts: 0 the points, 1 open opportunities,
-- 2 customers, 3 tasks due, 4 what is planned for the day, 5 new leads, 6 what the person chose.
-- object and record: whom it is about; the customer wherever there is one.
SELECT 0 AS part, NULL AS object, 0 AS record, NULL AS title, weight AS a, coalesce(days, 0) AS b, 0 AS c, reason AS word, NULL AS more, NULL AS deal
FROM today_reason
UNION ALL
-- a: since when in the stage, b: its norm, c: in both of the other circles; word: when it is needed, more: the stage.
SELECT 1, CASE WHEN o.customer IS NULL THEN 'opportunity' ELSE 'customer' END, coalesce(o.customer, o.id), coalesce(customer.name, o.name),
       coalesce(entered.day_number, 0), CASE WHEN coalesce(o.calm_until, '0') >= asked.day THEN 100000 ELSE coalesce(stage.norm_days, 30) END, CASE WHEN o.fits_product = 1 AND o.fits_rep = 1 THEN 1 ELSE 0 END,
       o.need_due, stage.name, o.name
FROM asked
JOIN opportunity o ON o.owner = asked.person AND o.result = 'open'
JOIN stage ON stage.id = o.stage
LEFT JOIN customer ON customer.id = o.customer
LEFT JOIN calendar_day entered ON entered.day = o.stage_entered_on
UNION ALL
-- a: last spoken with, or since when it is theirs.
SELECT 2, 'customer', c.id, c.name, coalesce(c.last_activity_at, c.owned_at, c.created_at), CASE WHEN c.last_activity_at IS NULL THEN 0 ELSE 1 END, 0, coalesce(c.level, ''), c.lifecycle, NULL
FROM asked
JOIN customer c ON c.owner = asked.person
UNION ALL
SELECT 3, CASE WHEN t.customer IS NOT NULL THEN 'customer' WHEN t.opportunity IS NOT NULL THEN 'opportunity' WHEN t.lead IS NOT NULL THEN 'lead' ELSE 'task' END,
       coalesce(t.customer, t.opportunity, t.lead, t.id), coalesce(customer.name, t.title), t.id, 0, CASE WHEN t.origin = 'next_step' THEN 1 ELSE 0 END, t.due_on, t.title, NULL
FROM asked
JOIN task t ON t.owner = asked.person AND t.state = 'open' AND t.due_on <= asked.day
LEFT JOIN customer ON customer.id = t.customer
UNION ALL
-- Of the last week, too: what was planned and not done is not forgotten.
SELECT 4, CASE WHEN a.customer IS NOT NULL THEN 'customer' WHEN a.lead IS NOT NULL THEN 'lead' ELSE 'activity' END, coalesce(a.customer, a.lead, a.id),
       coalesce(customer.name, a.subject), a.planned_at, 0, 0, a.kind, a.subject, NULL
FROM asked
JOIN activity a ON a.owner = asked.person AND a.state = 'planned' AND a.planned_at < asked.starts_at + 86400000 AND a.planned_at >= asked.starts_at - 6 * 86400000
LEFT JOIN customer ON customer.id = a.customer
UNION ALL
SELECT 5, 'lead', l.id, coalesce(l.company, l.name), l.received_at, 0, 0, NULL, NULL, NULL
FROM asked
JOIN lead l ON l.owner = asked.person AND l.state = 'new'
UNION ALL
-- a: which is later.
SELECT 6, m.object, m.record, NULL, m.id, 0, 0, m.choice, CASE WHEN m.choice = 'later' THEN coalesce(m.until, m.day) ELSE m.day END, NULL
FROM asked
JOIN today_mark m ON m.owner = asked.person
