-- Four kinds of row, each a person and what shows it.
WITH today AS (
	SELECT day, day_number, workday_number,
	       (SELECT c.day FROM calendar_day c WHERE c.day_number = t.day_number - 30) AS month_ago
	FROM calendar_day t
	WHERE day = $today
), opened AS MATERIALIZED (
	SELECT t.member AS member, t.day AS day, sum(t.value) AS n
	FROM member m
	CROSS JOIN opening t
	WHERE t.member = m.id AND t.grain = 'd' AND t.day >= (SELECT month_ago FROM today)
	GROUP BY t.member, t.day
), success AS (
	-- The last one within the month: a deal, an order or payment a visit brought, a receipt.
	SELECT owner, max(day) AS day
	FROM (SELECT owner, closed_on AS day
	      FROM opportunity
	      WHERE result = 'won' AND closed_on >= (SELECT month_ago FROM today) AND closed_on < $today
	      UNION ALL
	      SELECT t.member, t.day
	      FROM member m
	      CROSS JOIN visit_ordered t
	      WHERE t.member = m.id AND t.grain = 'd' AND t.value > 0 AND t.day >= (SELECT month_ago FROM today) AND t.day < $today
	      UNION ALL
	      SELECT t.member, t.day
	      FROM member m
	      CROSS JOIN visit_collected t
	      WHERE t.member = m.id AND t.grain = 'd' AND t.value > 0 AND t.day >= (SELECT month_ago FROM today) AND t.day < $today
	      UNION ALL
	      SELECT t.member, t.day
	      FROM member m
	      CROSS JOIN receipt_amount t
	      WHERE t.member = m.id AND t.grain = 'd' AND t.value > 0 AND t.day >= (SELECT month_ago FROM today) AND t.day < $today) one
	GROUP BY owner
), since AS MATERIALIZED (
	SELECT owner, day, coalesce((SELECT min(o.day) FROM opened o WHERE o.member = success.owner AND o.day > success.day), $today) AS until
	FROM success
), still AS (
	-- Workdays since, before today, until something was opened.
	SELECT since.owner AS owner, since.day AS day, count(c.day) AS days
	FROM since
	JOIN calendar_day c ON c.day > since.day AND c.day < since.until AND c.day < $today AND c.workday = 1
	GROUP BY since.owner, since.day
), held AS NOT MATERIALIZED (
	-- A customer's together, as an index has them; one by one where there is no customer.
	SELECT owner, CAST(sum(amount) AS BIGINT) AS amount
	FROM opportunity
	WHERE result = 'open' AND coalesce(amount, 0) > 0 AND customer IS NOT NULL
	GROUP BY owner, customer
	UNION ALL
	SELECT owner, amount
	FROM opportunity
	WHERE result = 'open' AND coalesce(amount, 0) > 0 AND customer IS NULL
), large AS MATERIALIZED (
	-- Of all others so many as large as the largest would not come to the share: their customers need no order.
	SELECT owner FROM held GROUP BY owner HAVING max(amount) * $customers * 10000 > sum(amount) * $share
), ranked AS (
	SELECT owner, amount, row_number() OVER (PARTITION BY owner ORDER BY amount DESC) AS place
	FROM held
	WHERE owner IN (SELECT owner FROM large)
), few AS (
	SELECT owner, CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(amount) FILTER (WHERE place <= $customers) AS BIGINT) AS top,
	       count(*) FILTER (WHERE place <= $customers) AS customers
	FROM ranked
	GROUP BY owner
), leads AS (
	-- By day, not in the order of owners.
	SELECT coalesce(owner, 0) AS owner, count(*) AS all_leads,
	       count(*) FILTER (WHERE state = 'invalid' AND first_response_at IS NULL) AS dropped
	FROM lead
	WHERE received_on >= (SELECT month_ago FROM today) AND coalesce(owner, 0) > 0
	GROUP BY coalesce(owner, 0)
), asked AS (
	SELECT id, team, roles, $today AS day FROM member
), standard AS (
	SELECT p.id AS person, s.opening_day AS opening_day, s.floor_quantity AS floor_quantity, s.floor_quality AS floor_quality,
-- include standard
), quality AS (
	SELECT d.member AS member, sum(d.value) AS visits,
	       (SELECT sum(r.value) FROM visit_goal_reached r WHERE r.grain = 'd' AND r.member = d.member
	        AND r.day >= (SELECT month_ago FROM today)) AS reached
	FROM member m
	CROSS JOIN visit_done d
	WHERE d.member = m.id AND d.grain = 'd' AND d.day >= (SELECT month_ago FROM today)
	GROUP BY d.member
), done AS (
	SELECT q.member AS member, q.visits AS visits, coalesce(q.reached, 0) AS reached,
	       coalesce((SELECT sum(o.n) FROM opened o WHERE o.member = q.member), 0) AS opened,
	       s.opening_day * (SELECT count(*) FROM calendar_day c WHERE c.day > (SELECT month_ago FROM today)
	                        AND c.day <= $today AND c.workday = 1) AS due,
	       s.floor_quantity AS floor_quantity, s.floor_quality AS floor_quality
	FROM quality q
	JOIN standard s ON s.person = q.member AND s.place = 1
), found AS (
	SELECT owner AS person, 'stopped' AS pitfall, day AS since, days AS n, CAST(NULL AS BIGINT) AS part
	FROM still
	WHERE days >= $days
	UNION ALL
	SELECT owner, 'few_good', NULL, customers, (top * 20000 + amount) / (2 * amount)
	FROM few
	WHERE top * 10000 > amount * $share
	UNION ALL
	SELECT owner, 'picking', NULL, dropped, (dropped * 20000 + all_leads) / (2 * all_leads)
	FROM leads
	WHERE dropped >= $dropped
	UNION ALL
	-- Tenths of prospects due; good visits excuse nothing.
	SELECT member, 'excuse', NULL, CAST((due + 9) / 10 - opened AS BIGINT), CAST(opened * 100000 / due AS BIGINT)
	FROM done
	WHERE due > 0 AND opened * 100000 < due * floor_quantity AND reached * 10000 >= visits * floor_quality
)
SELECT found.person AS owner_id, member.label AS who, found.pitfall AS pitfall, found.since AS since,
       found.n AS count, found.part AS part
FROM found
JOIN member ON member.id = found.person
WHERE (CAST($team AS BIGINT) IS NULL OR member.team = $team) AND (CAST($owner AS BIGINT) IS NULL OR member.id = $owner)
ORDER BY member.team, member.id, found.pitfall
