/*
 * Account: the six roles around a key account, and what each hands to the others (S01-36, S03-12).
 */
#include "engine/module.h"

#include "base/stat.h"

enum { FEW = 20, ADVICE_DAYS = 2 };

/*
 * The team
 */

static bool role_before(struct ctx *ctx, struct change *c)
{
	struct value label;

	if (change_act(c) == CHANGE_UPDATE && (change_has(c, "customer") || change_has(c, "member")))
		return fail(ctx, ERR_INVALID, "member", "换人请删除后重新添加", "Somebody else: delete it and add another");
	if (change_act(c) != CHANGE_CREATE || !value_id(change_new(c, "member")))
		return true;
	if (!record_get(ctx, "member", value_id(change_new(c, "member")), "label", &label))
		return false;
	change_set(c, "name", label);
	return true;
}

/* The customer is open to whoever has a role in its team, for changes to those who lead the account. */
static bool role_after(struct ctx *ctx, struct change *c)
{
	const struct object *customer = schema_object(ctx->schema, "customer");
	bool leads = value_is(change_new(c, "role"), "manager") || value_is(change_new(c, "role"), "account_manager");
	const struct member *me = ctx_as_system(ctx);
	int64_t share;
	bool ok = true;

	if (change_act(c) == CHANGE_CREATE || change_act(c) == CHANGE_RESTORE)
		ok = record_share(ctx, customer, value_id(change_new(c, "customer")), value_id(change_new(c, "member")), 0, leads, NULL, &share) &&
		     record_update(ctx, "account_role", change_id(c), (struct cell[]){ { "share", v_int(share) }, { 0 } });
	else if (change_act(c) == CHANGE_DELETE && value_id(change_old(c, "share")))
		ok = record_unshare(ctx, customer, value_id(change_old(c, "customer")), value_id(change_old(c, "share")));
	ctx_as(ctx, me);
	return ok;
}

/* Who has this role in the team of a customer; 0: nobody. */
static bool who_is(struct ctx *ctx, int64_t customer, const char *role, int64_t *ret)
{
	struct value member;
	int64_t id;

	*ret = 0;
	if (!record_find(ctx, "account_role", fmt(ctx->mem, "customer=eq.%" PRId64 "&role=eq.%s&sort=id", customer, role), &id))
		return false;
	if (!id)
		return true;
	if (!record_get(ctx, "account_role", id, "member", &member))
		return false;
	*ret = value_id(member);
	return true;
}

/*
 * What one hands to another
 */

static bool ask_engineer(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	int64_t engineer;
	bool ok = who_is(ctx, call->id, "engineer", &engineer) &&
	          (engineer || fail(ctx, ERR_INVALID, NULL, "客户团队里还没有技术支持工程师", "The account team has no support engineer yet")) &&
	          record_create(ctx, "service_case", (struct cell[]){
			{ "title", action_param(call, "title") }, { "content", action_param(call, "content") }, { "customer", v_int(call->id) },
			{ "opportunity", action_param(call, "opportunity") }, { "priority", action_param(call, "priority") },
			{ "kind", v_text("technical") }, { "owner", v_int(engineer) }, { "asked_by", v_int(ctx->actor) },
			{ "received_at", v_int(ctx->now) }, { 0 } }, NULL);

	ctx_as(ctx, me);
	return ok;
}

static bool advise(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	struct value owner = v_null();
	int64_t receiver;
	int64_t today;
	bool ok = date_parse(ctx->today, &today) && who_is(ctx, call->id, "account_manager", &receiver) &&
	          record_get(ctx, "customer", call->id, "owner", &owner);

	if (ok && !receiver)
		receiver = value_id(owner);
	ok = ok && (receiver || fail(ctx, ERR_INVALID, NULL, "客户没有客户经理，也没有负责人", "The customer has neither account manager nor owner")) &&
	     record_create(ctx, "task", (struct cell[]){
		{ "title", action_param(call, "title") }, { "remark", action_param(call, "finding") }, { "customer", v_int(call->id) },
		{ "owner", v_int(receiver) }, { "due_on", v_text(date_text(ctx->mem, calendar_add_workdays(today, ADVICE_DAYS))) },
		{ "state", v_text("open") }, { "assigned_by", v_int(ctx->actor) }, { 0 } }, NULL);
	ctx_as(ctx, me);
	return ok;
}

/* With the rights of whoever does it: it is their deal. */
static bool widen(struct ctx *ctx, struct action_call *call)
{
	int64_t made;

	if (!record_create(ctx, "opportunity", (struct cell[]){
		{ "name", action_param(call, "name") }, { "amount", action_param(call, "amount") }, { "customer", v_int(call->id) },
		{ "kind", v_text("expansion") }, { "owner", v_int(ctx->actor) }, { 0 } }, &made))
		return false;
	action_answer(call, "opportunity", made);
	return true;
}

static bool support_effect(struct ctx *ctx, struct report_call *call)
{
	enum { SUPPORTED, REQUESTS, MINUTES, ANSWERED, CLOSED, WON };
	struct query *q = call->figures;

	while (db_next(q)) {
		int64_t closed = db_int(q, CLOSED);
		bool enough = closed >= FEW;
		double low, high;

		stat_wilson(db_int(q, WON), closed, &low, &high);
		report_row(ctx, call, (struct cell[]){
			{ "supported", v_int(db_int(q, SUPPORTED)) }, { "requests", v_int(db_int(q, REQUESTS)) },
			{ "answer", db_int(q, ANSWERED) ? v_int(db_int(q, MINUTES) / db_int(q, ANSWERED)) : v_null() },
			{ "closed", v_int(closed) }, { "won", v_int(db_int(q, WON)) },
			{ "rate", v_int((db_int(q, WON) * 10000 + closed / 2) / closed) },
			{ "low", v_int((int64_t)(low * 10000 + 0.5)) }, { "high", v_int((int64_t)(high * 10000 + 0.5)) },
			{ "reading", enough ? v_null() : v_text(say(ctx, "数据不足", "Not enough data")) },
			{ "open", db_int(q, SUPPORTED) ? v_text(fmt(ctx->mem, "service_case?kind=eq.technical&opportunity.closed_on=gte.%s&opportunity.closed_on=lte.%s",
			                                            report_param(call, "from").s, report_param(call, "to").s))
			                               : v_text(fmt(ctx->mem, "opportunity?result=in.(won,lost)&closed_on=gte.%s&closed_on=lte.%s",
			                                            report_param(call, "from").s, report_param(call, "to").s)) }, { 0 } });
	}
	return true;
}

const struct module account_module = {
	.name = "account",
	.hooks = (const struct hook[]){
		{ "account_role", HOOK_BEFORE, role_before },
		{ "account_role", HOOK_AFTER, role_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "customer", "ask_engineer", ask_engineer },
		{ "customer", "advise", advise },
		{ "customer", "widen", widen },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "support_effect", support_effect },
		{ 0 },
	},
};
