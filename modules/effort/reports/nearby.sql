-- The place itself first, then what may be near.
SELECT 'here' AS what, c.id AS id, c.name AS name, c.location AS location, c.phone AS phone, c.last_activity_at AS last_at FROM customer c WHERE c.id = $customer
UNION ALL
SELECT what, id, name, location, phone, last_at
FROM (SELECT 'customer' AS what, c.id AS id, c.name AS name, c.location AS location, c.phone AS phone, c.last_activity_at AS last_at
      FROM customer c
      JOIN customer here ON here.id = $customer
      WHERE c.location IS NOT NULL AND c.id <> $customer AND (c.region IS NULL OR here.region IS NULL OR substr(c.region, 1, 4) = substr(here.region, 1, 4))
      UNION ALL
      SELECT 'lead', l.id, l.name, l.location, l.phone, l.first_response_at
      FROM lead l
      JOIN customer here ON here.id = $customer
      WHERE l.location IS NOT NULL AND l.customer IS NULL AND l.state <> 'invalid' AND (l.region IS NULL OR here.region IS NULL OR substr(l.region, 1, 4) = substr(here.region, 1, 4))) around
