-- A deal is divided by the latest hand-over of its customer that was accepted by then.
WITH deal AS (
	SELECT o.id AS id, o.owner AS owner, coalesce(o.amount, 0) AS amount,
	       (SELECT max(h.id) FROM internal_request h WHERE h.customer = o.customer AND h.kind = 'handover'
	        AND h.state IN ('accepted', 'done') AND h.accepted_on <= o.closed_on) AS handover
	FROM opportunity o
	WHERE o.result = 'won' AND o.closed_on >= $from AND o.closed_on <= $to AND o.owner IS NOT NULL
), divided AS (
	SELECT d.owner AS owner, d.amount AS amount, h.asker AS giver, coalesce(d.amount * h.credit / 10000, 0) AS given
	FROM deal d
	LEFT JOIN internal_request h ON h.id = d.handover AND h.asker <> d.owner
), part AS (
	SELECT owner AS person, CASE WHEN giver IS NULL THEN 'own' ELSE 'taken' END AS part, amount - given AS value FROM divided
	UNION ALL
	SELECT giver, 'given', given FROM divided WHERE giver IS NOT NULL
), counted AS (
	SELECT m.id AS person, m.label AS who, p.part AS part, count(*) AS deals, CAST(sum(p.value) AS BIGINT) AS value
	FROM part p
	JOIN member m ON m.id = p.person
	WHERE (CAST($team AS BIGINT) IS NULL OR m.team = $team)
	GROUP BY m.id, m.label, p.part
), whole AS (
	SELECT CAST(sum(value) AS BIGINT) AS value FROM counted
)
SELECT c.person AS person_id, c.who AS who, c.part AS part, c.deals AS deals, c.value AS value, c.value * 10000 / nullif(w.value, 0) AS share,
       CASE c.part WHEN 'own' THEN 'opportunity?result=eq.won&owner=eq.' || CAST(c.person AS TEXT) || '&closed_on=gte.' || $from || '&closed_on=lte.' || $to
                   WHEN 'taken' THEN 'internal_request?kind=eq.handover&accepted_on=is.notnull&receiver=eq.' || CAST(c.person AS TEXT)
                   ELSE 'internal_request?kind=eq.handover&accepted_on=is.notnull&asker=eq.' || CAST(c.person AS TEXT) END AS open
FROM counted c
CROSS JOIN whole w
ORDER BY c.who, c.person, CASE c.part WHEN 'own' THEN 0 WHEN 'taken' THEN 1 ELSE 2 END
