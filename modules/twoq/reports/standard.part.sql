	       -- Of those asked about, p (id, team, roles, day), the standards s in force on the day: in the first place the most specific, of equals the latest.
	       row_number() OVER (PARTITION BY p.id, p.day ORDER BY
	           CASE WHEN s.person IS NOT NULL THEN 3 WHEN s.team IS NOT NULL THEN 2 WHEN s.role IS NOT NULL THEN 1 ELSE 0 END DESC,
	           s.valid_from DESC, s.id DESC) AS place
	FROM asked p
	JOIN work_standard s ON s.valid_from <= p.day AND (s.person IS NULL OR s.person = p.id) AND (s.team IS NULL OR s.team = p.team)
	     AND (s.role IS NULL OR p.roles LIKE '%,' || CAST(s.role AS TEXT) || ',%')
