-- Guests of each event, and whether they bought within the days after it.
WITH guest AS (
	SELECT e.id AS event, g.reply AS reply, g.came AS came,
	       CASE WHEN g.came = 1 AND EXISTS (SELECT 1 FROM opportunity o WHERE o.customer = g.customer AND o.result = 'won' AND o.closed_on >= e.held_on
	            AND o.closed_on <= (SELECT l.day FROM calendar_day l WHERE l.day_number = d.day_number + $days)) THEN 1 ELSE 0 END AS bought
	FROM care_event e
	JOIN calendar_day d ON d.day = e.held_on
	JOIN event_guest g ON g.event = e.id
	WHERE e.held_on >= coalesce($from, '0') AND e.held_on <= $to
), counted AS (
	SELECT event, count(*) AS invited, count(*) FILTER (WHERE reply = 'yes') AS accepted, count(*) FILTER (WHERE came = 1) AS came, CAST(sum(bought) AS BIGINT) AS bought
	FROM guest
	GROUP BY event
)
SELECT e.name AS event, e.held_on AS held_on, c.invited AS invited, c.accepted AS accepted, c.came AS came, (c.came * 20000 + c.invited) / (2 * c.invited) AS came_rate,
       c.bought AS bought, CASE WHEN c.came > 0 THEN (c.bought * 20000 + c.came) / (2 * c.came) END AS bought_rate, CASE WHEN c.came > 0 THEN e.cost / c.came END AS cost_guest,
       e.id AS event_id
FROM counted c
JOIN care_event e ON e.id = c.event
ORDER BY e.held_on DESC, e.id DESC
LIMIT 200
