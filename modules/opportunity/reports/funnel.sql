-- Of the opportunities that entered the pipeline from $from to $to: how many
-- reached each stage, how many went on, and whether a stage is a neck.  From totals; those of a product or source one by one.
WITH chosen AS (
	SELECT coalesce($pipeline, (SELECT s.pipeline FROM funnel_reached_all t JOIN stage s ON s.id = CAST(t.split1 AS BIGINT)
	                            WHERE t.grain = 'm' GROUP BY s.pipeline HAVING sum(t.value) > 0
	                            ORDER BY sum(t.value) DESC, s.pipeline LIMIT 1)) AS pipeline
), asked AS MATERIALIZED (
	SELECT CASE WHEN CAST($owner AS BIGINT) IS NOT NULL OR CAST($team AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS persons,
	       CASE WHEN CAST($product AS BIGINT) IS NOT NULL OR CAST($source AS BIGINT) IS NOT NULL THEN 1 ELSE 0 END AS goods
), person AS (
	SELECT id FROM member
	WHERE (SELECT persons FROM asked) = 1 AND (CAST($owner AS BIGINT) IS NULL OR id = $owner) AND (CAST($team AS BIGINT) IS NULL OR team = $team)
), step AS (
	SELECT id, name, name_en, position, kind,
	       lead(position) OVER (ORDER BY position) AS next_position
	FROM stage
	WHERE pipeline = (SELECT pipeline FROM chosen) AND kind <> 'lost'
), cohort AS (
	SELECT CAST(t.split1 AS BIGINT) AS reached, t.split2 AS result, t.value AS n
	FROM asked CROSS JOIN funnel_reached_period_all t
	WHERE persons = 0 AND goods = 0
	UNION ALL
	SELECT CAST(t.split1 AS BIGINT), t.split2, t.value
	FROM asked CROSS JOIN funnel_reached_period t
	WHERE persons = 1 AND goods = 0 AND t.member IN (SELECT id FROM person)
	UNION ALL
	SELECT o.reached, o.result, 1
	FROM asked CROSS JOIN opportunity o
	WHERE goods = 1 AND (persons = 0 OR o.owner IN (SELECT id FROM person))
	AND o.began_on >= coalesce($from, '0') AND o.began_on <= coalesce($to, '9')
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.source, 0) = coalesce($source, o.source, 0)
), placed AS (
	SELECT step.position AS reached, cohort.result AS result, CAST(sum(cohort.n) AS BIGINT) AS n
	FROM cohort
	JOIN step ON step.id = cohort.reached
	GROUP BY step.position, cohort.result
), counted AS (
	SELECT step.id AS id, step.name AS name, step.name_en AS name_en, step.position AS position,
	       CAST(coalesce(sum(placed.n), 0) AS BIGINT) AS n,
	       CASE WHEN step.next_position IS NOT NULL
	            THEN CAST(coalesce(sum(placed.n) FILTER (WHERE placed.reached >= step.next_position), 0) AS BIGINT) END AS k,
	       CAST(coalesce(sum(placed.n) FILTER (WHERE placed.reached = step.position AND placed.result = 'open'), 0) AS BIGINT) AS waiting
	FROM step
	LEFT JOIN placed ON placed.reached >= step.position
	GROUP BY step.id, step.name, step.name_en, step.position, step.next_position
),
-- include opportunity/wilson
, others AS (
	-- The rates of all other stages with enough entries, in order.
	SELECT a.id AS id, b.r AS rate,
	       row_number() OVER (PARTITION BY a.id ORDER BY b.r) AS place,
	       count(*) OVER (PARTITION BY a.id) AS places
	FROM rated a
	JOIN rated b ON b.id <> a.id AND b.r IS NOT NULL AND b.n >= 20
), middle AS (
	SELECT id, avg(rate) AS rate
	FROM others
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY id
)
SELECT r.name AS stage,
       r.name_en AS stage_en,
       r.id AS stage_id,
       r.n AS entered,
       r.k AS passed,
       r.waiting AS waiting,
       r.rate AS rate, r.low AS low, r.high AS high,
       CASE WHEN r.k IS NULL THEN NULL
            WHEN r.n < 20 THEN 'few'
            WHEN r.r < 0.5 * middle.rate THEN 'neck'
            ELSE 'normal' END AS verdict
FROM rated r
LEFT JOIN middle ON middle.id = r.id
ORDER BY r.position
