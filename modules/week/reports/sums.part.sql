-- Of weekly reports.
       count(*) AS reports, count(*) FILTER (WHERE state = 'submitted') AS submitted,
       CAST(sum(sales) AS BIGINT) AS sales, CAST(sum(sales_target) AS BIGINT) AS sales_target,
       CAST(sum(sales) FILTER (WHERE sales_target > 0) AS BIGINT) AS aimed,
       CAST(sum(new_customers) AS BIGINT) AS new_customers,
       CAST(sum(collected) AS BIGINT) AS collected, CAST(sum(collection_target) AS BIGINT) AS collection_target,
       CAST(sum(collected) FILTER (WHERE collection_target > 0) AS BIGINT) AS owed,
       CAST(sum(visits) AS BIGINT) AS visits, CAST(sum(effective) AS BIGINT) AS effective,
       CAST(sum(dealt) AS BIGINT) AS dealt, CAST(sum(coalesce(deal_base, effective)) AS BIGINT) AS deal_base, CAST(sum(heads) AS BIGINT) AS heads,
       CAST(sum(forms_due) AS BIGINT) AS forms_due, CAST(sum(forms_on_time) AS BIGINT) AS forms_on_time
