#include "engine/system.h"

#include "engine/engine.h"
#include "engine/scope.h"

static bool people_changed(struct ctx *ctx, struct change *c)
{
	(void)c;
	ctx->marks |= MARK_REACH | MARK_CACHES;
	return true;
}

static bool caches_changed(struct ctx *ctx, struct change *c)
{
	(void)c;
	ctx->marks |= MARK_CACHES;
	return true;
}

/* Whoever may no longer work here is out at once, programs included. */
static bool sign_out(struct ctx *ctx, struct change *c)
{
	struct value active = change_new(c, "active");

	if (change_act(c) == CHANGE_CREATE || !change_has(c, "active") || active.i)
		return true;
	return ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE member = $id",
	                         scope_table(ctx->mem, schema_object(ctx->schema, "session"))),
	                (struct bind[]){ { "id", v_int(change_id(c)) }, { 0 } }, NULL);
}

/* A team may not lie within itself. */
static bool no_circle(struct ctx *ctx, struct change *c)
{
	struct value parent = change_new(c, "parent");

	for (int depth = 0; parent.kind == V_INT; depth++) {
		if (parent.i == change_id(c) || depth > 50)
			return fail(ctx, ERR_INVALID, "parent", "上级团队不能是自己或下级团队",
			            "A team's parent cannot be itself or a team below it");
		if (!record_get(ctx, "team", parent.i, "parent", &parent))
			return false;
	}
	return true;
}

/* An administrator's declaration takes effect with the write that brought it, or not at all. */
static bool declaration_changed(struct ctx *ctx, struct change *c)
{
	(void)c;
	return engine_reload(ctx);
}

/* Roles are declared; their records exist so that members can refer to them. */
bool system_roles(struct ctx *ctx)
{
	for (size_t i = 0; i < ctx->schema->n_roles; i++) {
		const struct role *r = &ctx->schema->roles[i];
		int64_t id;

		if (!record_find(ctx, "role", fmt(ctx->mem, "name=eq.%s", r->name), &id))
			return false;
		if (!id && !record_create(ctx, "role", (struct cell[]){
		        { "name", v_text(r->name) }, { "label", v_text(r->label.zh) },
		        { "label_en", v_text(r->label.en) }, { "doc", v_text(r->doc.zh) }, { 0 } }, NULL))
			return false;
	}
	return true;
}

const struct module system_module = {
	.name = "system",
	.hooks = (const struct hook[]){
		{ "member", HOOK_AFTER, people_changed },
		{ "member", HOOK_AFTER, sign_out },
		{ "team", HOOK_BEFORE, no_circle },
		{ "team", HOOK_AFTER, people_changed },
		{ "role", HOOK_AFTER, caches_changed },
		{ "share", HOOK_AFTER, caches_changed },
		{ "setting", HOOK_AFTER, caches_changed },
		{ "object", HOOK_AFTER, declaration_changed },
		{ 0 },
	},
	.seed = system_roles,
};
