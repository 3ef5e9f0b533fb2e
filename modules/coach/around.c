/*
 * The responsible person is never bypassed (S00-02): what a superior does with another's customer is the owner's
 * news at once, and counted.
 */
#include "modules/coach/coach_inner.h"

/* Is `above` somebody this member answers to, at any level? */
static bool is_above(struct ctx *ctx, int64_t member, int64_t above, bool *ret)
{
	enum { LEVELS = 10 };

	*ret = false;
	for (int i = 0; member && i < LEVELS; i++) {
		if (!member_leader(ctx, member, &member))
			return false;
		if (member == above) {
			*ret = true;
			return true;
		}
	}
	return true;
}

static bool find_owner(struct ctx *ctx, const struct change *c, int64_t *ret)
{
	int64_t customer = value_id(change_new(c, "customer"));
	struct value owner = v_null();

	if (customer && !record_get(ctx, "customer", customer, "owner", &owner))
		return false;
	*ret = value_id(owner);
	return true;
}

bool around_before(struct ctx *ctx, struct change *c)
{
	int64_t who = value_id(change_new(c, "owner"));
	const struct member *me;
	bool around = false;
	int64_t owner;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || ctx->import ||
	    !(change_act(c) == CHANGE_CREATE || change_has(c, "state") || change_has(c, "joint") || change_has(c, "customer") || change_has(c, "owner")))
		return true;
	me = ctx_as_system(ctx);
	ok = find_owner(ctx, c, &owner) &&
	     (!owner || owner == who || !value_is(change_new(c, "state"), "done") || value_is(change_new(c, "kind"), "note") ||
	      value_id(change_new(c, "joint")) || is_above(ctx, owner, who, &around));
	ctx_as(ctx, me);
	if (ok)
		change_set(c, "around", v_int(around));
	return ok;
}

bool around_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	int64_t owner;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || !change_has(c, "around") ||
	    !value_id(change_new(c, "around")))
		return true;
	me = ctx_as_system(ctx);
	ok = find_owner(ctx, c, &owner) && (!owner || notice_tell(ctx, owner,
	     &(struct news){ "around", change_object(c), change_id(c), 0, NULL }));
	ctx_as(ctx, me);
	return ok;
}

/* What reached the wrong desk goes to the owner as a task; who routed it goes on following the customer. */
bool route(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx->me;
	struct value owner;
	int64_t there;
	bool ok;

	if (!record_get(ctx, "customer", call->id, "owner", &owner))
		return false;
	if (!value_id(owner))
		return fail(ctx, ERR_INVALID, NULL, "客户没有负责人，请先分配", "Nobody owns this customer: assign it first");
	if (value_id(owner) == me->id)
		return fail(ctx, ERR_INVALID, NULL, "您就是负责人", "You are the owner");
	if (!record_find(ctx, "follow", fmt(ctx->mem, "object=eq.customer&record=eq.%" PRId64 "&member=eq.%" PRId64, call->id, me->id), &there) ||
	    (!there && !record_create(ctx, "follow", (struct cell[]){
		{ "object", v_text("customer") }, { "record", v_int(call->id) }, { "member", v_int(me->id) }, { "active", v_int(1) }, { 0 } }, NULL)))
		return false;
	/* Whoever sees the customer may pass on what it wants; the task is the owner's. */
	ctx_as_system(ctx);
	ok = record_create(ctx, "task", (struct cell[]){
		{ "title", action_param(call, "title") }, { "due_on", action_param(call, "due_on") }, { "remark", action_param(call, "remark") },
		{ "owner", owner }, { "customer", v_int(call->id) }, { "priority", v_text("high") }, { 0 } }, NULL);
	ctx_as(ctx, me);
	return ok;
}
