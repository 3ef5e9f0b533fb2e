#include "engine/change.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/number.h"
#include "base/secret.h"
#include "engine/mutant.h"
#include "engine/type.h"

static const char *const acts[] = {
	[CHANGE_CREATE] = "create", [CHANGE_UPDATE] = "update",
	[CHANGE_DELETE] = "delete", [CHANGE_RESTORE] = "restore",
};

/* { "amount": ["1.00", "2.00"] }: old and new as the API writes them. */
const char *change_body(struct ctx *ctx, const struct object *o, const struct value *old,
                        const struct value *now)
{
	struct text out;
	struct json_writer w;

	text_init(&out, ctx->mem);
	jw_init(&w, &out);
	jw_object(&w);
	for (size_t i = 0; now && i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];
		struct value before = old ? old[i] : v_null();

		if (f->system || f->computed || value_eq(before, now[i]))
			continue;
		jw_key(&w, f->name);
		jw_array(&w);
		field_type(f)->write(&w, f, before);
		field_type(f)->write(&w, f, now[i]);
		jw_array_end(&w);
	}
	jw_object_end(&w);
	return out.s;
}

static bool add_row(struct ctx *ctx, const struct object *o, int64_t id, const char *act,
                    const char *body)
{
	const char *table = scope_table(ctx->mem, schema_object(ctx->schema, "change"));

	return ctx_exec(ctx, fmt(ctx->mem,
		"INSERT INTO %s (version, at, actor, object, record, act, request, body)"
		" VALUES (1, $now, $actor, $object, $record, $act, $request, $body)", table),
		(struct bind[]){
			{ "actor", v_id(ctx->actor) }, { "object", v_text(o->name) },
			{ "record", v_id(id) }, { "act", v_text(act) },
			{ "request", v_text(ctx->request) }, { "body", v_text(body) }, { 0 } }, NULL);
}

bool change_add(struct ctx *ctx, const struct object *o, int64_t id, enum change_act act,
                const struct value *old, const struct value *now)
{
	return change_put(ctx, o, id, act, change_body(ctx, o, old, now));
}

bool change_put(struct ctx *ctx, const struct object *o, int64_t id, enum change_act act,
                const char *body)
{
	return add_row(ctx, o, id, acts[act], body);
}

bool change_export(struct ctx *ctx, const struct object *o, const char *query, int64_t rows)
{
	struct text body;
	struct json_writer w;

	text_init(&body, ctx->mem);
	jw_init(&w, &body);
	jw_object(&w);
	jw_key(&w, "query");
	jw_text(&w, query);
	jw_key(&w, "rows");
	jw_int(&w, rows);
	jw_object_end(&w);
	return add_row(ctx, o, 0, "export", body.s);
}

bool change_try(struct ctx *ctx, int64_t member, bool begins)
{
	return add_row(ctx, schema_object(ctx->schema, "member"), member, begins ? "try" : "try_end", "{}");
}

/* Adds one row of the log to a hash; lengths keep neighbouring values apart. */
static void hash_row(struct ctx *ctx, struct secret_sha *h, struct query *q)
{
	for (size_t i = 0; i < db_columns(q); i++) {
		const char *s = db_text(q, i);
		const char *part = fmt(ctx->mem, "%zu:%s,", s ? strlen(s) : 0, s ? s : "");

		secret_sha_add(h, part, strlen(part));
	}
}

static const char *rows_sql(struct ctx *ctx)
{
	return fmt(ctx->mem, "SELECT id, at, actor, object, record, act, request, body FROM %s"
	                     " WHERE id > $after AND id <= $until ORDER BY id",
	           scope_table(ctx->mem, schema_object(ctx->schema, "change")));
}

/* Hash over the former hash and the rows in (after, until]; *ret_last stays if there are none. */
static bool hash_rows(struct ctx *ctx, const char *former, int64_t after, int64_t until,
                      int64_t *ret_last, const char **ret_hash)
{
	struct secret_sha h;
	struct query *q = ctx_query(ctx, rows_sql(ctx), (struct bind[]){
		{ "after", v_int(after) }, { "until", v_int(until) }, { 0 } });

	if (!q)
		return false;
	secret_sha_start(&h);
	secret_sha_add(&h, former, strlen(former));
	while (db_next(q)) {
		*ret_last = db_int(q, 0);
		hash_row(ctx, &h, q);
	}

	bool failed = db_failed(q);

	db_done(q);
	*ret_hash = secret_sha_end(&h, ctx->mem);
	return failed ? fail_db(ctx, "hashing the log") : true;
}

