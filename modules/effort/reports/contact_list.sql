-- In the order of time; contact.c counts as contact_rhythm and contact_gap do, and keeps the latest.
WITH
-- include contacts
	AND a.kind = coalesce(CAST($kind AS TEXT), a.kind)
)
SELECT prospect, won, done_at, id
FROM contact
ORDER BY done_at, id
