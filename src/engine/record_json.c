#include "base/number.h"
#include "engine/record_inner.h"

/* Bodies of clients: names and values checked, all errors collected. */

static bool read_body(struct ctx *ctx, const struct json *body, enum act act, struct draft *d)
{
	const char *language = ctx->me->language;
	bool ok = true;

	if (!body || body->kind != JSON_OBJECT)
		return fail(ctx, ERR_REQUEST, NULL, "内容应为 JSON 对象", "The body must be a JSON object");
	for (const struct json *j = body->first; j; j = j->next) {
		const struct field *f = scope_field(ctx, d->o, j->key);

		/* Not a field, but how an update says which state it was made on. */
		if (text_eq(j->key, "version") && act == ACT_UPDATE)
			continue;
		if (!f) {
			ok = fail(ctx, ERR_INVALID, j->key, "没有字段“%s”", "There is no field \"%s\"", j->key);
			continue;
		}
		if (!scope_field_write(ctx, f)) {
			ok = fail(ctx, ERR_INVALID, j->key, "%s不可修改", "%s cannot be changed",
			          label_in(f->label, language));
			continue;
		}
		if (!types[f->type].read(ctx, f, j, &d->values[f->index])) {
			ok = false;
			continue;
		}
		d->set[f->index] = true;
	}
	return ok;
}

/*
 * Errors of reading and of checking belong in one answer: a body with errors is
 * still checked for what is missing, then refused.
 */
static bool missing_fields(struct ctx *ctx, const struct draft *d)
{
	for (size_t i = 0; i < d->o->n_fields; i++) {
		const struct field *f = &d->o->fields[i];
		bool told = false;

		for (const struct error *e = ctx->errors; e; e = e->next)
			told |= text_eq(e->field, f->name);
		if (f->required && !f->system && !f->computed && !f->initial && !d->set[i] && !told &&
		    f->type != TYPE_NUMBER && !f->read_only)
			fail(ctx, ERR_INVALID, f->name, "请填写%s", "%s is required",
			     label_in(f->label, ctx->me->language));
	}
	return false;
}

bool record_create_json(struct ctx *ctx, const struct object *o, const struct json *body,
                        int64_t *ret_id)
{
	struct draft d;

	if (!scope_may(ctx, o, ACT_CREATE))
		return fail(ctx, ERR_DENIED, NULL, "您无权新建%s", "You may not create: %s",
		            label_in(o->label, ctx->me->language));
	draft_init(ctx, o, &d);
	if (!read_body(ctx, body, ACT_CREATE, &d))
		return missing_fields(ctx, &d);
	return record_insert(ctx, &d, ret_id);
}

bool record_update_json(struct ctx *ctx, const struct object *o, int64_t id, int64_t version,
                        const struct json *body)
{
	size_t v = object_field(o, "version")->index;
	struct value *row;
	struct draft d;
	bool found = false;

	if (scope_may(ctx, o, ACT_UPDATE) && !record_row(ctx, o, id, ACT_UPDATE, false, &row, &found))
		return false;
	if (!found)
		return record_refused(ctx, o, id);
	if (version == 0)
		version = json_int(body, "version", 0);
	if (version == 0)
		return fail(ctx, ERR_INVALID, "version", "请用 If-Match 或 version 说明修改基于哪个版本",
		            "Say with If-Match or version which state you change");
	ctx->stale = row[v].i != version;
	if (ctx->stale)
		return fail(ctx, ERR_CONFLICT, NULL, "记录已被他人修改，请查看后重试",
		            "Somebody changed this record meanwhile; please look and try again");
	draft_init(ctx, o, &d);
	return read_body(ctx, body, ACT_UPDATE, &d) && record_change(ctx, &d, id);
}

bool record_check_json(struct ctx *ctx, const struct object *o, const struct json *body,
                       struct json_writer *w)
{
	struct duplicate *found = NULL;
	struct draft d;
	struct change c;

