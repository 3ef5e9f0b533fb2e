#include "engine/record_inner.h"

/* What must hold before a row is written.  All problems at once, one per field. */

static const char *name_of(const struct ctx *ctx, const struct field *f)
{
	return label_in(f->label, ctx->me->language);
}

/* The filter of a reference with $field replaced by this record's values. */
static const char *filled_filter(struct ctx *ctx, const struct change *c, const struct field *f)
{
	struct text out;

	text_init(&out, ctx->mem);
	for (const char *p = f->filter; *p; p++) {
		size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
		const struct field *other = *p == '$'
			? object_field(c->o, arena_dupn(ctx->mem, p + 1, n)) : NULL;

		if (!other) {
			text_addc(&out, *p);
			continue;
		}

		struct value v = c->now[other->index];

		/* Without a value there is nothing to hold the reference against. */
		if (v.kind == V_NULL)
			return NULL;
		if (v.kind == V_INT)
			text_add_int(&out, v.i);
		else
			text_url_encode(&out, v.kind == V_TEXT ? v.s : "");
		p += n;
	}
	return out.s;
}

/* The record referred to exists, may be seen, and is one that may be chosen. */
static bool check_ref(struct ctx *ctx, const struct change *c, const struct field *f, int64_t id)
{
	const char *filter = f->filter ? filled_filter(ctx, c, f) : NULL;
	const char *query = fmt(ctx->mem, "id=eq.%" PRId64 "%s%s", id, filter ? "&" : "",
	                        filter ? filter : "");
	int64_t found = 0;

	/* An object of which nothing may be seen has nothing to choose from. */
	if (scope_may(ctx, f->to, ACT_READ) && !record_find(ctx, f->to->name, query, &found))
		return false;
	return found || fail(ctx, ERR_INVALID, f->name, "%s：所选记录不存在或不可选",
	                     "%s: this record does not exist or cannot be chosen", name_of(ctx, f));
}

static bool check_region(struct ctx *ctx, const struct field *f, const char *code)
{
	int64_t found = 0;

	if (!record_find(ctx, "region", fmt(ctx->mem, "code=eq.%s", code), &found))
		return false;
	return found || fail(ctx, ERR_INVALID, f->name, "%s：没有行政区划代码 %s",
	                     "%s: there is no division with the code %s", name_of(ctx, f), code);
}

static bool check_refs(struct ctx *ctx, const struct change *c, const struct field *f,
                       struct value v)
{
	int64_t *ids;
	size_t n;

	if (field_is_ref(f))
		return check_ref(ctx, c, f, v.i);
	if (f->type == TYPE_REGION)
		return check_region(ctx, f, v.s);
	if (!field_is_refs(f))
		return true;
	n = ids_split(ctx->mem, v.s, &ids);
	for (size_t i = 0; i < n; i++) {
		/* What was there before may be another's: only what is added is asked for. */
		const char *old = c->old[f->index].kind == V_TEXT ? c->old[f->index].s : "";

		if (!strstr(old, fmt(ctx->mem, ",%" PRId64 ",", ids[i])) && !check_ref(ctx, c, f, ids[i]))
			return false;
	}
	return true;
}

/* The lane is serial, so what is not there now is not there at the commit either. */
static bool check_unique(struct ctx *ctx, const struct change *c, const char *const *names)
{
	struct binds b = { 0 };
	struct text sql;
	int64_t found = 0;
	bool changed = c->act != CHANGE_UPDATE;

	text_init(&sql, ctx->mem);
	text_addf(&sql, "SELECT id FROM %s WHERE deleted_at IS NULL AND id <> $id",
	          scope_table(ctx->mem, c->o));
	bind_named(ctx, &b, "id", v_int(c->id));
	for (const char *const *name = names; *name; name++) {
		const struct field *f = object_field(c->o, *name);
		struct value v = c->now[f->index];

		if (v.kind == V_NULL)
			return true;
		changed = changed || !value_eq(c->old[f->index], v);
		text_addf(&sql, " AND %s = $%s", f->name, f->name);
		bind_named(ctx, &b, f->name, v);
	}
	if (!changed)
		return true;
	text_add(&sql, " LIMIT 1");
	if (!ctx_get_int(ctx, sql.s, b.list, 0, &found))
		return false;
	/* Whose record it is stays unsaid: it may not be the caller's. */
	return !found || fail(ctx, ERR_INVALID, names[0], "%s：该值已被使用",
	                      "%s: this value is already in use",
	                      name_of(ctx, object_field(c->o, names[0])));
}

/* The record a row is about exists, may be seen, and stays the same; merging moves it as system. */
static bool check_about(struct ctx *ctx, const struct change *c)
{
	const struct field *object = c->o->about_object;
	struct value name = c->now[object->index];
	struct value id = c->now[c->o->about_record->index];
	const struct object *to = name.kind == V_TEXT ? schema_object(ctx->schema, name.s) : NULL;
	bool changed = !value_eq(c->old[object->index], name) ||
	               !value_eq(c->old[c->o->about_record->index], id);
	bool may = false;

	if (!changed || (name.kind == V_NULL && id.kind == V_NULL))
		return true;
	if (c->act == CHANGE_UPDATE && !ctx->me->system)
		return fail(ctx, ERR_INVALID, c->o->about_record->name, "不能改到另一条记录",
		            "This cannot be moved to another record");
	if (to && !to->about_object && id.kind == V_INT && scope_may(ctx, to, ACT_READ) &&
	    !scope_row(ctx, to, id.i, ACT_READ, &may))
		return false;
	return may || fail(ctx, ERR_INVALID, c->o->about_record->name, "没有这条记录",
	                   "There is no such record");
}

bool record_check(struct ctx *ctx, const struct change *c)
{
	const struct object *o = c->o;
	bool ok = true;

	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];
		struct value v = c->now[i];

		if (f->system || f->computed)
			continue;
		if (value_empty(v)) {
			/* Numbers are given at the very end; imports may fill holes later. */
			if (f->required && f->type != TYPE_NUMBER)
				ok = fail(ctx, ERR_INVALID, f->name, "请填写%s", "%s is required",
				          name_of(ctx, f));
			continue;
		}
		if (c->act == CHANGE_UPDATE && value_eq(c->old[i], v))
			continue;
		/* An import has resolved its references by the caller's view already. */
		if (!ctx->import)
			ok &= check_refs(ctx, c, f, v);
		if (f->unique)
			ok &= check_unique(ctx, c, (const char *[]){ f->name, NULL });
	}
	if (ok && o->about_object)
		ok = check_about(ctx, c);
	for (const char ***u = o->uniques; ok && u && *u; u++)
		ok &= check_unique(ctx, c, *u);
	return ok && ctx->kind == ERR_NONE;
}
