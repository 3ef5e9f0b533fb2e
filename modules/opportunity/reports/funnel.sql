-- Of the opportunities that entered the pipeline from $from to $to: how many
-- reached each stage, how many went on, and whether a stage is a neck.
WITH chosen AS (
	SELECT coalesce($pipeline, (SELECT pipeline FROM opportunity GROUP BY pipeline
	                            ORDER BY count(*) DESC, pipeline LIMIT 1)) AS pipeline
), step AS (
	SELECT id, name, name_en, position, kind,
	       lead(position) OVER (ORDER BY position) AS next_position
	FROM stage
	WHERE pipeline = (SELECT pipeline FROM chosen) AND kind <> 'lost'
), cohort AS (
	SELECT o.id, o.result AS result,
	       coalesce(max(CASE WHEN stage.kind <> 'lost' THEN stage.position END),
	                (SELECT min(position) FROM step)) AS reached
	FROM opportunity o
	JOIN stage_visit ON stage_visit.opportunity = o.id
	JOIN stage ON stage.id = stage_visit.stage
	LEFT JOIN member ON member.id = o.owner
	WHERE o.pipeline = (SELECT pipeline FROM chosen) AND stage.pipeline = o.pipeline
	AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	AND coalesce(member.team, 0) = coalesce($team, member.team, 0)
	AND coalesce(o.product, 0) = coalesce($product, o.product, 0)
	AND coalesce(o.source, 0) = coalesce($source, o.source, 0)
	GROUP BY o.id, o.result
	HAVING min(stage_visit.entered_on) >= coalesce($from, '0')
	AND min(stage_visit.entered_on) <= coalesce($to, '9')
), counted AS (
	SELECT step.id AS id, step.name AS name, step.name_en AS name_en, step.position AS position,
	       count(cohort.id) AS entered,
	       CASE WHEN step.next_position IS NOT NULL
	            THEN count(cohort.id) FILTER (WHERE cohort.reached >= step.next_position) END AS passed,
	       count(cohort.id) FILTER (WHERE cohort.reached = step.position AND cohort.result = 'open') AS waiting
	FROM step
	LEFT JOIN cohort ON cohort.reached >= step.position
	GROUP BY step.id, step.name, step.name_en, step.position, step.next_position
), rated AS (
	SELECT counted.*,
	       CASE WHEN entered > 0 AND passed IS NOT NULL THEN passed * 1.0 / entered END AS rate
	FROM counted
), others AS (
	-- The rates of all other stages with enough entries, in order.
	SELECT a.id AS id, b.rate AS rate,
	       row_number() OVER (PARTITION BY a.id ORDER BY b.rate) AS place,
	       count(*) OVER (PARTITION BY a.id) AS places
	FROM rated a
	JOIN rated b ON b.id <> a.id AND b.rate IS NOT NULL AND b.entered >= 20
), middle AS (
	SELECT id, avg(rate) AS rate
	FROM others
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY id
)
SELECT r.name AS stage,
       r.name_en AS stage_en,
       r.id AS stage_id,
       r.entered AS entered,
       r.passed AS passed,
       r.waiting AS waiting,
       CAST(floor(r.rate * 10000 + 0.5) AS BIGINT) AS rate,
       -- Wilson's interval with z = 1.96, z * z = 3.8416.
       CASE WHEN r.rate IS NOT NULL THEN CAST(floor(0.5 + 10000 * (r.rate + 1.9208 / r.entered
            - 1.96 * sqrt(r.rate * (1 - r.rate) / r.entered + 0.9604 / r.entered / r.entered))
            / (1 + 3.8416 / r.entered)) AS BIGINT) END AS low,
       CASE WHEN r.rate IS NOT NULL THEN CAST(floor(0.5 + 10000 * (r.rate + 1.9208 / r.entered
            + 1.96 * sqrt(r.rate * (1 - r.rate) / r.entered + 0.9604 / r.entered / r.entered))
            / (1 + 3.8416 / r.entered)) AS BIGINT) END AS high,
       CASE WHEN r.passed IS NULL THEN NULL
            WHEN r.entered < 20 THEN 'few'
            WHEN r.rate < 0.5 * middle.rate THEN 'neck'
            ELSE 'normal' END AS verdict
FROM rated r
LEFT JOIN middle ON middle.id = r.id
ORDER BY r.position