bool change_seal(struct ctx *ctx)
{
	const char *former = "";
	const char *hash;
	int64_t sealed = 0;
	int64_t last = 0;
	struct query *q = ctx_query(ctx, "SELECT seq, hash FROM t_seal ORDER BY seq DESC LIMIT 1", NULL);

	if (!q)
		return false;
	if (db_next(q)) {
		sealed = db_int(q, 0);
		former = arena_dup(ctx->mem, db_text(q, 1));
	}
	db_done(q);
	if (!hash_rows(ctx, former, sealed, INT64_MAX, &last, &hash))
		return false;
	if (last == 0)
		return true;
	return ctx_exec(ctx, "INSERT INTO t_seal (seq, hash, at) VALUES ($seq, $hash, $now)",
	                (struct bind[]){ { "seq", v_int(last) }, { "hash", v_text(hash) }, { 0 } }, NULL);
}

bool change_verify(struct ctx *ctx, int64_t *ret_broken)
{
	struct seal {
		int64_t seq;
		const char *hash;
	} *seals = NULL;
	size_t n = 0;
	size_t cap = 0;
	const char *former = "";
	int64_t after = 0;
	int64_t newest = 0;
	struct query *q = ctx_query(ctx, "SELECT seq, hash FROM t_seal ORDER BY seq", NULL);

	*ret_broken = 0;
	if (!q)
		return false;
	while (db_next(q)) {
		seals = arena_grow(ctx->mem, seals, &cap, n + 1, sizeof *seals);
		seals[n++] = (struct seal){ db_int(q, 0), arena_dup(ctx->mem, db_text(q, 1)) };
	}
	db_done(q);
	for (size_t i = 0; i < n; i++) {
		const char *hash;
		int64_t last = after;

		if (!hash_rows(ctx, former, after, seals[i].seq, &last, &hash))
			return false;
		if (last != seals[i].seq || !text_eq(hash, seals[i].hash)) {
			*ret_broken = after + 1;
			return true;
		}
		former = seals[i].hash;
		after = seals[i].seq;
	}
	/* Rows nobody sealed were not written by us. */
	if (!change_newest(ctx, &newest))
		return false;
	if (newest > after)
		*ret_broken = after + 1;
	return true;
}

/* One row of the log, read. */
struct entry {
	int64_t seq, at, actor, record;
	const struct object *o;         /* NULL: no longer declared */
	const char *act;
	const char *body;
	bool visible;
};

static bool read_entries(struct ctx *ctx, const char *where, const struct bind *binds,
                         struct entry **ret, size_t *ret_n)
{
	struct entry *list = NULL;
	size_t n = 0;
	size_t cap = 0;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT id, at, actor, object, record, act, body FROM %s WHERE %s",
		scope_table(ctx->mem, schema_object(ctx->schema, "change")), where), binds);

	if (!q)
		return false;
	while (db_next(q)) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = (struct entry){
			.seq = db_int(q, 0), .at = db_int(q, 1), .actor = db_int(q, 2),
			.o = schema_object(ctx->schema, db_text(q, 3)), .record = db_int(q, 4),
			.act = arena_dup(ctx->mem, db_text(q, 5)), .body = arena_dup(ctx->mem, db_text(q, 6)),
		};
	}

	bool failed = db_failed(q);

	db_done(q);
	*ret = list;
	*ret_n = n;
	return failed ? fail_db(ctx, "reading the log") : true;
}

/* Marks the entries whose records lie in the caller's views, deleted ones included; one query per object. */
static bool mark_visible(struct ctx *ctx, struct entry *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct object *o = list[i].o;
		struct text sql;
		struct binds b = { 0 };
		int64_t *ids;
		size_t found;
		bool first = true;

		for (size_t k = 0; k < i; k++)
			first &= list[k].o != o;
		if (!o || !first || !scope_may(ctx, o, ACT_READ))
			continue;
		text_init(&sql, ctx->mem);
		scope_with(ctx, (const struct object *[]){ o, NULL }, SCOPE_BOTH, &sql);
		text_addf(&sql, "SELECT id FROM %s WHERE id IN (", o->name);
		for (size_t k = i; k < n; k++)
			if (list[k].o == o)
				text_addf(&sql, "%s$%s", k == i ? "" : ", ",
				          bind_add(ctx, &b, v_int(list[k].record)));
		text_add(&sql, ")");
		if (!ctx_ids(ctx, sql.s, b.list, &ids, &found))
			return false;
		for (size_t k = i; k < n; k++)
			for (size_t m = 0; list[k].o == o && m < found; m++)
				list[k].visible |= ids[m] == list[k].record;
	}
	return true;
}

