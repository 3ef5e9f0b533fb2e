/*
 * Who follows at which rhythm (S01-53): the rows a new company starts with, and
 * that what a row names is there.
 */
#include "engine/module.h"

enum { MOST = 8 };                      /* names in one row: a home page is read in one look */

/* The names of a list "a, b", each checked by `known`. */
static bool check_names(struct ctx *ctx, struct change *c, const char *field,
                        bool (*known)(const struct schema *s, const char *name))
{
	struct value v = change_new(c, field);
	struct text kept;
	char **names;
	size_t count = 0;
	bool ok = true;

	if (v.kind != V_TEXT || !change_has(c, field))
		return true;
	text_init(&kept, ctx->mem);
	for (size_t i = 0, n = text_split(ctx->mem, v.s, ',', &names); i < n; i++) {
		const char *name = text_trim(ctx->mem, names[i]);

		if (!*name)
			continue;
		if (!known(ctx->schema, name))
			ok = fail(ctx, ERR_INVALID, field, "没有“%s”，请填写分析页中的名称",
			          "There is no \"%s\": give names as the page Analysis shows them", name);
		text_addf(&kept, "%s%s", count++ ? "," : "", name);
	}
	if (count > MOST)
		return fail(ctx, ERR_INVALID, field, "最多 %d 个", "At most %d", MOST);
	change_set(c, field, v_text(kept.s));
	return ok;
}

static bool is_metric(const struct schema *s, const char *name)
{
	return schema_metric(s, name) != NULL;
}

static bool is_report(const struct schema *s, const char *name)
{
	return schema_report(s, name) != NULL;
}

static bool rhythm_before(struct ctx *ctx, struct change *c)
{
	bool metrics = check_names(ctx, c, "metrics", is_metric);

	return check_names(ctx, c, "reports", is_report) && metrics;
}

/* S01-53: representatives and office leads daily, middle management weekly, senior monthly, the owner results. */
static bool seed(struct ctx *ctx)
{
	static const struct {
		const char *rhythm, *roles, *period, *metrics, *people, *trend, *reports;
		bool lists;
	} rows[] = {
		{ "day", "rep lead inside service marketing hr engineer developer", "day",
		  "visits,calls,effective_visit_rate,follow_up_efficiency", "member", NULL, NULL, true },
		{ "week", "manager", "week",
		  "visits,calls,effective_visit_rate,opportunities_added,deals_won,sales_amount", "member", NULL,
		  "stalled,overdue_tasks", false },
		{ "month", "senior analyst finance admin", "month",
		  "sales_amount,deals_won,sign_rate,opportunities_added,customers_added,visits", "team", "week",
		  "pipeline,win_rate", false },
		{ "results", "owner", "year", "sales_amount,deals_won,average_deal,sign_rate,new_customers", "team",
		  "month", "sales_by,loss_reasons", false },
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		const char *roles;

		if (!member_role_ids(ctx, rows[i].roles, &roles) ||
		    !record_create(ctx, "rhythm", (struct cell[]){
			    { "rhythm", v_text(rows[i].rhythm) },
			    { "position", v_int((int64_t)i + 1) },
			    { "roles", v_text(roles) },
			    { "period", v_text(rows[i].period) },
			    { "metrics", v_text(rows[i].metrics) },
			    { "people", v_text(rows[i].people) },
			    { "trend", v_text(rows[i].trend) },
			    { "reports", v_text(rows[i].reports) },
			    { "lists", v_int(rows[i].lists) },
			    { 0 } }, NULL))
			return false;
	}
	return true;
}

const struct module rhythm_module = {
	.name = "rhythm",
	.hooks = (const struct hook[]){ { "rhythm", HOOK_BEFORE, rhythm_before }, { 0 } },
	.seed = seed,
};
