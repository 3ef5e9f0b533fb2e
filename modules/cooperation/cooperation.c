/*
 * Cooperation: what colleagues ask of each other, so that the customer is served (S02-18).
 *
 * A request is its asker's; whoever it is asked of, and who leads them, get it shared.  It is a task of the
 * receiver until it is answered.
 */
#include "engine/module.h"

static const char *origin_of(struct ctx *ctx, int64_t id)
{
	return fmt(ctx->mem, "internal_request/%" PRId64, id);
}

/* Who may say so: the receiver accepts, answers or declines, the asker withdraws; whoever leads them may do either. */
static bool may_say(struct ctx *ctx, const struct change *c, const char *state)
{
	int64_t asker = value_id(change_new(c, "asker"));
	int64_t receiver = value_id(change_new(c, "receiver"));
	bool withdraws = text_eq(state, "withdrawn") || text_eq(state, "asked");

	if (ctx->me->system || asker == receiver)
		return true;
	if (!withdraws && ctx->actor == asker)
		return fail(ctx, ERR_INVALID, "state", "由接收人接受或答复", "Whoever it is asked of accepts and answers it");
	if (withdraws && ctx->actor == receiver)
		return fail(ctx, ERR_INVALID, "state", "只有提出人可以撤回", "Only who asked can withdraw it");
	return true;
}

static void stamp(const struct ctx *ctx, struct change *c, const char *at, const char *on)
{
	if (change_new(c, at).kind == V_INT)
		return;
	change_set(c, at, v_int(ctx->now));
	change_set(c, on, v_text(ctx->today));
}

static bool request_before(struct ctx *ctx, struct change *c)
{
	struct value state = change_new(c, "state");

	if (change_act(c) == CHANGE_CREATE) {
		change_set(c, "asked_at", v_int(ctx->now));
		change_set(c, "asked_on", v_text(ctx->today));
		change_set(c, "accept_by", v_text(date_text(ctx->mem, calendar_add_workdays(instant_day(ctx->now), setting_int(ctx, "accept_days")))));
		change_set(c, "state", v_text("asked"));
		return true;
	}
	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "state") || state.kind != V_TEXT)
		return true;
	if (!may_say(ctx, c, state.s))
		return false;
	if (value_is(state, "declined") && value_empty(change_new(c, "answer")))
		return fail(ctx, ERR_INVALID, "answer", "请写明为什么不接受", "Say why it is declined");
	if (value_is(state, "accepted") || value_is(state, "done") || value_is(state, "declined"))
		stamp(ctx, c, "accepted_at", "accepted_on");
	if (value_is(state, "done") || value_is(state, "declined"))
		stamp(ctx, c, "done_at", "done_on");
	return true;
}

static bool open_to(struct ctx *ctx, const struct change *c, int64_t member, bool writable)
{
	struct member m;
	bool may;

	return !member || (notice_reader(ctx, member, change_object(c), change_id(c), &m, &may) &&
	       (may || !m.id || record_share(ctx, change_object(c), change_id(c), member, 0, writable, NULL, NULL)));
}

/* The receiver's task: open as long as nothing was answered. */
static bool settle_task(struct ctx *ctx, const struct change *c)
{
	struct value state = change_new(c, "state");
	bool open = value_is(state, "asked") || value_is(state, "accepted");
	const char *ends = value_is(state, "withdrawn") ? "cancelled" : "done";
	int64_t task;

	if (!record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&state=eq.open", origin_of(ctx, change_id(c))), &task))
		return false;
	if (task)
		return record_update(ctx, "task", task, (struct cell[]){
			{ "owner", change_new(c, "receiver") }, { "due_on", change_new(c, "due_on") },
			{ "state", v_text(open ? "open" : ends) }, { 0 } });
	return !open || record_create(ctx, "task", (struct cell[]){
		{ "title", change_new(c, "title") },
		{ "owner", change_new(c, "receiver") },
		{ "remark", change_new(c, "content") },
		{ "due_on", change_new(c, "due_on") },
		{ "state", v_text("open") },
		{ "origin", v_text(origin_of(ctx, change_id(c))) },
		{ 0 } }, NULL);
}

static bool hand_on(struct ctx *ctx, const struct change *c)
{
	int64_t receiver = value_id(change_new(c, "receiver"));
	int64_t leader;

	if (change_has(c, "receiver") &&
	    (!member_leader(ctx, receiver, &leader) || !open_to(ctx, c, receiver, true) || !open_to(ctx, c, leader, false)))
		return false;
	return settle_task(ctx, c);
}

static bool request_after(struct ctx *ctx, struct change *c)
{
	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) ||
	    !(change_has(c, "state") || change_has(c, "receiver") || change_has(c, "due_on")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = hand_on(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

const struct module cooperation_module = {
	.name = "cooperation",
	.hooks = (const struct hook[]){
		{ "internal_request", HOOK_BEFORE, request_before },
		{ "internal_request", HOOK_AFTER, request_after },
		{ 0 },
	},
};
