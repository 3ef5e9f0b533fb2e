/*
 * Learning: what was learned takes the time of its item, unless it says otherwise (S01-73).
 */
#include "engine/module.h"

static bool learning_before(struct ctx *ctx, struct change *c)
{
	struct value minutes;

	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) || !value_empty(change_new(c, "minutes")))
		return true;
	if (!record_get(ctx, "learning_item", value_id(change_new(c, "item")), "minutes", &minutes))
		return false;
	change_set(c, "minutes", minutes);
	return true;
}

static bool test_before(struct ctx *ctx, struct change *c)
{
	if (change_act(c) == CHANGE_DELETE || value_id(change_new(c, "right_answers")) <= value_id(change_new(c, "asked")))
		return true;
	return fail(ctx, ERR_INVALID, "right_answers", "答对的不能多于题数", "No more can be right than were asked");
}

static bool learned(struct ctx *ctx, struct action_call *call)
{
	return record_create(ctx, "learning", (struct cell[]){
		{ "item", v_int(call->id) },
		{ "person", v_int(ctx->me->id) },
		{ "learned_on", v_text(ctx->today) },
		{ "takeaway", action_param(call, "takeaway") },
		{ 0 } }, NULL);
}

/* S03-09: from a deviation to training in one step: the person it is about gets the item as a task. */
static bool train(struct ctx *ctx, struct action_call *call)
{
	struct value origin, name;
	char **parts;
	int64_t person = 0;

	if (!record_get(ctx, "task", call->id, "origin", &origin) ||
	    !record_get(ctx, "learning_item", value_id(action_param(call, "item")), "name", &name))
		return false;
	/* alert/RULE/mPERSON…, or /tTEAM… */
	if (origin.kind == V_TEXT && text_split(ctx->mem, origin.s, '/', &parts) >= 3 && text_eq(parts[0], "alert") && *parts[2] == 'm')
		int_parse(parts[2] + 1, &person);
	if (!person)
		return fail(ctx, ERR_INVALID, NULL, "这个任务不是关于某一个人的", "This task is not about one person");

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, "%s%s", say(ctx, "学习：", "Learn: "), name.s), 200)) },
		{ "owner", v_int(person) }, { "due_on", action_param(call, "due_on") },
		{ "assigned_by", v_int(ctx->actor) }, { "state", v_text("open") },
		{ "origin", v_text(fmt(ctx->mem, "learning_item/%" PRId64, value_id(action_param(call, "item")))) }, { 0 } }, NULL);

	ctx_as(ctx, me);
	return ok;
}

const struct module learning_module = {
	.name = "learning",
	.hooks = (const struct hook[]){
		{ "learning", HOOK_BEFORE, learning_before },
		{ "knowledge_test", HOOK_BEFORE, test_before },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "learning_item", "learned", learned },
		{ "task", "train", train },
		{ 0 },
	},
};
