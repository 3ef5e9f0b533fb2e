SELECT id, level, metric, value, days FROM promotion_criterion ORDER BY position, id
