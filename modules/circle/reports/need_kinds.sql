-- Kinds of need by group: what lies open now, what was closed in the period, and how long it took to become explicit.
WITH held AS (
	SELECT o.result AS result, o.need_kind AS kind,
	       CASE WHEN o.result = 'open' OR (o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9')) THEN 1 ELSE 0 END AS counts,
	       CASE WHEN o.explicit_on > o.engaged_on AND o.explicit_on >= coalesce($from, '0') AND o.explicit_on <= coalesce($to, '9')
	            THEN said.day_number - begun.day_number END AS days,
	       coalesce(CASE $by WHEN 'owner' THEN CAST(o.owner AS TEXT) WHEN 'team' THEN CAST(member.team AS TEXT)
	                WHEN 'product' THEN CAST(o.product AS TEXT) WHEN 'source' THEN CAST(o.source AS TEXT) ELSE '*' END, '') AS bucket,
	       CASE $by WHEN 'owner' THEN member.label WHEN 'team' THEN team.name WHEN 'product' THEN product.name
	                WHEN 'source' THEN source.name END AS name
	FROM opportunity o
	LEFT JOIN member ON member.id = o.owner
	LEFT JOIN team ON team.id = member.team
	LEFT JOIN product ON product.id = o.product
	LEFT JOIN source ON source.id = o.source
	LEFT JOIN calendar_day said ON said.day = o.explicit_on
	LEFT JOIN calendar_day begun ON begun.day = o.engaged_on
	WHERE coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
), ranked AS (
	SELECT bucket, days, row_number() OVER (PARTITION BY bucket ORDER BY days) AS place, count(*) OVER (PARTITION BY bucket) AS places
	FROM held
	WHERE days IS NOT NULL
), median AS (
	-- Tenths of a day: of an even count the mean of the middle two.
	SELECT bucket, max(places) AS n, CAST(sum(days) AS BIGINT) * 10 / count(*) AS days
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY bucket
), grouped AS (
	SELECT bucket, max(name) AS name, count(*) FILTER (WHERE result = 'open') AS n,
	       count(*) FILTER (WHERE result = 'open' AND kind = 'explicit') AS explicit,
	       count(*) FILTER (WHERE result = 'open' AND kind = 'implicit') AS implicit,
	       count(*) FILTER (WHERE result = 'open' AND kind IS NULL) AS unsaid,
	       count(*) FILTER (WHERE result = 'won' AND kind = 'explicit') AS won_explicit,
	       count(*) FILTER (WHERE result <> 'open' AND kind = 'explicit') AS closed_explicit,
	       count(*) FILTER (WHERE result = 'won' AND kind = 'implicit') AS won_implicit,
	       count(*) FILTER (WHERE result <> 'open' AND kind = 'implicit') AS closed_implicit
	FROM held
	WHERE counts = 1
	GROUP BY bucket
)
SELECT coalesce(g.name, '–') AS label, g.n AS n, g.explicit AS explicit, g.implicit AS implicit, g.unsaid AS unsaid,
       g.won_explicit AS won_explicit, g.closed_explicit AS closed_explicit, g.won_implicit AS won_implicit,
       g.closed_implicit AS closed_implicit, coalesce(median.n, 0) AS cultivated, CAST(median.days AS BIGINT) AS days,
       CASE WHEN $by = 'owner' THEN test.test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'team' THEN test.test ELSE 'eq.' || CAST($team AS TEXT) END AS team,
       CASE WHEN $by = 'product' THEN test.test END AS product,
       CASE WHEN $by = 'source' THEN test.test END AS source
FROM grouped g
JOIN (SELECT bucket, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test FROM grouped) test ON test.bucket = g.bucket
LEFT JOIN median ON median.bucket = g.bucket
ORDER BY g.n DESC, g.bucket
