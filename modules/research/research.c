/*
 * Research: what is known of a customer before and after the talk, and the script that fits (S03-03, S03-07).
 */
#include "engine/module.h"

#include "base/stat.h"

enum { FEW = 20 };

static bool research_before(struct ctx *ctx, struct change *c)
{
	struct value name;

	if (change_act(c) == CHANGE_DELETE || !value_id(change_new(c, "customer")) || !change_has(c, "customer"))
		return true;
	if (!record_get(ctx, "customer", value_id(change_new(c, "customer")), "name", &name))
		return false;
	change_set(c, "name", name);
	return true;
}

static bool research_after(struct ctx *ctx, struct change *c)
{
	return change_act(c) == CHANGE_DELETE || value_empty(change_new(c, "buyer_type")) ||
	       !(change_act(c) == CHANGE_CREATE || change_has(c, "buyer_type")) ||
	       record_update(ctx, "customer", value_id(change_new(c, "customer")),
	                     (struct cell[]){ { "buyer_type", change_new(c, "buyer_type") }, { 0 } });
}

/* What was said with a script stays what it was: another wording is the next version. */
static bool script_before(struct ctx *ctx, struct change *c)
{
	struct value type = change_new(c, "buyer_type");
	const struct choice *choice;
	int64_t newest;

	if (change_act(c) != CHANGE_CREATE || type.kind != V_TEXT)
		return true;
	if (!ctx_get_int(ctx, scope_sql(ctx, "sales_script", "SELECT max(edition) FROM sales_script WHERE buyer_type = $type"),
	                 (struct bind[]){ { "type", type }, { 0 } }, 0, &newest))
		return false;
	choice = field_choice(object_field(schema_object(ctx->schema, "sales_script"), "buyer_type"), type.s);
	change_set(c, "edition", v_int(newest + 1));
	change_set(c, "in_use", v_int(1));
	change_set(c, "name", v_text(fmt(ctx->mem, "%s %" PRId64, choice ? label_in(choice->label, ctx->me->language) : type.s, newest + 1)));
	return true;
}

static bool script_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	int64_t former;
	bool ok;

	if (change_act(c) != CHANGE_CREATE)
		return true;
	me = ctx_as_system(ctx);
	ok = record_find(ctx, "sales_script", fmt(ctx->mem, "buyer_type=eq.%s&in_use=eq.true&id=ne.%" PRId64, change_new(c, "buyer_type").s,
	                                          change_id(c)), &former) &&
	     (!former || record_update(ctx, "sales_script", former, (struct cell[]){ { "in_use", v_int(0) }, { 0 } }));
	ctx_as(ctx, me);
	return ok;
}

/* With the setting: no deal leaves its first stage for a customer nobody has looked into. */
static bool deal_before(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	struct value was, now;
	int64_t customer = value_id(change_new(c, "customer"));
	int64_t id = 0;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "stage") || ctx->import || !customer || !setting_bool(ctx, "research_gate"))
		return true;
	me = ctx_as_system(ctx);
	ok = record_get(ctx, "stage", value_id(change_old(c, "stage")), "position", &was) &&
	     record_get(ctx, "stage", value_id(change_new(c, "stage")), "position", &now) &&
	     record_find(ctx, "research", fmt(ctx->mem, "customer=eq.%" PRId64, customer), &id);
	ctx_as(ctx, me);
	return ok && (id || value_id(now) <= value_id(was) || value_is(change_new(c, "result"), "lost") ||
	              fail(ctx, ERR_INVALID, "stage", "推进之前先做客户调研：决策过程、痛点、期望",
	                   "Research the customer first: how they decide, pains, expectations"));
}

static bool script_effect(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		int64_t used = db_int(q, 2);
		int64_t reached = db_int(q, 3);
		double low, high;

		stat_wilson(reached, used, &low, &high);
		report_row(ctx, call, (struct cell[]){
			{ "id", v_int(db_int(q, 0)) }, { "script", v_text(arena_dup(ctx->mem, db_text(q, 1))) }, { "used", v_int(used) },
			{ "reached", v_int(reached) }, { "rate", v_int((reached * 10000 + used / 2) / used) },
			{ "low", v_int((int64_t)(low * 10000 + 0.5)) }, { "high", v_int((int64_t)(high * 10000 + 0.5)) },
			{ "reading", used < FEW ? v_text(say(ctx, "数据不足", "Not enough data")) : v_null() }, { 0 } });
	}
	return true;
}

const struct module research_module = {
	.name = "research",
	.hooks = (const struct hook[]){
		{ "research", HOOK_BEFORE, research_before },
		{ "research", HOOK_AFTER, research_after },
		{ "sales_script", HOOK_BEFORE, script_before },
		{ "sales_script", HOOK_AFTER, script_after },
		{ "opportunity", HOOK_BEFORE, deal_before },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "script_effect", script_effect },
		{ 0 },
	},
};
