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

const struct module learning_module = {
	.name = "learning",
	.hooks = (const struct hook[]){
		{ "learning", HOOK_BEFORE, learning_before },
		{ "knowledge_test", HOOK_BEFORE, test_before },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "learning_item", "learned", learned },
		{ 0 },
	},
};
