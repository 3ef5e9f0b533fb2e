-- What came out in visits, by group.
WITH edge AS (
	SELECT f.day AS since, f.starts_at AS from_at, l.starts_at + 86400000 AS until
	FROM calendar_day f
	JOIN calendar_day l ON l.day = $to
	WHERE f.day = coalesce($from, substr($today, 1, 8) || '01')
), done AS (
	-- By the time, not by the state: nearly all are done.  An index has what finds them, only visits are looked up.
	SELECT a.id AS id
	FROM edge
	CROSS JOIN activity a
	WHERE a.kind = 'visit' AND coalesce(a.state, '') = 'done' AND a.done_at >= edge.from_at AND a.done_at < edge.until
), visit AS (
	SELECT coalesce(CASE $by WHEN 'owner' THEN CAST(m.id AS TEXT) WHEN 'team' THEN CAST(m.team AS TEXT) ELSE '*' END, '') AS bucket,
	       CASE $by WHEN 'owner' THEN m.label WHEN 'team' THEN team.name END AS name, a.*
	FROM done
	CROSS JOIN activity a
	JOIN member m ON m.id = a.owner
	LEFT JOIN team ON team.id = m.team
	WHERE a.id = done.id AND (CAST($owner AS BIGINT) IS NULL OR m.id = $owner) AND (CAST($team AS BIGINT) IS NULL OR m.team = $team)
), counted AS (
	SELECT bucket, max(name) AS name, count(*) AS visits, count(*) FILTER (WHERE decider_met = 1) AS deciders,
	       count(*) FILTER (WHERE needs_found <> '') AS needs, CAST(coalesce(sum(closing_attempts), 0) AS BIGINT) AS attempts,
	       count(*) FILTER (WHERE no_reason <> '') AS reasons, count(*) FILTER (WHERE referral_asked = 1) AS asked,
	       CAST(coalesce(sum(referrals), 0) AS BIGINT) AS obtained, CAST(coalesce(sum(referrals_called), 0) AS BIGINT) AS called,
	       CAST(coalesce(sum(cold_around), 0) AS BIGINT) AS cold, count(*) FILTER (WHERE cold_around > 0) AS cold_visits
	FROM visit
	GROUP BY bucket
)
SELECT coalesce(c.name, '–') AS label, c.visits AS visits, c.deciders AS deciders, c.needs AS needs, 10.0 * c.attempts / c.visits AS closing,
       c.reasons AS reasons, c.asked AS asked, c.obtained AS obtained, c.called AS called, c.cold AS cold, c.cold_visits AS cold_visits,
       CASE WHEN c.cold_visits > 0 THEN 10.0 * c.cold / c.cold_visits END AS cold_each,
       CASE WHEN $by = 'owner' THEN 'eq.' || c.bucket ELSE 'eq.' || CAST($owner AS TEXT) END AS who,
       CASE WHEN $by = 'team' THEN CASE WHEN c.bucket = '' THEN 'is.null' ELSE 'eq.' || c.bucket END ELSE 'eq.' || CAST($team AS TEXT) END AS part,
       edge.since AS since
FROM counted c
CROSS JOIN edge
ORDER BY c.visits DESC, c.bucket
