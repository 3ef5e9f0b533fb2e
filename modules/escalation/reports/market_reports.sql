WITH form AS (
	SELECT f.severity AS severity, f.raised AS raised, f.decided_at AS decided_at, f.answer_minutes AS minutes,
	       CASE $by WHEN 'kind' THEN f.kind WHEN 'region' THEN coalesce(f.region, '') ELSE CAST(f.owner AS TEXT) END AS bucket,
	       CASE $by WHEN 'kind' THEN f.kind WHEN 'region' THEN region.name ELSE member.label END AS label
	FROM market_form f
	JOIN member ON member.id = f.owner
	LEFT JOIN region ON region.code = f.region
	WHERE f.day >= coalesce($from, substr($to, 1, 7) || '-01') AND f.day <= $to
), ranked AS (
	SELECT bucket, minutes, row_number() OVER (PARTITION BY bucket ORDER BY minutes) AS place,
	       count(*) OVER (PARTITION BY bucket) AS places
	FROM form
	WHERE minutes IS NOT NULL
), median AS (
	SELECT bucket, CAST(sum(minutes) AS BIGINT) / count(*) AS minutes
	FROM ranked
	WHERE place = (places + 1) / 2 OR place = (places + 2) / 2
	GROUP BY bucket
), counted AS (
	SELECT bucket, max(label) AS label, count(*) AS forms,
	       count(*) FILTER (WHERE severity = 'serious') AS serious,
	       count(*) FILTER (WHERE raised > 0) AS raised,
	       count(*) FILTER (WHERE decided_at IS NOT NULL) AS decided
	FROM form
	GROUP BY bucket
)
SELECT CASE WHEN $by = 'kind' THEN c.bucket END AS kind,
       CASE WHEN $by <> 'kind' THEN coalesce(c.label, '–') END AS label,
       c.forms AS forms, c.serious AS serious, c.raised AS raised, c.decided AS decided,
       c.decided * 10000 / c.forms AS rate,
       CAST(median.minutes AS BIGINT) AS median_minutes,
       CASE WHEN $by = 'kind' THEN c.bucket END AS kind_is,
       CASE WHEN $by = 'region' AND c.bucket <> '' THEN c.bucket END AS region_is,
       CASE WHEN $by = 'owner' THEN c.bucket END AS owner_is
FROM counted c
LEFT JOIN median ON median.bucket = c.bucket
ORDER BY c.forms DESC, c.bucket
