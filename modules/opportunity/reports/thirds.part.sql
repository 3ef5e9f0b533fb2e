-- scored (id, score, won) in thirds by score; opportunity/wilson and opportunity/thirds_told go on.
placed AS (
	SELECT scored.*, ntile(3) OVER (ORDER BY score DESC, id) AS third FROM scored
), counted AS (
	SELECT third, count(*) AS n, CAST(sum(won) AS BIGINT) AS k, min(score) AS from_score, max(score) AS to_score FROM placed GROUP BY third
)
