/*
 * The vision plan (S00-04): a clear future; what it means to each and whether they find it feasible; steps; backing
 * from the top.  It goes live with all four only.
 */
#include "modules/coach/coach_inner.h"

static bool count(struct ctx *ctx, const char *objects, const char *sql, const struct change *c, int64_t *ret)
{
	return ctx_get_int(ctx, scope_sql(ctx, objects, sql), (struct bind[]){
		{ "plan", v_int(change_id(c)) }, { "team", change_new(c, "team") }, { 0 } }, 0, ret);
}

/* The first three: the fourth is the approval. */
static bool check_parts(struct ctx *ctx, const struct change *c)
{
	int64_t silent, steps;
	bool ok = true;

	if (value_empty(change_new(c, "vision")))
		ok = fail(ctx, ERR_INVALID, "vision", "第一步：请写清楚未来的样子", "Step 1: describe the future");
	if (!count(ctx, "member vision_member",
	           "SELECT count(*) FROM member m WHERE m.team = $team AND m.active = 1 AND NOT EXISTS (SELECT 1 FROM vision_member v"
	           " WHERE v.plan = $plan AND v.member = m.id AND v.benefit IS NOT NULL AND v.remark IS NOT NULL)", c, &silent) ||
	    !count(ctx, "vision_step", "SELECT count(*) FROM vision_step WHERE plan = $plan", c, &steps))
		return false;
	if (silent)
		ok = fail(ctx, ERR_INVALID, "members", "第二步：还有 %" PRId64 " 人没有写明好处与本人的看法",
		          "Step 2: benefit and own remark are missing for %" PRId64, silent);
	if (!steps)
		ok = fail(ctx, ERR_INVALID, "steps", "第三步：至少一个步骤，写明谁、何时", "Step 3: one step at least, with who and by when");
	return ok;
}

bool vision_before(struct ctx *ctx, struct change *c)
{
	bool asks = change_has(c, "approval") && value_is(change_new(c, "approval"), "pending");
	bool starts = change_has(c, "state") && value_is(change_new(c, "state"), "active");
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || !(asks || starts))
		return true;
	me = ctx_as_system(ctx);
	ok = check_parts(ctx, c);
	ctx_as(ctx, me);
	if (starts && !value_is(change_new(c, "approval"), "approved"))
		ok = fail(ctx, ERR_INVALID, "approval", "第四步：先报请高层批准", "Step 4: have it approved first");
	return ok;
}

/* Each member of the team has a place in it, and sees the plan. */
bool vision_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	int64_t *ids;
	size_t n;
	bool ok;

	if (change_act(c) != CHANGE_CREATE)
		return true;
	me = ctx_as_system(ctx);
	ok = ctx_ids(ctx, scope_sql(ctx, "member", "SELECT id FROM member WHERE team = $team AND active = 1 ORDER BY id"),
	             (struct bind[]){ { "team", change_new(c, "team") }, { 0 } }, &ids, &n);
	for (size_t i = 0; ok && i < n; i++)
		ok = record_create(ctx, "vision_member", (struct cell[]){
			{ "plan", v_int(change_id(c)) }, { "member", v_int(ids[i]) }, { 0 } }, NULL);
	ctx_as(ctx, me);
	return ok;
}

bool vision_member_before(struct ctx *ctx, struct change *c)
{
	struct value plan;
	const struct member *me;
	bool ok;

	if (!ctx->me->system && change_has(c, "remark") && value_id(change_new(c, "member")) != ctx->me->id)
		return fail(ctx, ERR_DENIED, "remark", "看法由本人写", "The remark is the member's own");
	if (change_act(c) != CHANGE_CREATE)
		return true;
	me = ctx_as_system(ctx);
	ok = record_get(ctx, "vision_plan", value_id(change_new(c, "plan")), "name", &plan);
	ctx_as(ctx, me);
	return ok && name_after(ctx, c, value_id(change_new(c, "member")), plan.kind == V_TEXT ? plan.s : "");
}

bool vision_member_after(struct ctx *ctx, struct change *c)
{
	const struct object *o = schema_object(ctx->schema, "vision_plan");
	int64_t plan = value_id(change_new(c, "plan"));
	int64_t member = value_id(change_new(c, "member"));
	const struct member *me;
	struct member m;
	bool may;
	bool ok;

	if (change_act(c) != CHANGE_CREATE)
		return true;
	me = ctx_as_system(ctx);
	ok = notice_reader(ctx, member, o, plan, &m, &may) && (may || !m.id || record_share(ctx, o, plan, member, 0, false, NULL, NULL));
	ctx_as(ctx, me);
	return ok;
}
