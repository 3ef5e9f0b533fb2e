#include "engine/mutant.h"
#include "engine/record_inner.h"

/* Sharing: shares are nobody's own to write; who may change the record stands in for that. */

static bool may_share(struct ctx *ctx, const struct object *o, int64_t id, enum act act)
{
	bool may;

	return scope_row(ctx, o, id, act, &may) && (may || record_refused(ctx, o, id));
}

bool record_share(struct ctx *ctx, const struct object *o, int64_t id, int64_t member, int64_t team,
                  bool writable, int64_t *ret_share)
{
	if (!may_share(ctx, o, id, MUTANT_IS(24) ? ACT_READ : ACT_UPDATE))
		return false;
	if (!member && !team)
		return fail(ctx, ERR_INVALID, "member", "请选择成员或团队", "Choose a member or a team");

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_create(ctx, "share", (struct cell[]){
		{ "object", v_text(o->name) }, { "record", v_int(id) }, { "member", v_id(member) },
		{ "team", v_id(team) }, { "writable", v_int(writable) }, { 0 } }, ret_share);

	ctx_as(ctx, me);
	return ok;
}

bool record_unshare(struct ctx *ctx, const struct object *o, int64_t id, int64_t share)
{
	int64_t found = 0;

	if (!may_share(ctx, o, id, ACT_UPDATE))
		return false;

	/* Another record's share is not this one's to end. */
	const char *of = MUTANT_IS(25) ? "" : fmt(ctx->mem, "&object=eq.%s&record=eq.%" PRId64, o->name, id);
	const struct member *me = ctx_as_system(ctx);
	bool ok = record_find(ctx, "share", fmt(ctx->mem, "id=eq.%" PRId64 "%s", share, of), &found) &&
	          (found || fail(ctx, ERR_MISSING, NULL, "没有这个共享", "There is no such share")) &&
	          record_delete(ctx, "share", share, 0);

	ctx_as(ctx, me);
	return ok;
}
