place AS (
	-- Each team with its nearest region; where there are no regions the team stands for itself.
	SELECT own.id AS team, own.name AS name,
	       CASE WHEN own.kind = 'region' THEN own.id WHEN up.kind = 'region' THEN up.id
	            WHEN top.kind = 'region' THEN top.id ELSE own.id END AS region,
	       CASE WHEN own.kind = 'region' THEN own.name WHEN up.kind = 'region' THEN up.name
	            WHEN top.kind = 'region' THEN top.name ELSE own.name END AS region_name
	FROM team own
	LEFT JOIN team up ON up.id = own.parent
	LEFT JOIN team top ON top.id = up.parent
), numbered AS (
	SELECT team, region, row_number() OVER (PARTITION BY region ORDER BY team) AS place,
	       count(*) OVER (PARTITION BY region) AS places
	FROM place
), listed AS (
	-- The teams of a region as "1,2,3", one more each round.
	SELECT region, place, places, CAST(team AS TEXT) AS teams FROM numbered WHERE place = 1
	UNION ALL
	SELECT n.region, n.place, n.places, listed.teams || ',' || CAST(n.team AS TEXT)
	FROM listed
	JOIN numbered n ON n.region = listed.region AND n.place = listed.place + 1
),
