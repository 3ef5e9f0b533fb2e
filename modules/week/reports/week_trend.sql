WITH s AS (
	SELECT week, monday, count(*) AS reports, count(*) FILTER (WHERE state = 'submitted') AS submitted,
	       CAST(sum(sales) AS BIGINT) AS sales, CAST(sum(sales_target) AS BIGINT) AS sales_target,
	       CAST(sum(sales) FILTER (WHERE sales_target > 0) AS BIGINT) AS aimed,
	       CAST(sum(new_customers) AS BIGINT) AS new_customers,
	       CAST(sum(collected) AS BIGINT) AS collected, CAST(sum(collection_target) AS BIGINT) AS collection_target,
	       CAST(sum(collected) FILTER (WHERE collection_target > 0) AS BIGINT) AS owed,
	       CAST(sum(visits) AS BIGINT) AS visits, CAST(sum(effective) AS BIGINT) AS effective,
	       CAST(sum(dealt) AS BIGINT) AS dealt, CAST(sum(heads) AS BIGINT) AS heads,
	       CAST(sum(forms_due) AS BIGINT) AS forms_due, CAST(sum(forms_on_time) AS BIGINT) AS forms_on_time
	FROM week_report
	WHERE monday >= coalesce($from, '0') AND monday <= $to AND team = coalesce($team, team)
	GROUP BY week, monday
)
SELECT s.week AS week, s.monday AS monday, s.reports AS reports, s.submitted AS submitted, s.sales AS sales, s.sales_target AS sales_target,
       s.aimed * 10000 / nullif(s.sales_target, 0) AS sales_rate,
       s.new_customers AS new_customers, s.collected AS collected, s.collection_target AS collection_target,
       s.owed * 10000 / nullif(s.collection_target, 0) AS collection_rate,
       s.visits AS visits, s.effective AS effective, s.effective * 10000 / nullif(s.visits, 0) AS effective_rate,
       s.dealt AS dealt, s.dealt * 10000 / nullif(s.effective, 0) AS deal_rate,
       s.heads AS heads, s.sales / nullif(s.heads, 0) AS per_person,
       s.forms_due AS forms_due, s.forms_on_time AS forms_on_time,
       s.forms_on_time * 10000 / nullif(s.forms_due, 0) AS forms_rate
FROM s
ORDER BY s.monday