static void write_instant(struct json_writer *w, const char *key, int64_t at)
{
	char text[26];

	instant_format(at, text);
	jw_key(w, key);
	jw_text(w, text);
}

static void write_id(struct json_writer *w, const char *key, int64_t id)
{
	jw_key(w, key);
	if (id)
		jw_id(w, id);
	else
		jw_null(w);
}

bool change_list(struct ctx *ctx, int64_t after, int64_t limit, struct json_writer *w)
{
	struct json_error error;
	struct entry *list;
	size_t n;

	if (!read_entries(ctx, "id > $after ORDER BY id LIMIT $limit", (struct bind[]){
	        { "after", v_int(after) }, { "limit", v_int(limit) }, { 0 } }, &list, &n) ||
	    !mark_visible(ctx, list, n))
		return false;
	jw_object(w);
	jw_key(w, "rows");
	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		const struct json *body = list[i].visible
			? json_parse(ctx->mem, list[i].body, strlen(list[i].body), &error) : NULL;

		if (!list[i].visible && !MUTANT_IS(7))
			continue;
		jw_object(w);
		jw_key(w, "seq");
		jw_int(w, list[i].seq);
		write_instant(w, "at", list[i].at);
		write_id(w, "by", list[i].actor);
		jw_key(w, "object");
		jw_text(w, list[i].o->name);
		write_id(w, "id", list[i].record);
		jw_key(w, "act");
		jw_text(w, list[i].act);
		jw_key(w, "fields");
		jw_array(w);
		for (const struct json *f = body ? body->first : NULL; f; f = f->next)
			if (scope_field(ctx, list[i].o, f->key))
				jw_text(w, f->key);
		jw_array_end(w);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_key(w, "last");
	jw_int(w, n ? list[n - 1].seq : after);
	jw_object_end(w);
	return true;
}

bool change_newest(struct ctx *ctx, int64_t *ret)
{
	return ctx_get_int(ctx, fmt(ctx->mem, "SELECT max(id) FROM %s",
	                            scope_table(ctx->mem, schema_object(ctx->schema, "change"))),
	                   NULL, 0, ret);
}

/* The title of a record the caller may see; NULL otherwise. */
static bool title_of(struct ctx *ctx, const struct object *o, int64_t id, const char **ret)
{
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, (const struct object *[]){ o, NULL }, SCOPE_BOTH, &sql);
	text_addf(&sql, "SELECT %s FROM %s WHERE id = $id", o->title->name, o->name);
	return ctx_get_text(ctx, sql.s, (struct bind[]){ { "id", v_int(id) }, { 0 } }, ret);
}

/* What a value of the log says to a person: labels of choices and references. */
static bool write_shown(struct ctx *ctx, const struct field *f, const char *key,
                        const struct json *j, struct json_writer *w)
{
	const struct choice *c = f->yields == TYPE_CHOICE && j->kind == JSON_TEXT
		? field_choice(f, j->text) : NULL;
	const char *text = c ? label_in(c->label, ctx->me->language) : NULL;
	int64_t id;

	if (field_is_ref(f) && j->kind == JSON_TEXT && int_parse(j->text, &id) &&
	    !title_of(ctx, f->to, id, &text))
		return false;
	if (text) {
		jw_key(w, key);
		jw_text(w, text);
	}
	return true;
}

static bool write_changes(struct ctx *ctx, const struct entry *e, struct json_writer *w)
{
	struct json_error error;
	const struct json *body = json_parse(ctx->mem, e->body, strlen(e->body), &error);

	jw_key(w, "changes");
	jw_array(w);
	for (const struct json *j = body ? body->first : NULL; j; j = j->next) {
		const struct field *f = scope_field(ctx, e->o, j->key);

		if (!f)
			continue;
		jw_object(w);
		jw_key(w, "field");
		jw_text(w, f->name);
		jw_key(w, "label");
		jw_text(w, label_in(f->label, ctx->me->language));
		jw_key(w, "old");
		jw_json(w, j->first);
		jw_key(w, "new");
		jw_json(w, j->first->next);
		if (!write_shown(ctx, f, "old_label", j->first, w) ||
		    !write_shown(ctx, f, "new_label", j->first->next, w))
			return false;
		jw_object_end(w);
	}
	jw_array_end(w);
	return true;
}

/* An item of the timeline, written; ordered by time, what happened at once as it was found. */
struct item {
	int64_t at;
	size_t found;
	const char *json;
};

struct items {
	struct item *list;
	size_t n, cap;
};

