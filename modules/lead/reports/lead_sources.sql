-- Leads and conversions by where they come from.  Columns that are not declared are the tests of
-- the list behind a row.
WITH received AS (
	SELECT CASE $by
	       WHEN 'channel' THEN lead.channel
	       WHEN 'campaign' THEN lead.campaign
	       WHEN 'action' THEN lead.last_action
	       WHEN 'owner' THEN CAST(lead.owner AS TEXT)
	       ELSE CAST(lead.source AS TEXT) END AS bucket,
	       CASE $by
	       WHEN 'channel' THEN lead.channel
	       WHEN 'campaign' THEN lead.campaign
	       WHEN 'action' THEN lead.last_action
	       WHEN 'owner' THEN member.label
	       ELSE source.name END AS name,
	       lead.state AS state,
	       lead.converted AS converted
	FROM lead
	LEFT JOIN source ON source.id = lead.source
	LEFT JOIN member ON member.id = lead.owner
	WHERE lead.received_on >= coalesce($from, '0') AND lead.received_on <= coalesce($to, '9')
	AND coalesce(lead.source, 0) = coalesce($source, lead.source, 0)
	AND coalesce(lead.owner, 0) = coalesce($owner, lead.owner, 0)
	AND coalesce(lead.channel, '') = coalesce($channel, lead.channel, '')
	AND coalesce(lead.campaign, '') = coalesce($campaign, lead.campaign, '')
	AND coalesce(lead.last_action, '') = coalesce($action, lead.last_action, '')
), counted AS (
	SELECT coalesce(bucket, '') AS bucket, max(name) AS name, count(*) AS n,
	       count(*) FILTER (WHERE state = 'qualified' OR converted = 1) AS qualified,
	       count(*) FILTER (WHERE converted = 1) AS k
	FROM received
	GROUP BY coalesce(bucket, '')
),
-- include opportunity/wilson
, bounded AS (
	SELECT rated.*, CASE WHEN bucket = '' THEN 'is.null' ELSE 'eq.' || bucket END AS test, (SELECT sum(k) * 1.0 / sum(n) FROM counted) AS overall FROM rated
)
SELECT CASE WHEN bucket = '' THEN '–' ELSE coalesce(name, bucket) END AS label,
       n AS leads,
       qualified AS qualified,
       k AS converted,
       rate, low, high,
       CASE WHEN n < 20 THEN 'few'
            WHEN lo > overall THEN 'above'
            WHEN hi < overall THEN 'below'
            ELSE 'normal' END AS verdict,
       CASE WHEN $by = 'source' THEN test ELSE 'eq.' || CAST($source AS TEXT) END AS source,
       CASE WHEN $by = 'owner' THEN test ELSE 'eq.' || CAST($owner AS TEXT) END AS owner,
       CASE WHEN $by = 'channel' THEN test ELSE 'eq.' || $channel END AS channel,
       CASE WHEN $by = 'campaign' THEN test ELSE 'eq.' || $campaign END AS campaign,
       CASE WHEN $by = 'action' THEN test ELSE 'eq.' || $action END AS action,
       'gte.' || $from AS "from",
       'lte.' || $to AS "to"
FROM bounded
ORDER BY n DESC, bucket
