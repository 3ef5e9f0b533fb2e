-- What became of the proposals, by their place and whether they were followed.
SELECT CASE WHEN place <= 5 THEN 1 WHEN place <= 10 THEN 2 ELSE 3 END AS band, followed, count(*) AS n, CAST(coalesce(sum(moved), 0) AS BIGINT) AS moved
FROM today_offer
JOIN member ON member.id = today_offer.owner
WHERE judged = 1 AND day >= coalesce($from, '0') AND day <= coalesce($to, '9')
AND today_offer.owner = coalesce($owner, today_offer.owner) AND (CAST($team AS BIGINT) IS NULL OR member.team = $team)
GROUP BY CASE WHEN place <= 5 THEN 1 WHEN place <= 10 THEN 2 ELSE 3 END, followed
