-- Contacts, each with its ordinal up to the first success and the days since the one before; as contact_rhythm and contact_gap count them.
WITH
-- include contacts
	AND a.kind = coalesce(CAST($kind AS TEXT), a.kind)
), placed AS (
	SELECT contact.*, row_number() OVER (PARTITION BY prospect ORDER BY done_at, id) AS place,
	       (done_at - lag(done_at) OVER (PARTITION BY prospect ORDER BY done_at, id)) / 86400000 AS days,
	       coalesce(sum(won) OVER (PARTITION BY prospect ORDER BY done_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
	FROM contact
), counted AS (
	SELECT placed.*, CASE WHEN before = 0 THEN place END AS ordinal FROM placed
), latest AS (
	SELECT *
	FROM counted c
	WHERE (CAST($attempt AS BIGINT) IS NULL OR c.ordinal = $attempt)
	AND (CAST($gap_from AS BIGINT) IS NULL OR c.days >= $gap_from) AND (CAST($gap_to AS BIGINT) IS NULL OR c.days <= $gap_to)
	ORDER BY c.done_at DESC, c.id DESC
	LIMIT 1000
)
SELECT c.id AS activity_id, c.done_at AS done_at, coalesce(customer.name, lead.name) AS prospect, c.what AS what, m.label AS who,
       c.ordinal AS ordinal, c.days AS days, c.won AS won
FROM latest c
LEFT JOIN customer ON customer.id = c.customer
LEFT JOIN lead ON lead.id = c.lead
LEFT JOIN member m ON m.id = c.owner
ORDER BY c.done_at DESC, c.id DESC
