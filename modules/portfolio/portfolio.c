/*
 * Portfolio: the customers as a whole.  Here: how each goes through the life cycle (S03-15) – every move is
 * written down, and a buyer who has not bought for long sleeps and is its owner's task.
 */
#include "engine/module.h"

enum { FRESH = 30 };    /* who fell asleep within so many days can be won back; imported buyers of long ago are no tasks */

static const char *kind_of(struct value from, struct value to)
{
	bool was_away = value_is(from, "silent") || value_is(from, "lost");
	bool buys = value_is(to, "deal") || value_is(to, "loyal");

	if (was_away && buys)
		return "won_back";
	return value_is(to, "intending") ? "intending" : value_is(to, "deal") ? "active" : value_is(to, "loyal") ? "loyal"
	     : value_is(to, "silent") ? "sleeping" : value_is(to, "lost") ? "lost" : "other";
}

static bool customer_after(struct ctx *ctx, struct change *c)
{
	struct value from = change_old(c, "lifecycle");
	struct value to = change_new(c, "lifecycle");
	const struct member *me;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "lifecycle") || to.kind != V_TEXT || ctx->import)
		return true;
	me = ctx_as_system(ctx);
	ok = record_create(ctx, "lifecycle_move", (struct cell[]){
		{ "customer", v_int(change_id(c)) }, { "moved_on", v_text(ctx->today) }, { "former", from }, { "state", to },
		{ "kind", v_text(kind_of(from, to)) }, { 0 } }, NULL);
	ctx_as(ctx, me);
	return ok;
}

/* To win back, by the next workday but two; not whose last order is before `since`. */
static bool ask_back(struct ctx *ctx, int64_t customer, const char *since)
{
	struct value name, owner, last;

	if (!record_get(ctx, "customer", customer, "name", &name) || !record_get(ctx, "customer", customer, "owner", &owner) ||
	    !record_get(ctx, "customer", customer, "last_deal_on", &last))
		return false;
	return !value_id(owner) || strcmp(last.s, since) < 0 || record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, in_english(ctx) ? "Win back: %s, last order %s" : "唤醒：%s，最近成交 %s", name.s, last.s), 200)) },
		{ "owner", owner }, { "customer", v_int(customer) },
		{ "due_on", v_text(date_text(ctx->mem, calendar_add_workdays(instant_day(ctx->now), 3))) },
		{ "state", v_text("open") }, { "origin", v_text(fmt(ctx->mem, "lifecycle/%" PRId64, customer)) }, { 0 } }, NULL);
}

/* Buyers without an order for sleep_days (0: never) sleep. */
static bool put_to_sleep(struct ctx *ctx, const struct json *args)
{
	int64_t days = setting_int(ctx, "sleep_days");
	const char *limit = date_text(ctx->mem, instant_day(ctx->now) - days);
	const char *since = date_text(ctx->mem, instant_day(ctx->now) - days - FRESH);
	int64_t *ids;
	size_t n;

	if (!days)
		return true;
	if (!ctx_ids(ctx, scope_sql(ctx, "customer",
	        fmt(ctx->mem, "SELECT id FROM customer WHERE lifecycle IN ('deal', 'loyal') AND last_deal_on <= $limit AND id > $after"
	            " ORDER BY id LIMIT %d", QUERY_LIMIT)),
	        (struct bind[]){ { "limit", v_text(limit) }, { "after", v_int(json_int(args, "after", 0)) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_update(ctx, "customer", ids[i], (struct cell[]){ { "lifecycle", v_text("silent") }, { 0 } }) || !ask_back(ctx, ids[i], since))
			return false;
	return n < QUERY_LIMIT || job_add(ctx, "portfolio_sleep", fmt(ctx->mem, "{\"after\":%" PRId64 "}", ids[n - 1]), ctx->now, NULL);
}

const struct module portfolio_module = {
	.name = "portfolio",
	.hooks = (const struct hook[]){
		{ "customer", HOOK_AFTER, customer_after },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "portfolio_sleep", "daily 02:50", put_to_sleep, { "沉默的老客户成为任务", "Make sleeping buyers somebody's task" } },
		{ 0 },
	},
};
