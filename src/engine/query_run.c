#include "engine/query.h"

#include "engine/mutant.h"

/* Running lists and writing their rows. */

/* Stands in every answer, asked for or not. */
static bool is_everywhere(const struct field *f)
{
	return text_eq(f->name, "id") || text_eq(f->name, "version");
}

/*
 * What a list shows when it does not say: everything the caller may read, in declared order,
 * behind it what every record has.
 */
static const struct field **shown(struct ctx *ctx, const struct list *l)
{
	const struct object *o = l->object;
	size_t n = 0;

	if (l->fields)
		return l->fields;

	const struct field **fields = arena_array(ctx->mem, o->n_fields + 1, sizeof *fields);

	for (int system = 0; system < 2; system++) {
		for (size_t i = 0; i < o->n_fields; i++) {
			const struct field *f = &o->fields[i];

			if (f->system == system && scope_field_read(ctx, f) && !is_everywhere(f))
				fields[n++] = f;
		}
	}
	return fields;
}

/* Few rows, or the one of an id: asked as a statement that stays prepared, not as a stream that is planned anew each time. */
static bool is_short(const struct list *l)
{
	return l->limit || (l->where && l->where->kind == COND_TEST && l->where->op == OP_EQ && l->where->n_values == 1 && !l->where->via &&
	                    text_eq(l->where->field->name, "id"));
}

bool query_open(struct ctx *ctx, const struct list *l, struct reader *ret)
{
	struct reader r = { .list = l, .fields = shown(ctx, l) };
	struct binds b = { 0 };
	struct text sql;

	if (!scope_may(ctx, l->object, ACT_READ))
		return fail(ctx, ERR_DENIED, NULL, "您无权查看%s", "You may not see %s",
		            label_in(l->object->label, ctx->me->language));
	while (r.fields[r.n_fields])
		r.n_fields++;
	r.labels = arena_array(ctx->mem, r.n_fields, sizeof *r.labels);

	size_t column = 2 + r.n_fields + l->n_sort;

	for (size_t i = 0; i < r.n_fields; i++)
		if (field_is_ref(r.fields[i]) || r.fields[i]->yields == TYPE_REGION)
			r.labels[i] = column++;
	text_init(&sql, ctx->mem);
	if (!query_sql(ctx, l, r.fields, &sql, &b))
		return false;
	r.q = is_short(l) ? ctx_query(ctx, sql.s, b.list) : ctx_stream(ctx, sql.s, b.list);
	if (!r.q)
		return false;
	*ret = r;
	return true;
}

bool query_next(struct ctx *ctx, struct reader *r)
{
	if (db_next(r->q))
		return true;
	if (db_failed(r->q))
		fail_db(ctx, "reading a list");
	return false;
}

void query_done(struct reader *r)
{
	db_done(r->q);
	r->q = NULL;
}

struct value query_value(struct reader *r, size_t i)
{
	return db_value(r->q, 2 + i);
}

int64_t query_id(struct reader *r)
{
	return db_int(r->q, 0);
}

const char *query_label(struct reader *r, size_t i)
{
	return r->labels[i] ? db_text(r->q, r->labels[i]) : NULL;
}

/* One by one: such fields are short. */
bool query_titles(struct ctx *ctx, const struct field *f, const char *s, const char ***ret,
                  size_t *ret_n)
{
	int64_t *ids;
	size_t n = ids_split(ctx->mem, s, &ids);
	const char **titles = arena_array(ctx->mem, n + 1, sizeof *titles);
	const struct object *set[] = { f->to, NULL };
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(MUTANT_CTX(9, ctx), set, SCOPE_ALIVE, &sql);
	text_addf(&sql, "SELECT %s FROM %s WHERE id = $id", f->to->title->name, f->to->name);
	for (size_t i = 0; i < n; i++)
		if (!ctx_get_text(ctx, sql.s, (struct bind[]){ { "id", v_int(ids[i]) }, { 0 } }, &titles[i]))
			return false;
	*ret = titles;
	*ret_n = n;
	return true;
}

static bool write_refs_labels(struct ctx *ctx, const struct field *f, const char *s,
                              struct json_writer *w)
{
	const char **titles;
	size_t n;

