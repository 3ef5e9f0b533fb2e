-- Each figure with the one before it of the same group.
WITH f AS (
	SELECT g.id AS id, g.team AS team, g.name AS name, g.kind AS kind, g.day AS day, g.points AS points, g.counted AS counted,
	       lag(g.points * 100 / g.counted) OVER (PARTITION BY g.team, g.kind ORDER BY g.day, g.id) AS before,
	       row_number() OVER (PARTITION BY g.team, g.kind ORDER BY g.day DESC, g.id DESC) AS place
	FROM pulse_figure g
), month AS (
	SELECT d.month AS month, min(d.starts_at) AS since, max(d.starts_at) + 86400000 AS until
	FROM calendar_day d
	WHERE d.month IN (SELECT substr(day, 1, 7) FROM f)
	GROUP BY d.month
)
SELECT f.team AS team_id, f.name AS team, f.day AS day, f.points * 100 / f.counted AS mean, f.counted AS counted, f.before AS before,
       f.points * 100 / f.counted - f.before AS change, f.kind AS kind,
       (SELECT CAST(coalesce(sum(o.amount), 0) AS BIGINT) FROM opportunity o JOIN member m ON m.id = o.owner
        WHERE m.team = f.team AND o.result = 'won' AND substr(o.closed_on, 1, 7) = month.month) AS won_amount,
       (SELECT count(*) FROM activity a JOIN member m ON m.id = a.owner
        WHERE m.team = f.team AND a.kind = 'visit' AND a.state = 'done' AND a.done_at >= month.since AND a.done_at < month.until) AS visits
FROM f
JOIN month ON month.month = substr(f.day, 1, 7)
WHERE f.day >= coalesce($from, '0') AND f.team = coalesce($team, f.team) AND (coalesce($last, 0) = 0 OR f.place = 1)
ORDER BY f.name, f.day