	if (!scope_may(ctx, o, ACT_CREATE) && !scope_may(ctx, o, ACT_UPDATE))
		return fail(ctx, ERR_DENIED, NULL, "您无权新建%s", "You may not create: %s",
		            label_in(o->label, ctx->me->language));
	draft_init(ctx, o, &d);
	/* What is not typed yet is no mistake yet; hooks may fill it in. */
	read_body(ctx, body, ACT_CREATE, &d);
	c = (struct change){
		.ctx = ctx, .o = o, .act = CHANGE_CREATE, .now = d.values,
		.old = arena_array(ctx->mem, o->n_fields, sizeof(struct value)),
	};
	if (!record_ask(ctx, &c) && ctx->kind != ERR_INVALID && ctx->kind != ERR_CONFLICT)
		return false;
	if (!record_duplicates(ctx, o, d.values, json_int(body, "id", 0), &found))
		return false;
	jw_object(w);
	jw_key(w, "errors");
	jw_array(w);
	for (const struct error *e = ctx->errors; e; e = e->next) {
		jw_object(w);
		jw_key(w, "field");
		jw_text(w, e->field);
		jw_key(w, "message");
		jw_text(w, e->message);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_key(w, "duplicates");
	record_write_duplicates(ctx, found, w);
	jw_key(w, "conflict");
	jw_bool(w, ctx->kind == ERR_CONFLICT);
	jw_object_end(w);
	ctx_forget(ctx);
	return true;
}

/* The ids of a bulk request: listed, those of its rows, or those of a query. */
static bool bulk_ids(struct ctx *ctx, const struct object *o, const struct json *body,
                     int64_t **ret, size_t *ret_n)
{
	enum { MOST = 10000 };
	static const struct field *none[] = { NULL };
	const struct json *rows = json_get(body, "rows");
	const struct json *list = rows ? rows : json_get(body, "ids");
	const char *text = json_text(body, "query", NULL);
	struct list l;
	struct reader r;
	int64_t *ids = NULL;
	size_t n = 0;
	size_t cap = 0;

	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		const struct json *one = rows ? json_get(j, "id") : j;
		int64_t id = 0;

		if (one && one->kind == JSON_INT)
			id = one->i;
		else if (!one || one->kind != JSON_TEXT || !int_parse(one->text, &id))
			return fail(ctx, ERR_INVALID, "ids", "编号不正确", "This is not an id");
		ids = arena_grow(ctx->mem, ids, &cap, n + 1, sizeof *ids);
		ids[n++] = id;
	}
	if (!list && !text)
		return fail(ctx, ERR_INVALID, "ids", "请给出 ids、rows 或 query", "Give ids, rows or query");
	if (text) {
		if (!query_parse(ctx, o, text, &l))
			return false;
		l.limit = 0;
		l.fields = none;
		if (!query_open(ctx, &l, &r))
			return false;
		while (n <= MOST && query_next(ctx, &r)) {
			ids = arena_grow(ctx->mem, ids, &cap, n + 1, sizeof *ids);
			ids[n++] = query_id(&r);
		}
		query_done(&r);
	}
	if (n > MOST)
		return fail(ctx, ERR_INVALID, "query", "一次最多处理 %d 条", "At most %d records at once", MOST);
	*ret = ids;
	*ret_n = n;
	return ctx->kind == ERR_NONE;
}

/* What is taken back must still be as it was made: `was`. */
static bool bulk_untouched(struct ctx *ctx, const struct object *o, int64_t id,
                           const struct json *was)
{
	struct value *row;
	struct draft d;
	bool found = false;

	draft_init(ctx, o, &d);
	if (!read_body(ctx, was, ACT_UPDATE, &d) ||
	    !record_row(ctx, o, id, ACT_UPDATE, false, &row, &found))
		return false;
	if (!found)
		return record_refused(ctx, o, id);
	for (size_t i = 0; i < o->n_fields; i++)
		if (d.set[i] && !value_eq(row[i], d.values[i]))
			return fail(ctx, ERR_CONFLICT, NULL, "记录已被他人修改",
			            "Somebody changed this record meanwhile");
	return true;
}

/* `row` is NULL where all are changed alike. */
static bool bulk_one(struct ctx *ctx, const struct object *o, int64_t id, const struct json *body,
                     const struct json *row)
{
	const struct json *was = row ? json_get(row, "was") : NULL;
	struct draft d;

	if (json_bool(body, "delete", false))
		return record_delete(ctx, o->name, id, 0);
	if (json_bool(body, "restore", false))
		return record_restore(ctx, o->name, id);
	if (was && !bulk_untouched(ctx, o, id, was))
		return false;
	draft_init(ctx, o, &d);
	return read_body(ctx, json_get(row ? row : body, "set"), ACT_UPDATE, &d) &&
	       record_change(ctx, &d, id);
}

bool record_bulk(struct ctx *ctx, const struct object *o, const struct json *body,
                 struct json_writer *w)
{
	bool partial = json_bool(body, "partial", false);
	const struct json *rows = json_get(body, "rows");
	const struct json *row = rows ? rows->first : NULL;
	int64_t changed = 0;
	int64_t *ids;
	size_t n;

	if (!bulk_ids(ctx, o, body, &ids, &n))
		return false;
	jw_object(w);
	jw_key(w, "failed");
	jw_array(w);
	for (size_t i = 0; i < n; i++, row = row ? row->next : NULL) {
		if (partial && !db_save(ctx->db))
			return fail_db(ctx, "bulk");
		if (bulk_one(ctx, o, ids[i], body, row)) {
			if (partial && !db_save_release(ctx->db))
				return fail_db(ctx, "bulk");
			changed++;
			continue;
		}
		if (!partial)
			return false;
		db_save_rollback(ctx->db);
		jw_object(w);
		jw_key(w, "id");
		jw_id(w, ids[i]);
		jw_key(w, "message");
		jw_text(w, ctx->errors ? ctx->errors->message : NULL);
		jw_object_end(w);
		ctx_forget(ctx);
	}
	jw_array_end(w);
	jw_key(w, "changed");
	jw_int(w, changed);
	jw_object_end(w);
	return true;
}
