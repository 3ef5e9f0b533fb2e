-- What is watched, with its days.
SELECT g.id AS id, g.name AS name, g.metric AS metric, g.base_from AS base_from, g.base_to AS base_to, s.day AS since, $on AS until, g.wanted AS wanted
FROM effect_goal g
JOIN calendar_day d ON d.day = $on
JOIN calendar_day s ON s.day_number = d.day_number - g.days + 1
WHERE g.active = 1
ORDER BY g.id