	if (!query_titles(ctx, f, s, &titles, &n))
		return false;
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		jw_text(w, titles[i]);
	jw_array_end(w);
	return true;
}

static bool write_files(struct ctx *ctx, const char *s, struct json_writer *w)
{
	int64_t *ids;
	size_t n = ids_split(ctx->mem, s, &ids);
	const struct member *me = ctx_as_system(ctx);   /* a file is seen with the record that names it */
	const struct object *set[] = { schema_object(ctx->schema, "file"), NULL };
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, set, SCOPE_ALIVE, &sql);
	text_add(&sql, "SELECT name, size, mime FROM file WHERE id = $id");
	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		struct query *q = ctx_query(ctx, sql.s, (struct bind[]){ { "id", v_int(ids[i]) }, { 0 } });

		if (!q)
			break;
		if (db_next(q)) {
			jw_object(w);
			jw_key(w, "id");
			jw_id(w, ids[i]);
			jw_key(w, "name");
			jw_text(w, db_text(q, 0));
			jw_key(w, "size");
			jw_int(w, db_int(q, 1));
			jw_key(w, "type");
			jw_text(w, db_text(q, 2));
			jw_object_end(w);
		}
		db_done(q);
	}
	jw_array_end(w);
	ctx_as(ctx, me);
	return true;
}

static void write_label(struct ctx *ctx, struct reader *r, size_t i, struct value v,
                        struct json_writer *w)
{
	const struct field *f = r->fields[i];

	if (v.kind == V_NULL)
		return;
	if (r->labels[i]) {
		const char *label = query_label(r, i);

		if (label) {
			jw_key(w, f->name);
			jw_text(w, label);
		}
	} else if (f->yields == TYPE_CHOICE) {
		const struct choice *c = field_choice(f, v.s);

		jw_key(w, f->name);
		jw_text(w, c ? label_in(c->label, ctx->me->language) : v.s);
	} else if (f->type == TYPE_REFS) {
		jw_key(w, f->name);
		write_refs_labels(ctx, f, v.s, w);
	}
}

void query_write(struct ctx *ctx, struct reader *r, struct json_writer *w)
{
	jw_object(w);
	jw_key(w, "id");
	jw_id(w, db_int(r->q, 0));
	jw_key(w, "version");
	jw_int(w, db_int(r->q, 1));
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = r->fields[i];
		struct value v = query_value(r, i);

		if (is_everywhere(f))
			continue;
		jw_key(w, f->name);
		if (f->type == TYPE_FILE || f->type == TYPE_IMAGE)
			write_files(ctx, v.kind == V_TEXT ? v.s : NULL, w);
		else
			field_type(f)->write(w, f, v);
	}
	jw_key(w, "labels");
	jw_object(w);
	for (size_t i = 0; i < r->n_fields; i++)
		write_label(ctx, r, i, query_value(r, i), w);
	jw_object_end(w);
	jw_object_end(w);
}

/* The cursor behind the current row; see read_cursor in query.c. */
static char *cursor(struct ctx *ctx, struct reader *r)
{
	const struct list *l = r->list;
	struct text plain;
	struct text hex;
	struct json_writer w;

	text_init(&plain, ctx->mem);
	for (size_t i = 0; i < l->n_sort; i++)
		text_addf(&plain, "%s%s%s", i ? "," : "", l->sort[i].descending ? "-" : "",
		          l->sort[i].field->name);
	text_addc(&plain, '\n');
	jw_init(&w, &plain);
	jw_array(&w);
	for (size_t i = 0; i < l->n_sort; i++) {
		struct value v = db_value(r->q, 2 + r->n_fields + i);

		switch (v.kind) {
		case V_INT:
			jw_int(&w, v.i);
			break;
		case V_REAL:
			jw_real(&w, v.r);
			break;
		case V_TEXT:
		case V_BYTES:
			jw_textn(&w, v.s, v.n);
			break;
		case V_NULL:
			jw_null(&w);
			break;
		}
	}
	jw_int(&w, query_id(r));
	jw_array_end(&w);
	text_init(&hex, ctx->mem);
	for (size_t i = 0; i < plain.len; i++)
		text_addf(&hex, "%02x", (unsigned char)plain.s[i]);
	return hex.s;
}

