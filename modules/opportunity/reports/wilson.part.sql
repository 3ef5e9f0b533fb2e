-- Of counted (k of n cases) the share r and Wilson's 95 % interval from lo to hi (z = 1.96); rate, low, high: the same in hundredths of a per cent.
shared AS (
	SELECT counted.*, CASE WHEN n > 0 THEN k * 1.0 / n END AS r,
	       CASE WHEN n > 0 THEN (k + 1.9208 - 1.96 * sqrt(k * 1.0 * (n - k) / n + 0.9604)) / (n + 3.8416) END AS lo,
	       CASE WHEN n > 0 THEN (k + 1.9208 + 1.96 * sqrt(k * 1.0 * (n - k) / n + 0.9604)) / (n + 3.8416) END AS hi
	FROM counted
), rated AS (
	SELECT shared.*, CAST(floor(0.5 + 10000 * r) AS BIGINT) AS rate, CAST(floor(0.5 + 10000 * lo) AS BIGINT) AS low, CAST(floor(0.5 + 10000 * hi) AS BIGINT) AS high
	FROM shared
)
