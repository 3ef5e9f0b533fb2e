-- Won, lost and open opportunities by group, with both win rates and the
-- median days from engagement to closing.
WITH person AS (
	SELECT member.id AS id, member.label AS label, member.team AS team, own.name AS team_name,
	       CASE WHEN own.kind = 'region' THEN own.id WHEN up.kind = 'region' THEN up.id
	            WHEN top.kind = 'region' THEN top.id END AS region,
	       CASE WHEN own.kind = 'region' THEN own.name WHEN up.kind = 'region' THEN up.name
	            WHEN top.kind = 'region' THEN top.name END AS region_name
	FROM member
	LEFT JOIN team own ON own.id = member.team
	LEFT JOIN team up ON up.id = own.parent
	LEFT JOIN team top ON top.id = up.parent
), deal AS (
	SELECT o.result AS result, o.amount AS amount, o.cycle_days AS days,
	       CASE $by
	       WHEN 'owner' THEN CAST(o.owner AS TEXT)
	       WHEN 'team' THEN CAST(person.team AS TEXT)
	       WHEN 'region' THEN CAST(person.region AS TEXT)
	       WHEN 'product' THEN CAST(o.product AS TEXT)
	       WHEN 'source' THEN CAST(o.source AS TEXT)
	       WHEN 'month' THEN substr(o.closed_on, 1, 7)
	       WHEN 'quarter' THEN substr(o.closed_on, 1, 4) || CASE
	            WHEN substr(o.closed_on, 6, 2) <= '03' THEN '-Q1'
	            WHEN substr(o.closed_on, 6, 2) <= '06' THEN '-Q2'
	            WHEN substr(o.closed_on, 6, 2) <= '09' THEN '-Q3' ELSE '-Q4' END
	       ELSE '*' END AS bucket,
	       CASE $by
	       WHEN 'owner' THEN person.label
	       WHEN 'team' THEN person.team_name
	       WHEN 'region' THEN person.region_name
	       WHEN 'product' THEN product.name
	       WHEN 'source' THEN source.name END AS name
	FROM opportunity o
	LEFT JOIN person ON person.id = o.owner
	LEFT JOIN product ON product.id = o.product
	LEFT JOIN source ON source.id = o.source
	WHERE o.pipeline = coalesce($pipeline, o.pipeline)
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(person.team, 0) = coalesce($team, person.team, 0)
	AND ((o.result <> 'open' AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= coalesce($to, '9'))
	     OR (o.result = 'open' AND coalesce(o.engaged_on, '0') <= coalesce($to, '9')))
), ranked AS (
	SELECT coalesce(bucket, '') AS bucket, result, days,
	       row_number() OVER (PARTITION BY bucket, result ORDER BY days) AS place,
	       count(*) OVER (PARTITION BY bucket, result) AS places
	FROM deal
	WHERE days IS NOT NULL
), median AS (
	-- Tenths of a day: ten times the middle one, or five times the sum of the middle two.
	SELECT bucket, result, sum(days) * 10 / count(*) AS days
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY bucket, result
), grouped AS (
	SELECT coalesce(bucket, '') AS bucket, max(name) AS name,
	       count(*) FILTER (WHERE result = 'won') AS won,
	       count(*) FILTER (WHERE result = 'lost') AS lost,
	       count(*) FILTER (WHERE result = 'open') AS still_open,
	       coalesce(sum(amount) FILTER (WHERE result = 'won'), 0) AS value_won
	FROM deal
	GROUP BY coalesce(bucket, '')
)
SELECT CASE WHEN g.bucket = '' OR g.bucket = '*' THEN '–' ELSE coalesce(g.name, g.bucket) END AS label,
       g.won AS won,
       g.lost AS lost,
       g.still_open AS open,
       CASE WHEN g.won + g.lost > 0
            THEN (g.won * 20000 + g.won + g.lost) / (2 * (g.won + g.lost)) END AS rate_closed,
       (g.won * 20000 + g.won + g.lost + g.still_open) / (2 * (g.won + g.lost + g.still_open)) AS rate_all,
       CAST(g.value_won AS BIGINT) AS value_won,
       CAST(won.days AS BIGINT) AS cycle_median_days,
       CAST(lost.days AS BIGINT) AS cycle_lost_median_days
FROM grouped g
LEFT JOIN median won ON won.bucket = g.bucket AND won.result = 'won'
LEFT JOIN median lost ON lost.bucket = g.bucket AND lost.result = 'lost'
ORDER BY CASE WHEN $by = 'month' OR $by = 'quarter' THEN g.bucket END, g.value_won DESC, g.bucket
