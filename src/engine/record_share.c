#include "base/date.h"
#include "engine/mutant.h"
#include "engine/record_inner.h"

/* Sharing: shares are nobody's own to write; who may change the record stands in for that. */

static bool may_share(struct ctx *ctx, const struct object *o, int64_t id, enum act act)
{
	bool may;

	return scope_row(ctx, o, id, act, &may) && (may || record_refused(ctx, o, id));
}

bool record_share(struct ctx *ctx, const struct object *o, int64_t id, int64_t member, int64_t team,
                  bool writable, const char *until, int64_t *ret_share)
{
	int64_t day;

	if (!may_share(ctx, o, id, MUTANT_IS(24) ? ACT_READ : ACT_UPDATE))
		return false;
	if (!member && !team)
		return fail(ctx, ERR_INVALID, "member", "请选择成员或团队", "Choose a member or a team");

	if (until && (!date_parse(until, &day) || strcmp(until, ctx->today) < 0))
		return fail(ctx, ERR_INVALID, "until", "有效至应为今天或以后的日期，如 2026-12-31",
		            "The last day is today or later, written like 2026-12-31");

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_create(ctx, "share", (struct cell[]){
		{ "object", v_text(o->name) }, { "record", v_int(id) }, { "member", v_id(member) },
		{ "team", v_id(team) }, { "writable", v_int(writable) }, { "until", v_text(until) },
		{ 0 } }, ret_share);

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

bool record_shares(struct ctx *ctx, const struct object *o, int64_t id, struct json_writer *w)
{
	const struct object *share = schema_object(ctx->schema, "share");
	struct list l;

	if (!may_share(ctx, o, id, ACT_UPDATE))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = query_parse(ctx, share, fmt(ctx->mem, "object=eq.%s&record=eq.%" PRId64 "&sort=id&limit=200",
	                                      o->name, id), &l) && query_list(ctx, &l, w);

	ctx_as(ctx, me);
	return ok;
}
