#include "engine/engine.h"
#include "engine/import_inner.h"

/* Undoing a finished import: what it made goes, what it changed is as before. */

struct undoing {
	int64_t id;
	const struct member *me;
	int64_t removed;
};

static bool restore_updates(struct ctx *ctx, struct undoing *u)
{
	struct json_error error;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT object, record, body FROM %s WHERE request = $request AND act = 'update' ORDER BY id DESC",
		scope_table(ctx->mem, schema_object(ctx->schema, "change"))),
		(struct bind[]){ { "request", v_text(fmt(ctx->mem, "import %" PRId64, u->id)) }, { 0 } });
	struct old {
		const struct object *o;
		int64_t id;
		const struct json *body;
	} *list = NULL;
	size_t n = 0;
	size_t cap = 0;

	if (!q)
		return false;
	while (db_next(q)) {
		const char *body = arena_dup(ctx->mem, db_text(q, 2));

		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct old){ schema_object(ctx->schema, db_text(q, 0)), db_int(q, 1),
		                          json_parse(ctx->mem, body, strlen(body), &error) };
	}
	db_done(q);
	for (size_t i = 0; i < n; i++) {
		struct draft d;

		if (!list[i].o || !list[i].body || list[i].o->log == false)
			continue;
		draft_init(ctx, list[i].o, &d);
		for (const struct json *j = list[i].body->first; j; j = j->next) {
			const struct field *f = object_field(list[i].o, j->key);

			if (!f || f->computed || !types[f->type].read(ctx, f, j->first, &d.values[f->index]))
				continue;
			d.set[f->index] = true;
		}
		ctx_forget(ctx);
		if (!record_change(ctx, &d, list[i].id))
			return false;
	}
	return true;
}

static bool undo_all(struct ctx *ctx, void *arg)
{
	struct undoing *u = arg;
	struct import_plan p;
	int64_t *ids;
	size_t n;

	if (!import_plan(ctx, u->id, &p))
		return false;
	if (!text_eq(p.state, "done"))
		return fail(ctx, ERR_CONFLICT, NULL, "只有完成的导入可以撤销", "Only a finished import can be undone");

	const struct member *me = ctx_as_system(ctx);

	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *o = &ctx->schema->objects[i];

		/* What went with its parent is gone by the time its turn comes. */
		if (o->scope_parent && !o->scope_member)
			continue;
		if (!ctx_ids(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE import = $id AND deleted_at IS NULL",
		                      scope_table(ctx->mem, o)),
		             (struct bind[]){ { "id", v_int(u->id) }, { 0 } }, &ids, &n))
			return false;
		for (size_t k = 0; k < n; k++)
			if (!record_delete(ctx, o->name, ids[k], 0))
				return false;
		u->removed += o == p.o ? (int64_t)n : 0;
	}

	bool ok = restore_updates(ctx, u) &&
	          record_update(ctx, "import", u->id, (struct cell[]){ { "state", v_text("undone") }, { 0 } });

	ctx_as(ctx, me);
	return ok;
}

bool import_undo(struct engine *e, int64_t id, const struct member *me, struct work *w,
                 int64_t *ret_removed)
{
	struct undoing u = { .id = id, .me = me };

	w->fn = undo_all;
	w->arg = &u;
	w->me = me;

	bool ok = engine_wait(e, w);

	*ret_removed = u.removed;
	return ok;
}

