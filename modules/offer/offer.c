/*
 * Offer: several products for several years are one price (S04-15).
 */
#include "engine/module.h"

/* What the lines are a year; the rest follows from it. */
static bool sum_lines(struct ctx *ctx, int64_t offer)
{
	const char *sql = scope_sql(ctx, "offer_line",
		"SELECT count(*), CAST(coalesce(sum(price), 0) AS BIGINT), CAST(coalesce(sum(cost), 0) AS BIGINT) FROM offer_line WHERE offer = $offer");
	struct query *q = ctx_query(ctx, sql, (struct bind[]){ { "offer", v_int(offer) }, { 0 } });

	if (!q)
		return false;

	bool found = db_next(q);
	struct cell cells[] = {
		{ "products", v_int(found ? db_int(q, 0) : 0) },
		{ "per_year", v_int(found ? db_int(q, 1) : 0) },
		{ "cost_year", v_int(found ? db_int(q, 2) : 0) },
		{ 0 } };
	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "lines of an offer") : record_update(ctx, "offer", offer, cells);
}

static bool line_before(struct ctx *ctx, struct change *c)
{
	struct value name;

	if (!change_has(c, "product"))
		return true;
	if (!record_get(ctx, "product", value_id(change_new(c, "product")), "name", &name))
		return false;
	change_set(c, "name", name);
	return true;
}

static bool line_after(struct ctx *ctx, struct change *c)
{
	int64_t was = value_id(change_old(c, "offer"));
	int64_t now = value_id(change_new(c, "offer"));
	const struct member *me = ctx_as_system(ctx);
	bool ok = (!now || sum_lines(ctx, now)) && (!was || was == now || sum_lines(ctx, was));

	ctx_as(ctx, me);
	return ok;
}

/* S04-18: what goes out with an offer is released, and in force. */
static bool check_added(struct ctx *ctx, const struct change *c)
{
	int64_t added = value_id(change_new(c, "success_case"));
	int64_t policy = value_id(change_new(c, "policy"));
	struct value released;
	struct value from;
	struct value to;

	if (added && change_has(c, "success_case")) {
		if (!record_get(ctx, "success_case", added, "released", &released))
			return false;
		if (!value_id(released))
			return fail(ctx, ERR_INVALID, "success_case", "这个案例还没有放行，不能送出", "This case is not released yet");
	}
	if (!policy || !change_has(c, "policy"))
		return true;
	if (!record_get(ctx, "sales_policy", policy, "from_on", &from) || !record_get(ctx, "sales_policy", policy, "to_on", &to))
		return false;
	return (strcmp(from.s, ctx->today) <= 0 && strcmp(to.s, ctx->today) >= 0) ||
	       fail(ctx, ERR_INVALID, "policy", "这项政策 %s 至 %s 有效，现在不能用", "This policy holds from %s to %s", from.s, to.s);
}

static bool offer_before(struct ctx *ctx, struct change *c)
{
	int64_t years = value_id(change_new(c, "years"));
	int64_t gross = 0;
	int64_t net = 0;

	if (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE)
		return true;
	if (!int_muldiv(value_id(change_new(c, "per_year")), years, 1, &gross) ||
	    !int_muldiv(gross, 10000 - value_id(change_new(c, "discount")), 10000, &net))
		return fail(ctx, ERR_INVALID, "years", "金额太大", "The amount is too large");
	if (!check_added(ctx, c))
		return false;
	change_set(c, "gross", v_int(gross));
	change_set(c, "net", v_int(net));
	change_set(c, "margin", v_int(net - value_id(change_new(c, "cost_year")) * years));
	return true;
}

/* Of the offers of a deal one is chosen. */
static bool offer_after(struct ctx *ctx, struct change *c)
{
	int64_t other;

	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) || !change_has(c, "chosen") || !value_id(change_new(c, "chosen")))
		return true;
	for (;;) {
		if (!record_find(ctx, "offer", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&chosen=eq.true&id=ne.%" PRId64,
		                                   value_id(change_new(c, "opportunity")), change_id(c)), &other))
			return false;
		if (!other)
			return true;
		if (!record_update(ctx, "offer", other, (struct cell[]){ { "chosen", v_int(0) }, { 0 } }))
			return false;
	}
}

const struct module offer_module = {
	.name = "offer",
	.hooks = (const struct hook[]){
		{ "offer_line", HOOK_BEFORE, line_before },
		{ "offer_line", HOOK_AFTER, line_after },
		{ "offer", HOOK_BEFORE, offer_before },
		{ "offer", HOOK_AFTER, offer_after },
		{ 0 },
	},
};
