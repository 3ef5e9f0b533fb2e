-- The figures come from the totals of the metric (market.c).
SELECT id AS person_id FROM member WHERE id = $me