bool query_list(struct ctx *ctx, const struct list *l, struct json_writer *w)
{
	struct reader r;
	const char *next = NULL;
	int64_t count = 0;
	int64_t n = 0;

	if (!query_open(ctx, l, &r))
		return false;
	jw_object(w);
	jw_key(w, "rows");
	jw_array(w);
	while (n <= l->limit && query_next(ctx, &r)) {
		/* The row past the page only proves that there is another page. */
		if (n++ == l->limit)
			break;
		query_write(ctx, &r, w);
		if (n == l->limit)
			next = cursor(ctx, &r);
	}
	query_done(&r);
	jw_array_end(w);
	jw_key(w, "next");
	jw_text(w, n > l->limit ? next : NULL);
	if (l->exact_count) {
		if (!query_count(ctx, l, &count))
			return false;
		jw_key(w, "count");
		jw_int(w, count);
	}
	jw_object_end(w);
	return ctx->kind == ERR_NONE;
}

bool query_count(struct ctx *ctx, const struct list *l, int64_t *ret_n)
{
	struct list plain = *l;
	struct binds b = { 0 };
	struct text sql;

	if (!scope_may(ctx, l->object, ACT_READ))
		return fail(ctx, ERR_DENIED, NULL, "您无权查看%s", "You may not see %s",
		            label_in(l->object->label, ctx->me->language));
	plain.n_sort = 0;
	text_init(&sql, ctx->mem);

	const char *from = scope_with_list(MUTANT_CTX(2, ctx), query_objects(ctx, &plain, NULL), l->object,
	                                   l->rows, l->export, &sql);

	text_addf(&sql, l->count_most ? "SELECT count(*) FROM (SELECT 1 AS one FROM %s r WHERE "
	                              : "SELECT count(*) FROM %s r WHERE ", from);
	if (!query_condition(ctx, l, "r.", &sql, &b))
		return false;
	if (l->count_most)
		text_addf(&sql, " LIMIT %" PRId64 ") counted", l->count_most);
	return ctx_get_int(ctx, sql.s, b.list, 0, ret_n);
}

/* The group's value as SQL: the field, or the day, month … it falls in. */
static bool group_column(struct ctx *ctx, const struct list *l, size_t i, struct text *out,
                         struct binds *b)
{
	const struct field *f = l->group[i];
	const char *part = l->group_part[i];

	if (!part)
		return query_field(ctx, f, "r.", out, b);

	if (f->yields == TYPE_REGION) {
		/* The first two digits of a division are its province. */
		text_add(out, "substr(");
		if (!query_field(ctx, f, "r.", out, b))
			return false;
		text_add(out, ", 1, 2)");
		return true;
	}

	/* Parts of days come from the calendar, so weeks and quarters are one definition. */
	struct text day;

	text_init(&day, ctx->mem);
	if (f->yields == TYPE_DATE)
		text_addf(&day, "r.%s", f->name);
	else
		text_addf(&day, "(SELECT d.day FROM calendar_day d WHERE d.starts_at <= r.%s"
		                " ORDER BY d.starts_at DESC NULLS LAST LIMIT 1)", f->name);
	if (text_eq(part, "day"))
		text_add(out, day.s);
	else if (f->yields == TYPE_DATE && text_eq(part, "month"))
		text_addf(out, "substr(%s, 1, 7)", day.s);
	else if (f->yields == TYPE_DATE && text_eq(part, "year"))
		text_addf(out, "substr(%s, 1, 4)", day.s);
	else
		text_addf(out, "(SELECT e.%s FROM calendar_day e WHERE e.day = %s)", part, day.s);
	return true;
}

static bool summary_sql(struct ctx *ctx, const struct list *l, size_t sums, struct text *out,
                        struct binds *b)
{
	const struct object *calendar = schema_object(ctx->schema, "calendar_day");
	const struct object **objects = query_objects(ctx, l, l->group);
	size_t n = 0;
	bool parts = false;

