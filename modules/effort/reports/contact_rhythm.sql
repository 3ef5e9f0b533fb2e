-- In the order of time; contact.c counts prospects by the place of their first success, or of their last contact.
WITH
-- include contacts
	AND a.kind = coalesce(CAST($kind AS TEXT), a.kind)
)
SELECT prospect, won, done_at
FROM contact
ORDER BY done_at, id
