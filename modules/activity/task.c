/*
 * Task: somebody's dated to-do.  The hook keeps when it was done, whether in
 * time, and who gave it.
 */
#include "engine/module.h"

static void judge(struct ctx *ctx, struct change *c)
{
	struct value due = change_new(c, "due_on");
	struct value done = change_new(c, "done_at");
	int64_t day;

	/* Saying when it was done says that it is. */
	if (change_has(c, "done_at") && done.kind == V_INT && !change_has(c, "state") &&
	    value_is(change_new(c, "state"), "open"))
		change_set(c, "state", v_text("done"));
	/* Taking that back opens it again. */
	if (change_has(c, "done_at") && done.kind == V_NULL && !change_has(c, "state") &&
	    value_is(change_new(c, "state"), "done"))
		change_set(c, "state", v_text("open"));
	if (!value_is(change_new(c, "state"), "done")) {
		change_set(c, "done_at", v_null());
		change_set(c, "on_time", v_int(0));
		return;
	}
	if (done.kind != V_INT) {
		done = v_int(ctx->now);
		change_set(c, "done_at", done);
	}
	change_set(c, "on_time", v_int(due.kind == V_TEXT && date_parse(due.s, &day) &&
	                               instant_day(done.i) <= day));
}

static bool task_before(struct ctx *ctx, struct change *c)
{
	struct value owner = change_new(c, "owner");
	bool given = change_act(c) == CHANGE_CREATE || change_has(c, "owner");

	judge(ctx, c);
	/* Raised by a rule is not given by whoever happened to set it off. */
	if (given && ctx->actor && change_new(c, "origin").kind == V_NULL && owner.kind == V_INT &&
	    owner.i != ctx->actor)
		change_set(c, "assigned_by", v_int(ctx->actor));
	return true;
}

static bool finish(struct ctx *ctx, struct action_call *call)
{
	return record_update(ctx, "task", call->id, (struct cell[]){
		{ "state", v_text("done") },
		{ "done_at", v_int(ctx->now) },
		{ "answer", action_param(call, "answer") },
		{ 0 } });
}

static bool postpone(struct ctx *ctx, struct action_call *call)
{
	struct value due = action_param(call, "due_on");

	if (due.kind == V_TEXT && strcmp(due.s, ctx->today) < 0)
		return fail(ctx, ERR_INVALID, "due_on", "不能延到过去", "It cannot be postponed into the past");
	return record_update(ctx, "task", call->id, (struct cell[]){
		{ "due_on", due },
		{ 0 } });
}

const struct module task_module = {
	.name = "task",
	.hooks = (const struct hook[]){
		{ "task", HOOK_BEFORE | HOOK_WRITES, task_before },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "task", "finish", finish },
		{ "task", "postpone", postpone },
		{ 0 },
	},
};