	for (size_t i = 0; l->group && l->group[i]; i++)
		parts |= l->group_part[i] != NULL;
	/* The calendar tells weeks and months; its own days bring it along. */
	for (; objects[n]; n++)
		parts &= objects[n] != calendar;
	if (parts) {
		const struct object **more = arena_array(ctx->mem, n + 2, sizeof *more);

		memcpy(more, objects, n * sizeof *more);
		more[n] = calendar;
		objects = more;
	}

	const char *from =
		scope_with_list(MUTANT_CTX(3, ctx), objects, l->object, l->rows, l->export, out);

	text_add(out, "SELECT q.*");
	for (size_t i = 0; l->group && l->group[i]; i++) {
		const struct field *f = l->group[i];

		if (field_is_ref(f))
			text_addf(out, ", (SELECT %s FROM %s WHERE id = q.g%zu) AS l%zu",
			          f->to->title->name, f->to->name, i, i);
		else if (f->yields == TYPE_REGION)
			text_addf(out, ", (SELECT full_name FROM region WHERE code = q.g%zu) AS l%zu", i, i);
	}
	text_add(out, " FROM (SELECT count(*) AS n");
	for (size_t i = 0; l->sums && l->sums[i]; i++) {
		text_add(out, ", sum(");
		if (!query_field(ctx, l->sums[i], "r.", out, b))
			return false;
		text_addf(out, ") AS s%zu", i);
	}
	for (size_t i = 0; l->group && l->group[i]; i++) {
		text_add(out, ", ");
		if (!group_column(ctx, l, i, out, b))
			return false;
		text_addf(out, " AS g%zu", i);
	}
	text_addf(out, " FROM %s r WHERE ", from);
	if (!query_condition(ctx, l, "r.", out, b))
		return false;
	for (size_t i = 0; l->group && l->group[i]; i++)
		text_addf(out, "%s%zu", i ? ", " : " GROUP BY ", i + 2 + sums);
	text_addf(out, " LIMIT %d) q", QUERY_GROUP_ROWS + 1);
	for (size_t i = 0; l->group && l->group[i]; i++)
		text_addf(out, "%sq.g%zu ASC NULLS FIRST", i ? ", " : " ORDER BY ", i);
	return true;
}

/* What a row of a summary holds, in the order of its columns: the count, the sums, the groups, then names of what is referred to. */
struct summary {
	const struct list *list;
	size_t sums, groups;
};

static void write_groups(struct ctx *ctx, const struct summary *s, struct query *q, struct json_writer *w)
{
	for (size_t i = 0; i < s->groups; i++) {
		const struct field *f = s->list->group[i];
		const char *part = s->list->group_part[i];
		struct value v = db_value(q, 1 + s->sums + i);

		jw_key(w, part ? fmt(ctx->mem, "%s.%s", f->name, part) : f->name);
		if (part)
			jw_text(w, v.kind == V_TEXT ? v.s : NULL);
		else
			field_type(f)->write(w, f, v);
	}
}

static void write_group_labels(struct ctx *ctx, const struct summary *s, struct query *q, struct json_writer *w)
{
	size_t label = 1 + s->sums + s->groups;

	jw_key(w, "labels");
	jw_object(w);
	for (size_t i = 0; i < s->groups; i++) {
		const struct field *f = s->list->group[i];
		struct value v = db_value(q, 1 + s->sums + i);
		const char *text = NULL;

		if (field_is_ref(f) || f->yields == TYPE_REGION)
			text = db_text(q, label++);
		else if (f->yields == TYPE_CHOICE && v.kind == V_TEXT && field_choice(f, v.s))
			text = label_in(field_choice(f, v.s)->label, ctx->me->language);
		if (text) {
			jw_key(w, f->name);
			jw_text(w, text);
		}
	}
	jw_object_end(w);
}

static void write_summary_row(struct ctx *ctx, const struct summary *s, struct query *q, struct json_writer *w)
{
	jw_object(w);
	write_groups(ctx, s, q, w);
	jw_key(w, "count");
	jw_int(w, db_int(q, 0));
	jw_key(w, "sum");
	jw_object(w);
	for (size_t i = 0; i < s->sums; i++) {
		const struct field *f = s->list->sums[i];

		jw_key(w, f->name);
		field_type(f)->write(w, f, db_value(q, 1 + i));
	}
	jw_object_end(w);
	write_group_labels(ctx, s, q, w);
	jw_object_end(w);
}

