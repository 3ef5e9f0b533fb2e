#include "base/date.h"
#include "base/number.h"
#include "engine/import_inner.h"
#include "engine/type_text.h"

/* A row of the file becomes a draft: values, references, doubles. */

/* Names → ids */

static bool is_reference(const struct field *f)
{
	return field_is_ref(f) || f->type == TYPE_REFS || f->type == TYPE_REGION;
}

static void add_name(struct ctx *ctx, struct import_lookup *look, const char *name, int64_t id)
{
	const char *key = name ? text_fold(ctx->mem, name) : "";
	bool fresh;

	if (!*key)
		return;

	int64_t *at = map_put(&look->ids, key, id, &fresh);

	if (!fresh && *at != id) {
		*at = -1;
		look->several = true;
	}
}

/* Codes of divisions begin with that of the wider one. */
static bool lies_within(int64_t code, int64_t wider)
{
	while (code > wider)
		code /= 10;
	return code == wider;
}

/* A municipality and its city level are both 上海市: of places that lie within each other the wider one is meant. */
static void add_place(struct ctx *ctx, struct import_lookup *look, const char *name, int64_t code)
{
	int64_t *at = map_find(&look->ids, text_fold(ctx->mem, name));

	if (!at || *at <= 0 || !(lies_within(code, *at) || lies_within(*at, code)))
		add_name(ctx, look, name, code);
	else if (lies_within(*at, code))
		*at = code;
}

/* "广东省深圳市" is also 广东深圳, 深圳市, 深圳 – the latter only while one place is called so. */
static void add_region(struct ctx *ctx, struct import_lookup *look, const char *full,
                       const char *name, int64_t code)
{
	static const char *const endings[] = { "省", "市", "区", "县", "自治区", "特别行政区", "壮族自治区",
	                                       "回族自治区", "维吾尔自治区" };

	add_place(ctx, look, full, code);
	add_place(ctx, look, name, code);
	for (size_t i = 0; i < LENGTH(endings); i++)
		if (text_ends(name, endings[i]) && strlen(name) >= strlen(endings[i]) + 6)
			add_place(ctx, look, arena_dupn(ctx->mem, name, strlen(name) - strlen(endings[i])), code);
}

/* Of what a target record may be called: its title and everything that finds it. */
static bool names_it(const struct object *to, const struct field *f)
{
	return f == to->title || ((f->search || f->unique || text_eq(f->name, "name_en") ||
	                           text_eq(f->name, "name")) && field_type(f)->storage == STORE_TEXT &&
	                          !f->internal && !f->computed && f->type != TYPE_LONG);
}

/* "pipeline=eq.$pipeline": the target's field that narrows the choice, or NULL. */
static const struct field *narrowed_by(const struct field *f)
{
	const char *equals = f->filter ? strstr(f->filter, "=eq.$") : NULL;
	char name[64];

	if (!equals || (size_t)(equals - f->filter) >= sizeof name)
		return NULL;
	memcpy(name, f->filter, (size_t)(equals - f->filter));
	name[equals - f->filter] = '\0';
	return object_field(f->to, name);
}

/* All names of the target's records within the caller's view; `group` 0: of every group. */
static bool read_names(struct ctx *ctx, const struct field *f, int64_t group,
                       struct import_lookup *look)
{
	const struct object *to = f->type == TYPE_REGION ? schema_object(ctx->schema, "region") : f->to;
	const struct field *by = narrowed_by(f);
	struct text sql;
	size_t n = 1;

	text_init(&sql, ctx->mem);
	scope_with(ctx, (const struct object *[]){ to, NULL }, SCOPE_ALIVE, &sql);
	if (f->type == TYPE_REGION) {
		text_add(&sql, "SELECT code, full_name, name FROM region");
	} else {
		text_add(&sql, "SELECT id");
		for (size_t i = 0; i < to->n_fields; i++)
			if (names_it(to, &to->fields[i]) && scope_field_read(ctx, &to->fields[i])) {
				text_addf(&sql, ", %s", to->fields[i].name);
				n++;
			}
		text_addf(&sql, " FROM %s", to->name);
		if (by && group)
			text_addf(&sql, " WHERE %s = $group", by->name);
	}

