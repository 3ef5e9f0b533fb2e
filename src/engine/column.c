#include "engine/column.h"

static bool has_column(const struct object *o, const char *name)
{
	for (size_t i = 0; i < o->n_columns; i++)
		if (text_eq(o->columns[i].name, name))
			return true;
	return false;
}

bool column_get(struct ctx *ctx, const char *object, int64_t id, const char *column, struct value *ret)
{
	const struct object *o = schema_object(ctx->schema, object);
	struct query *q;

	assert(o && has_column(o, column));
	q = ctx_query(ctx, fmt(ctx->mem, "SELECT %s FROM %s WHERE id = $id AND deleted_at IS NULL", column, scope_table(ctx->mem, o)),
	              (struct bind[]){ { "id", v_int(id) }, { 0 } });
	*ret = v_null();
	if (!q)
		return false;
	if (db_next(q)) {
		*ret = db_value(q, 0);
		if (ret->kind == V_TEXT)
			*ret = v_text(arena_dup(ctx->mem, db_text(q, 0)));
	}
	db_done(q);
	return true;
}

bool column_set(struct ctx *ctx, const char *object, int64_t id, const struct cell *cells)
{
	const struct object *o = schema_object(ctx->schema, object);

	assert(o);
	for (; cells->name; cells++) {
		assert(has_column(o, cells->name));
		if (!ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET %s = $value WHERE id = $id", scope_table(ctx->mem, o), cells->name),
		              (struct bind[]){ { "value", cells->value }, { "id", v_int(id) }, { 0 } }, NULL))
			return false;
	}
	return true;
}
