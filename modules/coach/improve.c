/*
 * Improvement plans (S00-07): whoever stays below standard has one, and it is looked at on the days it names.
 */
#include "modules/coach/coach_inner.h"

bool improvement_before(struct ctx *ctx, struct change *c)
{
	struct value day = change_new(c, "review_on");
	bool ends = change_has(c, "state") && !value_is(change_new(c, "state"), "open");

	if (value_id(change_new(c, "member")) == ctx->me->id && !ctx->me->system)
		return fail(ctx, ERR_DENIED, "member", "改进计划由上级制定", "A superior makes the plan");
	if (change_act(c) == CHANGE_CREATE && day.kind == V_TEXT && strcmp(day.s, ctx->today) < 0)
		return fail(ctx, ERR_INVALID, "review_on", "检查日期不能早于今天", "not before today");
	if (ends && value_empty(change_new(c, "outcome")))
		return fail(ctx, ERR_INVALID, "outcome", "请写明结果", "Say what came of it");
	return !change_has(c, "member") || name_after(ctx, c, value_id(change_new(c, "member")), ctx->today);
}

static bool add_review(struct ctx *ctx, int64_t plan, struct value day)
{
	return record_create(ctx, "improvement_review", (struct cell[]){ { "plan", v_int(plan) }, { "due_on", day }, { 0 } }, NULL);
}

bool improvement_after(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = change_act(c) != CHANGE_CREATE ||
	          (add_review(ctx, change_id(c), change_new(c, "review_on")) &&
	           answer_alert(ctx, "no_plan", value_id(change_new(c, "member")), say(ctx, "已有改进计划", "There is a plan now")));

	ctx_as(ctx, me);
	return ok;
}

bool review_before(struct ctx *ctx, struct change *c)
{
	struct value held = change_new(c, "held_on");
	struct value member;
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || !value_id(change_new(c, "plan")))
		return true;
	if (held.kind == V_TEXT && strcmp(held.s, ctx->today) > 0)
		return fail(ctx, ERR_INVALID, "held_on", "还没到那天", "That day has not come yet");
	if (held.kind == V_TEXT && value_empty(change_new(c, "finding")))
		return fail(ctx, ERR_INVALID, "finding", "请写明看到什么", "Say what you found");
	me = ctx_as_system(ctx);
	ok = record_get(ctx, "improvement_plan", value_id(change_new(c, "plan")), "member", &member);
	ctx_as(ctx, me);
	return ok && name_after(ctx, c, value_id(member), change_new(c, "due_on").kind == V_TEXT ? change_new(c, "due_on").s : "");
}

bool review_after(struct ctx *ctx, struct change *c)
{
	struct value next = change_new(c, "next_on");
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || !change_has(c, "next_on") || next.kind != V_TEXT)
		return true;
	me = ctx_as_system(ctx);
	ok = add_review(ctx, value_id(change_new(c, "plan")), next);
	ctx_as(ctx, me);
	return ok;
}

/* A review that was missed: the coach and theirs, once. */
bool remind_reviews(struct ctx *ctx)
{
	const struct object *o = schema_object(ctx->schema, "improvement_review");

	for (;;) {
		struct value plan, coach;
		int64_t leader;
		int64_t id;

		if (!record_find(ctx, "improvement_review", "held_on=is.null&due_on=lt.today&told=eq.false&plan.state=eq.open", &id))
			return false;
		if (!id)
			return true;
		if (!record_get(ctx, "improvement_review", id, "plan", &plan) ||
		    !record_get(ctx, "improvement_plan", value_id(plan), "coach", &coach) ||
		    !member_leader(ctx, value_id(coach), &leader) ||
		    !record_update(ctx, "improvement_review", id, (struct cell[]){ { "told", v_int(1) }, { 0 } }) ||
		    !notice_tell(ctx, value_id(coach), &(struct news){ "review_missed", o, id, 0, NULL }) ||
		    (leader && !notice_tell(ctx, leader, &(struct news){ "review_missed", o, id, 0, NULL })))
			return false;
	}
}
