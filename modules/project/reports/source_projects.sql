-- Leads, opportunities and deals by source; what has none is a row too, so that the totals are those of all.
WITH person AS MATERIALIZED (
	SELECT id FROM member WHERE (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), came AS (
	SELECT coalesce(l.source, 0) AS source, 1 AS leads, 0 AS second, 0 AS deals, 0 AS won, 0 AS amount
	FROM lead l
	LEFT JOIN member m ON m.id = l.owner
	WHERE l.received_on >= coalesce($from, '0') AND l.received_on <= $to
	AND coalesce(l.owner, 0) = coalesce($owner, l.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	UNION ALL
	SELECT l.second_source, 0, 1, 0, 0, 0
	FROM lead l
	LEFT JOIN member m ON m.id = l.owner
	WHERE l.second_source IS NOT NULL AND l.received_on >= coalesce($from, '0') AND l.received_on <= $to
	AND coalesce(l.owner, 0) = coalesce($owner, l.owner, 0) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	UNION ALL
	-- In the order of an index.
	SELECT coalesce(o.source, 0), 0, 0, count(*), count(*) FILTER (WHERE o.result = 'won'), coalesce(sum(o.amount) FILTER (WHERE o.result = 'won'), 0)
	FROM opportunity o
	WHERE o.engaged_on >= coalesce($from, '0') AND o.engaged_on <= $to
	AND (coalesce(CAST($owner AS BIGINT), CAST($team AS BIGINT)) IS NULL OR o.owner IN (SELECT id FROM person))
	GROUP BY o.engaged_on, o.source
), counted AS (
	SELECT source, CAST(sum(leads) AS BIGINT) AS leads, CAST(sum(second) AS BIGINT) AS second, CAST(sum(deals) AS BIGINT) AS deals,
	       CAST(sum(won) AS BIGINT) AS won, CAST(sum(amount) AS BIGINT) AS amount
	FROM came
	GROUP BY source
)
SELECT coalesce(s.name, '–') AS label, p.name AS above, c.leads AS leads, c.second AS second, c.deals AS deals, c.won AS won, c.amount AS value,
       CASE WHEN c.source = 0 THEN 'is.null' ELSE 'eq.' || CAST(c.source AS TEXT) END AS came
FROM counted c
LEFT JOIN source s ON s.id = c.source
LEFT JOIN source p ON p.id = s.parent
ORDER BY c.won DESC, c.deals DESC, c.leads DESC, c.source