bool query_summary(struct ctx *ctx, const struct list *l, struct json_writer *w)
{
	struct summary s = { .list = l };
	struct binds b = { 0 };
	struct text sql;
	int n = 0;

	if (!scope_may(ctx, l->object, ACT_READ))
		return fail(ctx, ERR_DENIED, NULL, "您无权查看%s", "You may not see %s",
		            label_in(l->object->label, ctx->me->language));
	while (l->sums && l->sums[s.sums])
		s.sums++;
	while (l->group && l->group[s.groups])
		s.groups++;
	text_init(&sql, ctx->mem);
	if (!summary_sql(ctx, l, s.sums, &sql, &b))
		return false;

	struct query *q = ctx_query(ctx, sql.s, b.list);

	if (!q)
		return false;
	jw_object(w);
	jw_key(w, "rows");
	jw_array(w);
	for (; db_next(q); n++)
		write_summary_row(ctx, &s, q, w);

	bool failed = db_failed(q);

	db_done(q);
	jw_array_end(w);
	jw_object_end(w);
	if (failed)
		return fail_db(ctx, "summary");
	return n <= QUERY_GROUP_ROWS ||
	       fail(ctx, ERR_INVALID, "group", "分组超过 %d 个：请缩小筛选范围，或按更粗的单位分组",
	            "More than %d groups: filter more narrowly, or group by something coarser",
	            QUERY_GROUP_ROWS);
}

bool query_record(struct ctx *ctx, const struct object *o, int64_t id, enum scope_rows rows,
                  struct json_writer *w)
{
	struct condition by_id = {
		.kind = COND_TEST, .field = object_field(o, "id"), .op = OP_EQ,
		.values = (struct value[]){ v_int(id) }, .n_values = 1,
	};
	struct list l = { .object = o, .where = &by_id, .rows = rows };
	struct reader r;
	bool found;

	if (!scope_may(ctx, o, ACT_READ))
		return fail(ctx, ERR_MISSING, NULL, "记录不存在", "There is no such record");
	if (!query_open(ctx, &l, &r))
		return false;
	found = query_next(ctx, &r);
	if (found)
		query_write(ctx, &r, w);
	query_done(&r);
	if (ctx->kind != ERR_NONE)
		return false;
	return found || fail(ctx, ERR_MISSING, NULL, "记录不存在", "There is no such record");
}

static bool value_in(const struct condition *c, struct value v)
{
	for (size_t i = 0; i < c->n_values; i++)
		if (value_eq(v, c->values[i]))
			return true;
	return false;
}

static int compare(struct value a, struct value b)
{
	if (a.kind == V_TEXT && b.kind == V_TEXT)
		return strcmp(a.s, b.s);

	double x = a.kind == V_REAL ? a.r : (double)a.i;
	double y = b.kind == V_REAL ? b.r : (double)b.i;

	return (x > y) - (x < y);
}

static bool match_test(const struct condition *c, struct value v)
{
	bool empty = v.kind == V_NULL;

	switch (c->op) {
	case OP_EQ:
	case OP_IN:
		return !empty && value_in(c, v);
	case OP_NE:
		return empty || !value_in(c, v);
	case OP_IS:
		return empty == c->is_null;
	case OP_LT:
		return !empty && compare(v, c->values[0]) < 0;
	case OP_LTE:
		return !empty && compare(v, c->values[0]) <= 0;
	case OP_GT:
		return !empty && compare(v, c->values[0]) > 0;
	case OP_GTE:
		return !empty && compare(v, c->values[0]) >= 0;
	case OP_LIKE:
	case OP__COUNT:
		break;
	}
	return false;
}

bool query_match(const struct condition *c, const struct value *values)
{
	if (!c)
		return true;
	switch (c->kind) {
	case COND_NOT:
		return !query_match(c->first, values);
	case COND_AND:
		for (const struct condition *child = c->first; child; child = child->next)
			if (!query_match(child, values))
				return false;
		return true;
	case COND_OR:
		for (const struct condition *child = c->first; child; child = child->next)
			if (query_match(child, values))
				return true;
		return false;
	case COND_TEST:
		break;
	}
	return match_test(c, values[c->field->index]);
}
