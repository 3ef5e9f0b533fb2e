-- Contacts by the days since the one before with the same prospect, and how many of them succeeded.
WITH edge AS (
	SELECT f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day l
	JOIN calendar_day f ON f.day = coalesce($from, (SELECT b.day FROM calendar_day b WHERE b.day_number = l.day_number - 364))
	WHERE l.day = $to
), contact AS (
	SELECT (a.done_at - lag(a.done_at) OVER (PARTITION BY CASE WHEN a.customer IS NOT NULL THEN 'c' ELSE 'l' END, coalesce(a.customer, a.lead) ORDER BY a.done_at, a.id)) / 86400000 AS days,
	       CASE $success WHEN 'intending' THEN CASE WHEN a.intention IN ('high', 'medium') THEN 1 ELSE 0 END
	            WHEN 'appointment' THEN coalesce(a.appointment, 0) WHEN 'ordered' THEN coalesce(a.ordered, 0) ELSE coalesce(a.effective, 0) END AS won
	FROM activity a
	LEFT JOIN member m ON m.id = a.owner
	WHERE a.state = 'done' AND a.kind IN ('call', 'visit', 'reception', 'meeting', 'message') AND coalesce(a.customer, a.lead) IS NOT NULL
	AND a.done_at >= (SELECT from_at FROM edge) AND a.done_at < (SELECT until FROM edge)
	AND coalesce(a.owner, 0) = coalesce($owner, a.owner, 0) AND coalesce(m.team, 0) = coalesce($team, m.team, 0)
), gap AS (
	SELECT column1 AS place, column2 AS low, column3 AS high, column4 AS name
	FROM (VALUES (1, 0, 1, '0–1'), (2, 2, 3, '2–3'), (3, 4, 7, '4–7'), (4, 8, 14, '8–14'), (5, 15, 30, '15–30'), (6, 31, 99999, '31+')) listed
)
SELECT gap.name AS gap, count(contact.won) AS n, CAST(coalesce(sum(contact.won), 0) AS BIGINT) AS won,
       gap.low AS low, gap.high AS high
FROM gap
LEFT JOIN contact ON contact.days >= gap.low AND contact.days <= gap.high
GROUP BY gap.place, gap.name, gap.low, gap.high
ORDER BY gap.place
