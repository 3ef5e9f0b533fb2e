-- Of the sums s.
       s.reports AS reports, s.submitted AS submitted, s.sales AS sales, s.sales_target AS sales_target,
       s.aimed * 10000 / nullif(s.sales_target, 0) AS sales_rate,
       s.new_customers AS new_customers, s.collected AS collected, s.collection_target AS collection_target,
       s.owed * 10000 / nullif(s.collection_target, 0) AS collection_rate,
       s.visits AS visits, s.effective AS effective, s.effective * 10000 / nullif(s.visits, 0) AS effective_rate,
       s.dealt AS dealt, s.dealt * 10000 / nullif(s.deal_base, 0) AS deal_rate,
       s.heads AS heads, s.sales / nullif(s.heads, 0) AS per_person,
       s.forms_due AS forms_due, s.forms_on_time AS forms_on_time,
       s.forms_on_time * 10000 / nullif(s.forms_due, 0) AS forms_rate