static void add_item(struct ctx *ctx, struct items *items, int64_t at, const char *json)
{
	items->list = arena_grow(ctx->mem, items->list, &items->cap, items->n + 1, sizeof *items->list);
	items->list[items->n] = (struct item){ at, items->n, json };
	items->n++;
}

static int newest_first(const void *a, const void *b)
{
	const struct item *x = a;
	const struct item *y = b;

	return x->at == y->at ? (x->found > y->found) - (x->found < y->found) : x->at < y->at ? 1 : -1;
}

/*
 * Where a page begins: at what is older than `before` (ms, a whole second), without the
 * `skip` items of that last second which the pages so far have given.  An import writes
 * thousands of records in one second: time alone is no place.
 */
struct page {
	int64_t before;
	int64_t skip;
};

enum { PAGE_SKIP = 100000 };

static bool read_page(struct ctx *ctx, const char *after, struct page *ret)
{
	char **parts;

	*ret = (struct page){ .before = INT64_MAX };
	if (!after || !*after)
		return true;
	if (text_split(ctx->mem, after, ',', &parts) == 2 && int_parse(parts[0], &ret->before) &&
	    int_parse(parts[1], &ret->skip) && ret->before % 1000 == 0 && ret->before >= 0 &&
	    ret->before <= INT64_C(253402300799000) && ret->skip >= 0 && ret->skip <= PAGE_SKIP)
		return true;
	return fail(ctx, ERR_INVALID, "after", "翻页标记无效", "This page marker does not fit");
}

/* The page behind the first `given` of the sorted items. */
static const char *next_page(struct ctx *ctx, const struct items *items, size_t given)
{
	int64_t before;
	size_t skip = 0;

	if (items->n <= given)
		return NULL;
	before = (items->list[given - 1].at / 1000 + 1) * 1000;
	for (size_t i = 0; i < given; i++)
		skip += items->list[i].at < before;
	return fmt(ctx->mem, "%" PRId64 ",%zu", before, skip);
}

static bool add_changes(struct ctx *ctx, const struct object *o, int64_t id, int64_t before,
                        int64_t limit, struct items *items)
{
	const struct object *member = schema_object(ctx->schema, "member");
	struct entry *list;
	size_t n;

	if (!read_entries(ctx, "object = $object AND record = $id AND at < $before"
	                       " ORDER BY id DESC LIMIT $limit", (struct bind[]){
	        { "object", v_text(o->name) }, { "id", v_int(id) }, { "before", v_int(before) },
	        { "limit", v_int(limit) }, { 0 } }, &list, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct text out;
		struct json_writer w;
		const char *by = NULL;

		if (list[i].actor && !title_of(ctx, member, list[i].actor, &by))
			return false;
		text_init(&out, ctx->mem);
		jw_init(&w, &out);
		jw_object(&w);
		write_instant(&w, "at", list[i].at);
		jw_key(&w, "kind");
		jw_text(&w, list[i].act);
		write_id(&w, "by", list[i].actor);
		jw_key(&w, "by_label");
		jw_text(&w, by);
		jw_key(&w, "object");
		jw_text(&w, o->name);
		write_id(&w, "id", id);
		if (!write_changes(ctx, &list[i], &w))
			return false;
		jw_object_end(&w);
		add_item(ctx, items, list[i].at, out.s);
	}
	return true;
}

/* The newest records of `o` that fit the query `which`, each with what its list shows. */
static bool add_related(struct ctx *ctx, const struct object *o, const char *which, int64_t before,
                        int64_t limit, struct items *items)
{
	size_t at = SIZE_MAX;
	struct reader r;
	struct list l;
	struct text query;

	text_init(&query, ctx->mem);
	text_addf(&query, "%s&sort=-created_at", which);
	if (before != INT64_MAX) {
		char until[26];

		instant_format(before, until);
		text_add(&query, "&created_at=lt.");
		text_url_encode(&query, until);
	}
	if (!query_parse(ctx, o, query.s, &l))
		return false;
	l.limit = limit;
	if (!query_open(ctx, &l, &r))
		return false;
	for (size_t i = 0; i < r.n_fields; i++)
		if (text_eq(r.fields[i]->name, "created_at"))
			at = i;
	for (int64_t n = 0; n < limit && query_next(ctx, &r); n++) {
		struct text out;
		struct json_writer w;
		int64_t when = at == SIZE_MAX ? 0 : query_value(&r, at).i;

		text_init(&out, ctx->mem);
		jw_init(&w, &out);
		jw_object(&w);
		write_instant(&w, "at", when);
		jw_key(&w, "kind");
		jw_text(&w, "related");
		jw_key(&w, "object");
		jw_text(&w, o->name);
		write_id(&w, "id", query_id(&r));
		jw_key(&w, "record");
		query_write(ctx, &r, &w);
		jw_object_end(&w);
		add_item(ctx, items, when, out.s);
	}
	query_done(&r);
	return ctx->kind == ERR_NONE;
}

/* How records of another object hang on one: as a query, and as a condition on their table. */
struct relation {
	const struct object *o;
	const char *query;
	const char *where;
};

struct relations {
	struct relation *list;
	size_t n, cap;
};

static void add_relation(struct ctx *ctx, struct relations *r, const struct object *o, const char *query, const char *where)
{
	r->list = arena_grow(ctx->mem, r->list, &r->cap, r->n + 1, sizeof *r->list);
	r->list[r->n++] = (struct relation){ o, query, where };
}

/* Those the caller may look along. */
static struct relations relations_of(struct ctx *ctx, const struct object *o, int64_t id)
{
	struct relations r = { 0 };

	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *other = &ctx->schema->objects[i];

		if (!scope_may(ctx, other, ACT_READ) || other == o || !other->log)
			continue;
		if (other->about_object)
			add_relation(ctx, &r, other,
			             fmt(ctx->mem, "%s=eq.%s&%s=eq.%" PRId64, other->about_object->name, o->name, other->about_record->name, id),
			             fmt(ctx->mem, "%s = $object AND %s = $id", other->about_object->name, other->about_record->name));
		for (size_t k = 0; k < other->n_fields; k++) {
			const struct field *f = &other->fields[k];

			if (field_is_ref(f) && f->to == o && !f->system && scope_field_read(ctx, f))
				add_relation(ctx, &r, other, fmt(ctx->mem, "%s=eq.%" PRId64, f->name, id), fmt(ctx->mem, "%s = $id", f->name));
		}
	}
	return r;
}