	struct query *q = ctx_stream(ctx, sql.s, (struct bind[]){ { "group", v_int(group) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		if (f->type == TYPE_REGION) {
			int64_t code;

			if (int_parse(db_text(q, 0), &code))
				add_region(ctx, look, arena_dup(ctx->mem, db_text(q, 1)),
				           arena_dup(ctx->mem, db_text(q, 2)), code);
			add_name(ctx, look, db_text(q, 0), code);
			continue;
		}
		for (size_t i = 1; i < n; i++)
			add_name(ctx, look, db_text(q, i), db_int(q, 0));
	}

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "names") : true;
}

static void forget_names(struct import_lookup *look, struct arena *mem)
{
	map_init(&look->ids, mem);
	look->several = false;
}

/*
 * "Won" is a stage of several pipelines: take the one group in which the most
 * samples of the column have a name.
 */
static bool narrow(struct ctx *ctx, struct import_reading *r, size_t column)
{
	const struct import_column *c = &r->plan.columns[column];
	const struct field *by = narrowed_by(c->field);
	struct import_lookup *look = &r->lookups[column];
	int64_t *groups;
	int64_t best = 0;
	size_t most = 0;
	size_t n;
	struct text sql;

	if (!by || !look->several)
		return true;
	text_init(&sql, ctx->mem);
	scope_with(ctx, (const struct object *[]){ c->field->to, NULL }, SCOPE_ALIVE, &sql);
	text_addf(&sql, "SELECT DISTINCT %s FROM %s WHERE %s IS NOT NULL ORDER BY 1", by->name,
	          c->field->to->name, by->name);
	if (!ctx_ids(ctx, sql.s, NULL, &groups, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t hits = 0;

		forget_names(look, &r->mem);
		if (!read_names(ctx, c->field, groups[i], look))
			return false;
		for (size_t k = 0; k < c->n_samples; k++)
			hits += map_find(&look->ids, text_fold(ctx->mem, c->samples[k])) != NULL;
		if (hits > most) {
			most = hits;
			best = groups[i];
		}
	}
	forget_names(look, &r->mem);
	return read_names(ctx, c->field, best, look);
}

static bool listed(const struct json *list, const char *name)
{
	for (const struct json *j = list ? list->first : NULL; j; j = j->next)
		if (j->kind == JSON_TEXT && text_eq(j->text, name))
			return true;
	return false;
}

static bool open_lookup(struct ctx *ctx, struct import_reading *r, size_t column)
{
	const struct field *f = r->plan.columns[column].field;
	struct import_lookup *look = &r->lookups[column];

	forget_names(look, &r->mem);
	map_init(&look->missing, &r->mem);
	look->own = f->to == r->plan.o && field_is_ref(f);
	r->links |= look->own;
	look->create = f->type != TYPE_REGION &&
	               listed(json_get(r->plan.options, "create"), f->to->name);
	return read_names(ctx, f, 0, look) && narrow(ctx, r, column);
}

/* Which record has which value of the key field. */
static bool open_keys(struct ctx *ctx, struct import_reading *r)
{
	const struct field *key = r->plan.key;
	struct text sql;
	int64_t keyed;

	if (!ctx_get_int(ctx, "SELECT 1 FROM t_key WHERE object = $object LIMIT 1",
	                 (struct bind[]){ { "object", v_text(r->plan.o->name) }, { 0 } }, 0, &keyed))
		return false;
	r->keyed = keyed != 0;
	map_init(&r->keys, &r->mem);
	if (!key)
		return true;
	text_init(&sql, ctx->mem);
	scope_with(ctx, (const struct object *[]){ r->plan.o, NULL }, SCOPE_ALIVE, &sql);
	text_addf(&sql, "SELECT id, CAST(%s AS TEXT) FROM %s WHERE %s IS NOT NULL", key->name,
	          r->plan.o->name, key->name);

	struct query *q = ctx_stream(ctx, sql.s, NULL);

	if (!q)
		return false;
	while (db_next(q)) {
		bool fresh;
		int64_t *at = map_put(&r->keys, db_text(q, 1), db_int(q, 0), &fresh);

		if (!fresh)
			*at = -1;
	}
	db_done(q);
	return true;
}

bool import_open(struct ctx *ctx, int64_t id, struct import_reading *ret)
{
	*ret = (struct import_reading){ 0 };
	if (!import_plan(ctx, id, &ret->plan))
		return false;
	arena_init(&ret->mem, 0);
	map_init(&ret->seen, &ret->mem);
	map_init(&ret->titles, &ret->mem);
	ret->values = json_get(ret->plan.options, "values");
	ret->blank = json_get(ret->plan.options, "blank");
	ret->lookups = arena_array(&ret->mem, ret->plan.n_columns, sizeof *ret->lookups);
	for (size_t i = 0; i < ret->plan.n_columns; i++) {
		const struct field *f = ret->plan.columns[i].field;

		if (f && is_reference(f) && !open_lookup(ctx, ret, i))
			return false;
	}
	return open_keys(ctx, ret);
}

/* Values */

struct telling {
	const struct sheet_row *row;
	import_tell *tell;
	void *ptr;
};

static bool tell_cell(struct ctx *ctx, const struct import_column *c, const char *value,
                      const struct telling *t, const char *message)
{
	t->tell(t->ptr, &(struct import_problem){
		t->row->line, c ? c->name : NULL, c && c->field ? c->field->name : NULL, value, message });
	ctx_forget(ctx);
	return false;
}

enum { SEVERAL = -1, LATER = -2 };

/* The id a name stands for; 0 if it is not known (and noted), LATER if this file will make it. */
static int64_t find_name(struct ctx *ctx, struct import_reading *r, size_t column, const char *s)
{
	const struct import_column *c = &r->plan.columns[column];
	struct import_lookup *look = &r->lookups[column];
	const char *chosen = json_text(json_get(r->values, c->field->name), s, NULL);
	int64_t *at = map_find(&look->ids, text_fold(ctx->mem, s));
	int64_t id;
	bool fresh;

	if (chosen && int_parse(chosen, &id))
		return id;
	/* A mapping a person writes names the record. */
	if (chosen)
		at = map_find(&look->ids, text_fold(ctx->mem, chosen));
	if (at)
		return *at;
	if (look->own && map_find(&r->titles, text_fold(ctx->mem, s)))
		return LATER;

	int64_t *rows = map_put(&look->missing, s, 0, &fresh);

	++*rows;
	if (fresh) {
		look->order = arena_grow(&r->mem, look->order, &look->cap_order, look->n_order + 1,
		                         sizeof *look->order);
		look->order[look->n_order++] = arena_dup(&r->mem, s);
	}
	return 0;
}

static bool read_reference(struct ctx *ctx, struct import_reading *r, size_t column, const char *s,
                           const struct telling *t, struct value *ret)
{
	const struct import_column *c = &r->plan.columns[column];
	int64_t id = find_name(ctx, r, column, s);

	if (id > 0 && c->field->type == TYPE_REGION)
		*ret = v_text(fmt(ctx->mem, "%0*" PRId64, id < 100 ? 2 : 1, id));
	else if (id > 0)
		*ret = v_int(id);
	else if (id == LATER || (id == 0 && r->lookups[column].create))
		*ret = v_null();        /* made by the run, see import_run.c */
	else
		return tell_cell(ctx, c, s, t, id == SEVERAL
			? say(ctx, "有多条记录叫这个名字，请改用编号", "several records have this name; use a number or code")
			: say(ctx, "找不到对应的记录", "no record has this name"));
	return true;
}

/* So many marks may a name hold: the longest that is one is looked for. */
enum { MARKS_IN_NAME = 8 };

/*
 * The first name of a list.  It may itself hold what stands between names ("Acme Co., Ltd."): the
 * longest beginning that is known is it, else what stands before the first mark.
 */
static const char *first_name(struct ctx *ctx, const struct import_reading *r, size_t column,
                              const char **s)
{
	const struct json *chosen = json_get(r->values, r->plan.columns[column].field->name);
	const char *name = NULL;
	const char *rest = *s;
	const char *end = *s;

	for (size_t marks = 0; marks <= MARKS_IN_NAME; end++) {
		size_t cut = text_mark(end, false);

		if (*end && !cut)
			continue;

		const char *part = text_trim(ctx->mem, arena_dupn(ctx->mem, *s, (size_t)(end - *s)));

		if (!name || map_find(&r->lookups[column].ids, text_fold(ctx->mem, part)) ||
		    json_text(chosen, part, NULL)) {
			name = part;
			rest = end + cut;
		}
		if (!*end)
			break;
		marks++;
	}
	*s = rest;
	return name;
}

static bool read_references(struct ctx *ctx, struct import_reading *r, size_t column, const char *s,
                            const struct telling *t, struct value *ret)
{
	int64_t *ids = NULL;
	size_t cap = 0;
	size_t n = 0;

	while (*s) {
		const char *name = first_name(ctx, r, column, &s);
		struct value v;

		if (!*name)
			continue;
		if (!read_reference(ctx, r, column, name, t, &v))
			return false;
		ids = arena_grow(ctx->mem, ids, &cap, n + 1, sizeof *ids);
		ids[n++] = v.i;
	}
	*ret = v_text(ids_join(ctx->mem, ids, n));
	return true;
}

static bool read_date(struct ctx *ctx, const struct import_column *c, const char *s,
                      const struct telling *t, struct value *ret)
{
	int64_t days;
	int seconds;
	int64_t instant;

	if (c->field->type == TYPE_INSTANT && instant_parse(s, &instant)) {
		*ret = v_int(instant);
		return true;
	}
	if (!date_read(s, c->order, &days, &seconds))
		return tell_cell(ctx, c, s, t, c->order == DATE_ASK
			? say(ctx, "日期的日月顺序不明，请选择", "the order of day and month is unclear; please choose")
			: say(ctx, "不是日期", "not a date"));
	if (c->field->type == TYPE_DATE)
		*ret = v_text(date_text(ctx->mem, days));
	else
		*ret = v_int(day_start(days) + (seconds < 0 ? 0 : seconds * INT64_C(1000)));
	return true;
}

static bool read_cell(struct ctx *ctx, struct import_reading *r, size_t column, const char *s,
                      const struct telling *t, struct value *ret)
{
	const struct import_column *c = &r->plan.columns[column];
	const struct field *f = c->field;

	if (field_is_ref(f) || f->type == TYPE_REGION)
		return read_reference(ctx, r, column, s, t, ret);
	if (f->type == TYPE_REFS)
		return read_references(ctx, r, column, s, t, ret);
	if (f->type == TYPE_DATE || f->type == TYPE_INSTANT)
		return read_date(ctx, c, s, t, ret);
	if (field_type(f)->read_text(ctx, f, s, ret))
		return true;
	return tell_cell(ctx, c, s, t, ctx->errors ? ctx->errors->message : "");
}

bool import_row(struct ctx *ctx, struct import_reading *r, const struct sheet_row *row,
                struct draft *d, import_tell *tell, void *ptr)
{
	struct telling t = { row, tell, ptr };
	const struct json *fixed = json_get(r->plan.options, "set");
	bool ok = true;

	draft_init(ctx, r->plan.o, d);
	for (size_t i = 0; i < r->plan.n_columns && i < row->cells; i++) {
		const struct field *f = r->plan.columns[i].field;
		const char *s;

		if (!f)
			continue;
		s = text_trim(ctx->mem, sheet_unguard(row->cell[i].s));
		if (!*s || listed(r->blank, s))
			continue;
		if (read_cell(ctx, r, i, s, &t, &d->values[f->index]))
			d->set[f->index] = true;
		else
			ok = false;
	}
	for (const struct json *j = fixed ? fixed->first : NULL; j; j = j->next) {
		const struct field *f = scope_field(ctx, r->plan.o, j->key);

		if (!f || !scope_field_write(ctx, f) || d->set[f->index])
			continue;
		if (types[f->type].read(ctx, f, j, &d->values[f->index]))
			d->set[f->index] = true;
		else
			ok = tell_cell(ctx, NULL, j->key, &t, ctx->errors ? ctx->errors->message : "");
	}
	return ok;
}

static const char *cell(struct ctx *ctx, const struct sheet_row *row, size_t i)
{
	return i < row->cells ? text_trim(ctx->mem, sheet_unguard(row->cell[i].s)) : "";
}

const char *import_title(struct ctx *ctx, const struct import_reading *r, const struct sheet_row *row)
{
	for (size_t i = 0; i < r->plan.n_columns; i++)
		if (r->plan.columns[i].field == r->plan.o->title && *cell(ctx, row, i))
			return text_fold(ctx->mem, cell(ctx, row, i));
	return NULL;
}

bool import_links(struct ctx *ctx, struct import_reading *r, const struct sheet_row *row,
                  struct draft *d, int64_t *ret_id)
{
	const char *title = import_title(ctx, r, row);
	int64_t *self = title ? map_find(&r->titles, title) : NULL;

	*ret_id = 0;
	draft_init(ctx, r->plan.o, d);
	for (size_t i = 0; self && *self > 0 && i < r->plan.n_columns; i++) {
		const char *s = cell(ctx, row, i);
		int64_t *at = r->lookups[i].own && *s && !map_find(&r->lookups[i].ids, text_fold(ctx->mem, s))
			? map_find(&r->titles, text_fold(ctx->mem, s)) : NULL;

		if (!at || *at <= 0)
			continue;
		d->values[r->plan.columns[i].field->index] = v_int(*at);
		d->set[r->plan.columns[i].field->index] = true;
		*ret_id = *self;
	}
	return true;
}

/* What is to be done with a row */

/* The line of the file that had this value before; 0 if none. */
static int64_t seen_before(struct import_reading *r, const char *key, int64_t line)
{
	bool fresh;
	int64_t *at = map_put(&r->seen, key, line, &fresh);

	return fresh ? 0 : *at;
}

static const struct import_column *column_of(const struct import_reading *r, const struct field *f)
{
	for (size_t i = 0; i < r->plan.n_columns; i++)
		if (r->plan.columns[i].field == f)
			return &r->plan.columns[i];
	return NULL;
}

static bool tell_field(struct ctx *ctx, const struct import_reading *r, const struct field *f,
                       struct value v, const struct telling *t, const char *message)
{
	struct import_column none = { .name = NULL, .field = f };
	const struct import_column *c = column_of(r, f);

	return tell_cell(ctx, c ? c : &none, v.kind == V_NULL ? NULL : field_type(f)->show(ctx, f, v), t,
	                 message);
}

/* What a blank cell becomes; a file's rows are nobody's unless it says whose (record_initial). */
static bool has_default(const struct field *f)
{
	return f->initial && !text_eq(f->initial, "$me") && !text_eq(f->initial, "$team");
}

static bool check_required(struct ctx *ctx, const struct import_reading *r, const struct draft *d,
                           const struct telling *t)
{
	bool ok = true;

	for (size_t i = 0; i < d->o->n_fields; i++) {
		const struct field *f = &d->o->fields[i];
		const struct import_column *c = column_of(r, f);

		if (!c || !f->required || has_default(f) || d->values[i].kind != V_NULL || d->set[i])
			continue;
		ok = tell_field(ctx, r, f, v_null(), t, say(ctx, "必填", "required"));
	}
	return ok;
}

static bool check_unique(struct ctx *ctx, struct import_reading *r, const struct draft *d,
                         const struct telling *t, int64_t id)
{
	bool ok = true;

	for (size_t i = 0; i < d->o->n_fields; i++) {
		const struct field *f = &d->o->fields[i];
		int64_t other = 0;

		if (!f->unique || d->values[i].kind == V_NULL)
			continue;

		const char *shown = field_type(f)->show(ctx, f, d->values[i]);

		if (seen_before(r, fmt(ctx->mem, "u%zu:%s", i, shown), t->row->line))
			ok = tell_field(ctx, r, f, d->values[i], t,
			                say(ctx, "文件中重复出现", "stands in the file twice"));
		else if (!ctx_get_int(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE %s = $v AND deleted_at IS NULL"
		                                         " AND id <> $id", scope_table(ctx->mem, d->o), f->name),
		                      (struct bind[]){ { "v", d->values[i] }, { "id", v_int(id) }, { 0 } }, 0,
		                      &other))
			return false;
		else if (other)
			ok = tell_field(ctx, r, f, d->values[i], t,
			                say(ctx, "该值已被使用", "this value is already in use"));
	}
	return ok;
}

static bool same_as(struct ctx *ctx, const struct draft *d, int64_t id, bool *ret_found, bool *ret)
{
	struct value *row;

	*ret = true;
	if (!record_row(ctx, d->o, id, ACT_UPDATE, false, &row, ret_found))
		return false;
	for (size_t i = 0; *ret_found && i < d->o->n_fields; i++)
		*ret &= !d->set[i] || value_eq(row[i], d->values[i]);
	return true;
}

static bool decide_update(struct ctx *ctx, const struct import_reading *r, const struct draft *d,
                          int64_t id, enum import_act *ret, int64_t *ret_id,
                          const struct telling *t)
{
	bool found;
	bool same;

	if (!same_as(ctx, d, id, &found, &same))
		return false;
	*ret = same ? IMPORT_SAME : IMPORT_UPDATE;
	*ret_id = id;
	if (found)
		return true;
	*ret = IMPORT_FAIL;
	(void)r;
	tell_cell(ctx, NULL, NULL, t, say(ctx, "您无权修改这条记录", "you may not change this record"));
	return true;
}

/*
 * The record a duplicate rule finds, in the file before or in the store.  Who is to skip or update doubles means also those
 * a rule only warns of, if the title is the same, too: colleagues share a telephone.
 */
static bool find_double(struct ctx *ctx, struct import_reading *r, const struct draft *d,
                        const struct telling *t, const struct duplicate_rule **ret_rule,
                        int64_t *ret_id)
{
	struct duplicate *found = NULL;
	struct value title = d->values[d->o->title->index];
	bool weak = !text_eq(r->plan.duplicates, "fail") && title.kind == V_TEXT;

	*ret_rule = NULL;
	*ret_id = 0;
	if (d->o->n_duplicates == 0 || text_eq(r->plan.duplicates, "create"))
		return true;
	if (r->keyed && !record_duplicates(ctx, d->o, d->values, 0, &found))
		return false;
	for (; found; found = found->next) {
		if (!found->rule->block && !(weak && found->title && text_eq(found->title, title.s)))
			continue;
		*ret_rule = found->rule;
		*ret_id = found->visible ? found->id : -1;
		return true;
	}
	for (size_t i = 0; i < d->o->n_duplicates; i++) {
		const struct duplicate_rule *rule = &d->o->duplicates[i];
		const char *key = duplicate_key(ctx, rule, d->values[rule->field->index]);

		if (key && (rule->block || weak) &&
		    seen_before(r, fmt(ctx->mem, "d%zu:%s %s", i, key, rule->block ? "" : title.s), t->row->line)) {
			*ret_rule = rule;
			return true;
		}
	}
	return true;
}

bool import_decide(struct ctx *ctx, struct import_reading *r, const struct sheet_row *row,
                   struct draft *d, enum import_act *ret, int64_t *ret_id, import_tell *tell,
                   void *ptr)
{
	struct telling t = { row, tell, ptr };
	const struct field *key = r->plan.key;
	const struct duplicate_rule *rule;
	int64_t id;

	*ret = IMPORT_CREATE;
	*ret_id = 0;
	if (!check_required(ctx, r, d, &t)) {
		*ret = IMPORT_FAIL;
		return ctx->kind == ERR_NONE;
	}
	if (key && d->values[key->index].kind != V_NULL) {
		struct value v = d->values[key->index];
		const char *text = v.kind == V_INT ? fmt(ctx->mem, "%" PRId64, v.i) : v.s;
		int64_t *at = map_find(&r->keys, text);

		if (at && *at < 0) {
			*ret = IMPORT_FAIL;
			tell_field(ctx, r, key, v, &t, say(ctx, "有多条记录是这个值", "several records have this value"));
			return true;
		}
		if (at)
			return decide_update(ctx, r, d, *at, ret, ret_id, &t);
	}
	if (!check_unique(ctx, r, d, &t, 0)) {
		*ret = IMPORT_FAIL;
		return ctx->kind == ERR_NONE;
	}
	if (!find_double(ctx, r, d, &t, &rule, &id))
		return false;
	if (!rule)
		return true;
	if (text_eq(r->plan.duplicates, "update") && id > 0)
		return decide_update(ctx, r, d, id, ret, ret_id, &t);
	*ret = text_eq(r->plan.duplicates, "skip") ? IMPORT_SKIP : IMPORT_FAIL;
	if (*ret == IMPORT_FAIL)
		tell_field(ctx, r, rule->field, d->values[rule->field->index], &t,
		           say(ctx, "可能重复：记录已存在", "a possible duplicate exists already"));
	return true;
}

/* Suggestions */

static void suggest(struct ctx *ctx, const struct import_lookup *look, const char *value,
                    struct json_writer *w)
{
	enum { BEST = 3, LEAST = 60 };
	struct {
		int score;
		const struct map_slot *slot;
	} best[BEST] = { { 0, NULL } };
	const char *folded = text_fold(ctx->mem, value);
	struct arena scratch;

