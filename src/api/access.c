#include "api/api.h"

#include "base/number.h"
#include "engine/member.h"
#include "engine/query.h"

/*
 * What roles may do and what a member sees, for the page that explains it.  Nothing is
 * worked out here: the roles' reach is asked of scope, and members are counted by their own views.
 */

static const char *const acts[] = {
	[ACT_READ] = "read", [ACT_CREATE] = "create", [ACT_UPDATE] = "update", [ACT_DELETE] = "delete",
	[ACT_EXPORT] = "export",
};
static const char *const reaches[] = {
	[REACH_NONE] = "none", [REACH_OWN] = "own", [REACH_TEAM] = "team", [REACH_TREE] = "tree",
	[REACH_ALL] = "all",
};

static bool for_administrators(struct ctx *ctx)
{
	return ctx->me->admin ||
	       fail(ctx, ERR_DENIED, NULL, "只有管理员可以查看", "Only an administrator may see this");
}

/* Names of the fields for which `may` says no; what nobody writes by hand says nothing of a role. */
static void write_closed(struct ctx *ctx, const struct object *o, const char *key,
                         bool (*may)(const struct ctx *ctx, const struct field *f), struct json_writer *w)
{
	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (!f->internal && !f->system && (may == scope_field_read || (f->write.n && scope_field_read(ctx, f))) &&
		    !may(ctx, f))
			jw_text(w, f->name);
	}
	jw_array_end(w);
}

/* What the context's member may do with the object, by act. */
static void write_reach(struct ctx *ctx, const struct object *o, struct json_writer *w)
{
	jw_key(w, "object");
	jw_text(w, o->name);
	for (size_t a = 0; a < ACT__COUNT; a++) {
		jw_key(w, acts[a]);
		jw_text(w, reaches[scope_reach(ctx, o, (enum act)a)]);
	}
	write_closed(ctx, o, "hidden", scope_field_read, w);
	write_closed(ctx, o, "fixed", scope_field_write, w);
}

/* { "roles": [ { "name", "objects": [ { "object", reach by act, "hidden", "fixed" } ] } ] } */
bool access_roles(struct ctx *ctx, struct call *call)
{
	struct json_writer *w = &call->w;
	const struct member *me = ctx->me;

	if (!for_administrators(ctx))
		return false;
	jw_object(w);
	jw_key(w, "roles");
	jw_array(w);
	for (size_t i = 0; i < ctx->schema->n_roles; i++) {
		const char *names[] = { ctx->schema->roles[i].name, NULL };
		struct member one = {
			.roles = names, .language = me->language, .admin = text_eq(names[0], "admin"),
		};

		ctx_as(ctx, &one);
		jw_object(w);
		jw_key(w, "name");
		jw_text(w, names[0]);
		jw_key(w, "objects");
		jw_array(w);
		for (size_t k = 0; k < ctx->schema->n_objects; k++) {
			const struct object *o = &ctx->schema->objects[k];

			if (!scope_may(ctx, o, ACT_READ) && !scope_may(ctx, o, ACT_CREATE))
				continue;
			jw_object(w);
			write_reach(ctx, o, w);
			jw_object_end(w);
		}
		jw_array_end(w);
		jw_object_end(w);
		ctx_as(ctx, me);
	}
	jw_array_end(w);
	jw_object_end(w);
	return true;
}

/* { "objects": [ { "object", "seen", "total", reach by act, … } ] }: as the member's own lists count. */
bool access_member(struct ctx *ctx, struct call *call)
{
	struct json_writer *w = &call->w;
	const struct member *me = ctx->me;
	struct member other;
	bool found = false;
	int64_t id;

	if (!for_administrators(ctx))
		return false;
	if (int_parse(call_path(call, "member"), &id) && !member_load(ctx, id, &other, &found))
		return false;
	if (!found)
		return fail(ctx, ERR_MISSING, NULL, "没有这个成员，或已停用", "There is no such member who is active");
	jw_object(w);
	jw_key(w, "objects");
	jw_array(w);
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		struct list all = { .object = &ctx->schema->objects[i] };
		int64_t seen = 0;
		int64_t total;

		/* What the engine keeps for itself is nobody's work. */
		if (text_eq(all.object->module, "engine"))
			continue;
		if (!query_count(ctx, &all, &total))
			return false;
		ctx_as(ctx, &other);

		bool ok = !scope_may(ctx, all.object, ACT_READ) || query_count(ctx, &all, &seen);

		jw_object(w);
		jw_key(w, "seen");
		jw_int(w, seen);
		jw_key(w, "total");
		jw_int(w, total);
		write_reach(ctx, all.object, w);
		jw_object_end(w);
		ctx_as(ctx, me);
		if (!ok)
			return false;
	}
	jw_array_end(w);
	jw_object_end(w);
	return true;
}
