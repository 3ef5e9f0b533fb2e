-- What a target takes, backwards: deals, visits and calls due, at one's own rates or those given.
person AS (
	SELECT m.id AS id FROM member m WHERE (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), done AS MATERIALIZED (
	SELECT (SELECT CAST(coalesce(sum(v.value), 0) AS BIGINT) FROM call_done_period v WHERE v.member IN (SELECT id FROM person)) AS calls,
	       (SELECT CAST(coalesce(sum(v.value), 0) AS BIGINT) FROM visit_done_period v WHERE v.member IN (SELECT id FROM person)) AS visits,
	       (SELECT CAST(coalesce(sum(v.value), 0) AS BIGINT) FROM call_done v JOIN person ON person.id = v.member WHERE v.grain = 'm' AND v.day = substr($today, 1, 7)) AS calls_now,
	       (SELECT CAST(coalesce(sum(v.value), 0) AS BIGINT) FROM visit_done v JOIN person ON person.id = v.member WHERE v.grain = 'm' AND v.day = substr($today, 1, 7)) AS visits_now,
	       (SELECT CAST(coalesce(sum(v.value), 0) AS BIGINT) FROM opportunity_won v JOIN person ON person.id = v.member WHERE v.grain = 'm' AND v.day = substr($today, 1, 7)) AS deals_now
), deal AS MATERIALIZED (
	SELECT count(*) AS deals, CAST(coalesce(sum(o.amount), 0) AS BIGINT) AS amount
	FROM opportunity o
	JOIN person ON person.id = o.owner
	WHERE o.result = 'won' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to
), rate AS (
	-- Shares, and hundredths of money.
	SELECT done.*, deal.deals AS deals,
	       CASE WHEN $deal > 0 THEN 1.0 * $deal WHEN deal.deals >= 5 AND deal.amount > 0 THEN 1.0 * deal.amount / deal.deals END AS size,
	       CASE WHEN $visit_rate > 0 THEN $visit_rate / 10000.0 WHEN deal.deals >= 5 AND done.visits >= deal.deals THEN 1.0 * deal.deals / done.visits END AS sold,
	       CASE WHEN $call_rate > 0 THEN $call_rate / 10000.0 WHEN done.visits >= 5 AND done.calls >= done.visits THEN 1.0 * done.visits / done.calls END AS came
	FROM done
	CROSS JOIN deal
), need AS (
	-- Up to the next whole one; what is whole but for the last bit is whole.
	SELECT rate.*, $target / size AS deals_due, $target / size / sold AS visits_due, $target / size / sold / came AS calls_due FROM rate
)