/*
 * Most relations of a record have no rows, and a list by itself takes PostgreSQL longer to plan than to answer: which
 * of them have any, seen or not, is asked of the tables in one statement.  What is shown comes through the scope.
 */
static bool add_all_related(struct ctx *ctx, const struct object *o, int64_t id, int64_t before,
                            int64_t limit, struct items *items)
{
	enum { AT_ONCE = 100 };
	struct relations r = relations_of(ctx, o, id);

	for (size_t from = 0; from < r.n; from += AT_ONCE) {
		struct text sql;
		int64_t *some;
		size_t n;

		text_init(&sql, ctx->mem);
		for (size_t i = from; i < r.n && i < from + AT_ONCE; i++)
			text_addf(&sql, "%sSELECT %zu AS i WHERE EXISTS (SELECT 1 FROM %s WHERE %s)", sql.len ? " UNION ALL " : "", i,
			          scope_table(ctx->mem, r.list[i].o), r.list[i].where);
		text_add(&sql, " ORDER BY i");
		if (!ctx_ids(ctx, sql.s, (struct bind[]){ { "id", v_int(id) }, { "object", v_text(o->name) }, { 0 } }, &some, &n))
			return false;
		for (size_t k = 0; k < n; k++)
			if (!add_related(ctx, r.list[some[k]].o, r.list[some[k]].query, before, limit, items))
				return false;
	}
	return true;
}

bool change_timeline(struct ctx *ctx, const struct object *o, int64_t id, const char *after,
                     int64_t limit, struct json_writer *w)
{
	struct entry self = { .o = o, .record = id };
	struct items items = { 0 };
	struct page page;
	size_t end;

	if (!read_page(ctx, after, &page) || !mark_visible(ctx, &self, 1))
		return false;
	if (!self.visible && !MUTANT_IS(6))
		return fail(ctx, ERR_MISSING, NULL, "记录不存在", "There is no such record");
	end = (size_t)(page.skip + limit);
	/* One more than is shown tells whether there is a next page. */
	if (!add_changes(ctx, o, id, page.before, (int64_t)end + 1, &items) ||
	    !add_all_related(ctx, o, id, page.before, (int64_t)end + 1, &items))
		return false;
	if (items.n)
		qsort(items.list, items.n, sizeof *items.list, newest_first);
	jw_object(w);
	jw_key(w, "rows");
	jw_array(w);
	for (size_t i = (size_t)page.skip; i < items.n && i < end; i++)
		jw_raw(w, items.list[i].json);
	jw_array_end(w);
	jw_key(w, "next");
	jw_text(w, next_page(ctx, &items, end));
	jw_object_end(w);
	return true;
}
