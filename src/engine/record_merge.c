#include "engine/mutant.h"
#include "engine/record_inner.h"

/* Merging: what referred to the others refers to the one that stays. */

/* Points field `f` of every record that names `from` at `to`, one write each so that log and tallies follow. */
static bool repoint(struct ctx *ctx, const struct field *f, int64_t from, int64_t to)
{
	const struct object *o = f->object;
	bool many = field_is_refs(f);
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE %s %s AND deleted_at IS NULL",
	                      scope_table(ctx->mem, o), f->name, many ? "LIKE $like" : "= $from"),
	             (struct bind[]){ { "from", v_int(from) },
	                              { "like", v_text(fmt(ctx->mem, "%%,%" PRId64 ",%%", from)) }, { 0 } },
	             &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value v = v_int(to);

		if (many) {
			int64_t *list;
			size_t count;

			if (!record_get(ctx, o->name, ids[i], f->name, &v))
				return false;
			count = ids_split(ctx->mem, v.s, &list);
			for (size_t k = 0; k < count; k++)
				if (list[k] == from)
					list[k] = to;
			v = v_text(ids_join(ctx->mem, list, count));
		}
		if (!record_update(ctx, o->name, ids[i], (struct cell[]){ { f->name, v }, { 0 } }))
			return false;
	}
	return true;
}

static bool repoint_all(struct ctx *ctx, const struct object *o, int64_t from, int64_t to)
{
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *other = &ctx->schema->objects[i];

		for (size_t k = 0; k < other->n_fields; k++) {
			const struct field *f = &other->fields[k];

			if (f->system || f->computed || f->to != o ||
			    (!field_is_ref(f) && !field_is_refs(f)))
				continue;
			if (!repoint(ctx, f, from, to))
				return false;
		}
	}
	return true;
}

/* What is said about `from` – comments, who follows – is about `to`. */
static bool repoint_about(struct ctx *ctx, const struct object *o, int64_t from, int64_t to)
{
	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *other = &ctx->schema->objects[i];
		int64_t *ids;
		size_t n;

		if (!other->about_object)
			continue;
		if (!ctx_ids(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE %s = $object AND %s = $from"
		                                " AND deleted_at IS NULL", scope_table(ctx->mem, other),
		                      other->about_object->name, other->about_record->name),
		             (struct bind[]){ { "object", v_text(o->name) }, { "from", v_int(from) }, { 0 } },
		             &ids, &n))
			return false;
		for (size_t k = 0; k < n; k++)
			if (!record_update(ctx, other->name, ids[k], (struct cell[]){
			        { other->about_record->name, v_int(to) }, { 0 } }))
				return false;
	}
	return true;
}

/* The row if the caller may do this to it. */
static bool need_row(struct ctx *ctx, const struct object *o, int64_t id, enum act act,
                     struct value **ret)
{
	bool found = false;

	if (scope_may(ctx, o, act) && !record_row(ctx, o, id, act, false, ret, &found))
		return false;
	return found || record_refused(ctx, o, id);
}

/* Empty fields of the one that stays take the value of the other. */
static bool fill(struct ctx *ctx, const struct object *o, int64_t id, const struct value *from)
{
	struct value *row;
	struct draft d;

	if (!need_row(ctx, o, id, ACT_UPDATE, &row))
		return false;
	draft_init(ctx, o, &d);
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (f->system || f->computed || row[i].kind != V_NULL || from[i].kind == V_NULL)
			continue;
		/* A record may not come to refer to itself. */
		if (field_is_ref(f) && f->to == o && from[i].i == id)
			continue;
		d.values[i] = from[i];
		d.set[i] = true;
	}
	return record_change(ctx, &d, id);
}

bool record_merge(struct ctx *ctx, const struct object *o, int64_t id, const int64_t *from,
                  size_t n)
{
	struct value *row;

	for (size_t i = 0; i < n; i++) {
		if (from[i] == id)
			return fail(ctx, ERR_INVALID, "from", "不能与自身合并", "A record cannot be merged with itself");
		/* Both ends must be the caller's to change, and the one that goes to delete. */
		if (!need_row(ctx, o, id, MUTANT_IS(26) ? ACT_READ : ACT_UPDATE, &row) ||
		    !need_row(ctx, o, from[i], MUTANT_IS(27) ? ACT_READ : ACT_DELETE, &row))
			return false;

		const struct member *me = ctx_as_system(ctx);
		bool ok = repoint_all(ctx, o, from[i], id) && repoint_about(ctx, o, from[i], id) &&
		          record_delete(ctx, o->name, from[i], 0) &&
		          fill(ctx, o, id, row);

		ctx_as(ctx, me);
		if (!ok)
			return false;
	}
	return true;
}
