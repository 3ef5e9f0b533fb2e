-- A row per person in the decision, with the name in the column of the attitude; and one for each part that has nobody.
WITH chosen AS MATERIALIZED (
	SELECT id, name FROM opportunity
	WHERE id = $opportunity AND coalesce(owner, 0) = coalesce($owner, owner, 0)
	UNION ALL
	SELECT id, name
	-- Backwards through those with anybody known, until there are 200.
	FROM (SELECT s.opportunity AS id, max(o.name) AS name
	      FROM stakeholder s
	      CROSS JOIN opportunity o
	      WHERE o.id = s.opportunity AND CAST($opportunity AS BIGINT) IS NULL AND o.result = 'open' AND coalesce(o.owner, 0) = coalesce($owner, o.owner, 0)
	      GROUP BY s.opportunity
	      ORDER BY s.opportunity DESC
	      LIMIT 200) latest
), part AS (
	SELECT 1 AS place, 'decider' AS role UNION ALL SELECT 2, 'influencer' UNION ALL SELECT 3, 'user'
	UNION ALL SELECT 4, 'gatekeeper' UNION ALL SELECT 5, 'buyer' UNION ALL SELECT 6, 'coach'
), talk AS (
	-- Who took part stands in the text ",1,2,".
	SELECT s.id AS id, count(a.id) AS talks, max(a.done_at) AS last_at
	FROM chosen
	CROSS JOIN stakeholder s
	CROSS JOIN activity a
	WHERE s.opportunity = chosen.id AND a.opportunity = s.opportunity AND a.state = 'done' AND a.kind <> 'note'
	AND a.contacts LIKE '%,' || CAST(s.contact AS TEXT) || ',%'
	GROUP BY s.id
), person AS (
	SELECT chosen.id AS opportunity_id, chosen.name AS opportunity, s.role AS role, part.place AS place, contact.name AS who,
	       s.attitude AS attitude, s.influence AS influence, s.access AS access, coalesce(talk.talks, 0) AS talks,
	       talk.last_at AS last_at, s.id AS id, contact.id AS contact_id, by_whom.name AS introducer, s.plan AS plan
	FROM chosen
	CROSS JOIN stakeholder s
	LEFT JOIN part ON part.role = s.role
	LEFT JOIN contact ON contact.id = s.contact
	LEFT JOIN contact by_whom ON by_whom.id = s.introducer
	LEFT JOIN talk ON talk.id = s.id
	WHERE s.opportunity = chosen.id
), line AS (
	SELECT opportunity_id, opportunity, role, place, id,
	       CASE WHEN attitude = 'support' THEN who END AS supports,
	       CASE WHEN coalesce(attitude, 'neutral') = 'neutral' THEN who END AS neutral,
	       CASE WHEN attitude = 'oppose' THEN who END AS opposes,
	       influence, access, talks,
	       (SELECT c.day FROM calendar_day c WHERE c.starts_at <= last_at AND c.starts_at > last_at - 90000000 ORDER BY c.starts_at DESC LIMIT 1) AS last_on,
	       CASE WHEN talks = 0 AND role = 'decider' THEN 'never_met'
	            WHEN attitude = 'oppose' AND influence = 'high' THEN 'opposes'
	            WHEN talks = 0 THEN 'never_met'
	            WHEN last_at < $now - 2592000000 THEN 'silent' END AS warning,
	       introducer, plan, contact_id, who, attitude
	FROM person
	UNION ALL
	SELECT chosen.id, chosen.name, part.role, part.place, 0, NULL, NULL, NULL, NULL, NULL, 0, NULL, 'missing',
	       NULL, NULL, NULL, NULL, NULL
	FROM chosen
	CROSS JOIN part
	WHERE (part.role = 'decider' OR CAST($opportunity AS BIGINT) IS NOT NULL)
	AND NOT EXISTS (SELECT 1 FROM stakeholder s WHERE s.opportunity = chosen.id AND s.role = part.role)
)
SELECT opportunity_id, opportunity, role, supports, neutral, opposes, influence, access, talks, last_on, introducer, plan, warning,
       CASE WHEN warning = 'missing' THEN 'find' WHEN warning = 'never_met' AND introducer IS NOT NULL THEN 'introduce' WHEN warning = 'never_met' THEN 'meet'
            WHEN warning = 'opposes' THEN 'win_over' WHEN warning = 'silent' THEN 'call' WHEN plan <> '' THEN 'plan' END AS next,
       CASE WHEN id > 0 THEN id END AS stakeholder_id, contact_id, who AS person, attitude
FROM line
WHERE warning IS NOT NULL OR CAST($opportunity AS BIGINT) IS NOT NULL
ORDER BY opportunity_id DESC, coalesce(place, 9), id
LIMIT 200
