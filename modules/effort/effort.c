/*
 * Effort: what calls, visits and hours bring.
 *
 * The hooks keep what reports count by: the commission of a deal on the day it is won, the hour
 * and weekday an activity was done; and ask for a reason when a prospect is given up early.
 */
#include "modules/effort/effort_inner.h"

/*
 * S01-69: by the product's rate, else the company's; without either there is none.  It is
 * worked out when what it is of changes, so that it is there before signing (S03-04), and
 * again when the deal is won: another rate does not change the past.
 */
static bool rate_of(struct ctx *ctx, int64_t product, int64_t *ret)
{
	struct value rate = v_null();

	if (product && !record_get(ctx, "product", product, "commission_rate", &rate))
		return false;
	*ret = rate.kind == V_INT ? rate.i : setting_int(ctx, "commission_percent") * 100;
	return true;
}

static bool opportunity_before(struct ctx *ctx, struct change *c)
{
	struct value amount = change_new(c, "amount");
	bool lost = value_is(change_new(c, "result"), "lost");
	int64_t commission = 0;
	int64_t rate;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE ||
	    !(change_has(c, "result") || change_has(c, "amount") || change_has(c, "product")))
		return true;
	change_set(c, "commission", v_null());
	if (lost || amount.kind != V_INT)
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = rate_of(ctx, value_id(change_new(c, "product")), &rate);

	ctx_as(ctx, me);
	if (ok && rate > 0 && int_muldiv(amount.i, rate, 10000, &commission))
		change_set(c, "commission", v_int(commission));
	return ok;
}

static bool activity_before(struct ctx *ctx, struct change *c)
{
	struct value done = change_new(c, "done_at");
	(void)ctx;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || !change_has(c, "done_at"))
		return true;
	change_set(c, "done_hour", done.kind == V_INT ? v_int(instant_minute(done.i) / 60) : v_null());
	change_set(c, "done_weekday", done.kind == V_INT ? v_int(date_weekday(instant_day(done.i))) : v_null());
	return true;
}

/* S01-68: who gives a prospect up before enough attempts says why. */
static bool lead_before(struct ctx *ctx, struct change *c)
{
	const struct object *activity = schema_object(ctx->schema, "activity");
	int64_t asked = setting_int(ctx, "prospect_attempts");
	int64_t made = 0;
	struct list l;

	if (change_act(c) != CHANGE_UPDATE || ctx->import || !change_has(c, "state") ||
	    !value_is(change_new(c, "state"), "invalid") || !value_empty(change_new(c, "invalid_reason")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = query_parse(ctx, activity, fmt(ctx->mem, "lead=eq.%" PRId64 "&state=eq.done&kind=ne.note", change_id(c)), &l) &&
	          query_count(ctx, &l, &made);

	ctx_as(ctx, me);
	if (!ok || made >= asked)
		return ok;
	return fail(ctx, ERR_INVALID, "invalid_reason", "只联系了 %" PRId64 " 次（应至少 %" PRId64 " 次），放弃须说明理由",
	            "Contacted %" PRId64 " times only (%" PRId64 " are due): say why it is given up", made, asked);
}

const struct module effort_module = {
	.name = "effort",
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_BEFORE, opportunity_before },
		{ "activity", HOOK_BEFORE, activity_before },
		{ "lead", HOOK_BEFORE, lead_before },
		{ 0 },
	},
	.reports = effort_reports,
};