	arena_init(&scratch, 0);
	for (size_t i = 0; look->ids.n <= IMPORT_SUGGEST && i < look->ids.cap; i++) {
		const struct map_slot *slot = &look->ids.slots[i];
		int score = slot->key && slot->value > 0 ? text_similar(&scratch, folded, slot->key) : 0;

		arena_reset(&scratch);
		for (size_t k = 0; score >= LEAST && k < BEST; k++) {
			if (score > best[k].score) {
				for (size_t m = BEST - 1; m > k; m--)
					best[m] = best[m - 1];
				best[k].score = score;
				best[k].slot = slot;
				break;
			}
		}
	}
	arena_done(&scratch);
	jw_array(w);
	for (size_t k = 0; k < BEST && best[k].slot; k++) {
		jw_object(w);
		jw_key(w, "id");
		jw_id(w, best[k].slot->value);
		jw_key(w, "title");
		jw_text(w, best[k].slot->key);
		jw_key(w, "score");
		jw_int(w, best[k].score);
		jw_object_end(w);
	}
	jw_array_end(w);
}

bool import_unresolved(struct ctx *ctx, struct import_reading *r, struct json_writer *w)
{
	jw_array(w);
	for (size_t i = 0; i < r->plan.n_columns; i++) {
		const struct import_column *c = &r->plan.columns[i];
		const struct import_lookup *look = &r->lookups[i];

		for (size_t k = 0; k < look->n_order && k < IMPORT_TOLD; k++) {
			jw_object(w);
			jw_key(w, "field");
			jw_text(w, c->field->name);
			jw_key(w, "column");
			jw_text(w, c->name);
			jw_key(w, "to");
			jw_text(w, c->field->type == TYPE_REGION ? "region" : c->field->to->name);
			jw_key(w, "value");
			jw_text(w, look->order[k]);
			jw_key(w, "rows");
			jw_int(w, *map_find(&look->missing, look->order[k]));
			jw_key(w, "create");
			jw_bool(w, look->create);
			jw_key(w, "suggestions");
			suggest(ctx, look, look->order[k], w);
			jw_object_end(w);
		}
	}
	jw_array_end(w);
	return true;
}
