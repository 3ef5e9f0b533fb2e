-- The days of the stays that ended, as spreads in tenths of a day; deals.c puts them together.
SELECT stage.id AS id, stage.pipeline AS pipeline, stage.position AS position, stage.norm_days AS norm_days,
       stage.name AS name, stage.name_en AS name_en, t.spread AS days
FROM (SELECT split1, spread FROM stage_left_period_all WHERE CAST($owner AS BIGINT) IS NULL
      UNION ALL
      SELECT split1, spread FROM stage_left_period WHERE member = $owner) t
JOIN stage ON stage.id = CAST(t.split1 AS BIGINT)
WHERE stage.pipeline = coalesce($pipeline, stage.pipeline) AND t.spread IS NOT NULL
