/*
 * Staff: policies that are given to everybody and acknowledged, and how many there should be (S01-03, S01-08).
 */
#include "engine/module.h"

static bool published(struct value on)
{
	return on.kind == V_TEXT;
}

/* Receipts for everybody who sells and has none yet. */
static bool give(struct ctx *ctx, int64_t policy)
{
	const struct object *object = schema_object(ctx->schema, "policy_receipt");
	struct value name;
	const char *role;
	int64_t *ids;
	size_t n;

	if (!record_get(ctx, "sales_policy", policy, "name", &name) || !member_role_ids(ctx, "rep", &role) ||
	    !ctx_ids(ctx, scope_sql(ctx, "member policy_receipt",
		"SELECT m.id FROM member m WHERE m.active = 1 AND m.roles LIKE '%' || $role || '%'"
		" AND NOT EXISTS (SELECT 1 FROM policy_receipt r WHERE r.policy = $policy AND r.member = m.id) ORDER BY m.id"),
		(struct bind[]){ { "role", v_text(role) }, { "policy", v_int(policy) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		int64_t receipt;

		if (!record_create(ctx, "policy_receipt", (struct cell[]){
		        { "name", name }, { "policy", v_int(policy) }, { "member", v_int(ids[i]) }, { "given_on", v_text(ctx->today) }, { 0 } }, &receipt) ||
		    !notice_tell(ctx, ids[i], &(struct news){ .kind = "assigned", .object = object, .record = receipt }))
			return false;
	}
	return true;
}

/* The one before it ends where this one begins. */
static bool end_former(struct ctx *ctx, int64_t policy)
{
	struct value follows, from, to;
	int64_t day;

	if (!record_get(ctx, "sales_policy", policy, "follows", &follows) || !record_get(ctx, "sales_policy", policy, "from_on", &from))
		return false;
	if (!value_id(follows))
		return true;
	return record_get(ctx, "sales_policy", value_id(follows), "to_on", &to) && date_parse(from.s, &day) &&
	       (strcmp(to.s, from.s) < 0 ||
	        record_update(ctx, "sales_policy", value_id(follows), (struct cell[]){ { "to_on", v_text(date_text(ctx->mem, day - 1)) }, { 0 } }));
}

static bool publish(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx_as_system(ctx);
	struct value on;
	bool ok = record_get(ctx, "sales_policy", call->id, "published_on", &on) &&
	          (!published(on) || fail(ctx, ERR_CONFLICT, NULL, "已经发布过", "It has been published")) &&
	          record_update(ctx, "sales_policy", call->id, (struct cell[]){ { "published_on", v_text(ctx->today) }, { 0 } }) &&
	          end_former(ctx, call->id) && give(ctx, call->id);

	ctx_as(ctx, me);
	return ok;
}

static bool acknowledge(struct ctx *ctx, struct action_call *call)
{
	struct value member, at;
	const struct member *me;
	bool ok;

	if (!record_get(ctx, "policy_receipt", call->id, "member", &member) || !record_get(ctx, "policy_receipt", call->id, "acknowledged_at", &at))
		return false;
	if (value_id(member) != ctx->me->id)
		return fail(ctx, ERR_DENIED, NULL, "只有本人能确认", "Only the person can acknowledge it");
	if (at.kind == V_INT)
		return true;
	me = ctx_as_system(ctx);
	ok = record_update(ctx, "policy_receipt", call->id, (struct cell[]){ { "acknowledged_at", v_int(ctx->now) }, { 0 } });
	ctx_as(ctx, me);
	return ok;
}

/* Whoever has come since gets what is in force. */
static bool night(struct ctx *ctx, const struct json *args)
{
	int64_t *ids;
	size_t n;

	(void)args;
	if (!ctx_ids(ctx, scope_sql(ctx, "sales_policy", "SELECT id FROM sales_policy WHERE published_on IS NOT NULL AND to_on >= $today ORDER BY id"),
	             NULL, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!give(ctx, ids[i]))
			return false;
	return true;
}

const struct module staff_module = {
	.name = "staff",
	.actions = (const struct action_impl[]){
		{ "sales_policy", "publish", publish },
		{ "policy_receipt", "acknowledge", acknowledge },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "staff_night", "daily 05:20", night, { "把生效的制度发给新来的人", "Give policies in force to who has come" } },
		{ 0 },
	},
};
