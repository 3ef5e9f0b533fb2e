-- The last 20,000 deals won in the period below, at or above their list price; the customer's answers after the closing.
WITH latest AS MATERIALIZED (
	SELECT o.id AS id, o.customer AS customer, o.closed_on AS closed_on, o.discount_rate AS discount_rate, o.collect_days AS collect_days, o.planned_effort AS planned_effort, o.effect_score AS effect_score
	FROM opportunity o
	WHERE o.result = 'won' AND o.list_price IS NOT NULL AND o.amount IS NOT NULL
	AND o.closed_on >= coalesce($from, '0') AND o.closed_on <= $to AND o.owner = coalesce($owner, o.owner)
	ORDER BY o.closed_on DESC, o.id DESC
	LIMIT 20000
), deal AS MATERIALIZED (
	SELECT o.id AS id, o.discount_rate AS off, o.collect_days AS days, o.planned_effort AS effort, o.effect_score AS effect, f.margin AS margin, f.net AS net,
	       (SELECT avg(1.0 * a.score) FROM survey_sent s JOIN survey_answer a ON a.sent = s.id
	        WHERE s.customer = o.customer AND s.answered_on >= o.closed_on AND a.score IS NOT NULL) AS score,
	       CASE WHEN o.discount_rate < 1000 THEN 'low' WHEN o.discount_rate <= 2000 THEN 'middle' ELSE 'high' END AS band
	FROM latest o
	LEFT JOIN offer f ON f.opportunity = o.id AND f.chosen = 1
)
SELECT band, count(*) AS deals, CAST(floor(avg(1.0 * off) + 0.5) AS BIGINT) AS discount,
       CASE WHEN sum(net) > 0 THEN CAST(floor(10000.0 * sum(margin) / sum(net) + 0.5) AS BIGINT) END AS margin_rate, count(net) AS offers,
       10.0 * avg(days) AS collect_days, count(days) AS collected, 100.0 * avg(score) AS satisfaction, count(score) AS answers,
       10.0 * avg(effort) AS effort, 10.0 * avg(effect) AS effect, CASE WHEN count(*) < 20 THEN 'few' ELSE 'judged' END AS verdict,
       CASE band WHEN 'middle' THEN 'gte.10' WHEN 'high' THEN 'gt.20' END AS least, CASE band WHEN 'low' THEN 'lt.10' WHEN 'middle' THEN 'lte.20' ELSE 'is.notnull' END AS most
FROM deal
GROUP BY band
ORDER BY min(off)
