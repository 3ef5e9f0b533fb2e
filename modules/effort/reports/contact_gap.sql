-- In the order of time; contact.c counts them by gaps, from low to high days.
WITH
-- include contacts
)
SELECT prospect, won, done_at
FROM contact
ORDER BY done_at, id
