#include "engine/report.h"

#include "engine/metric.h"
#include "engine/module.h"
#include "engine/mutant.h"
#include "engine/type_text.h"

/* Functions both databases have, with the same meaning. */
static const char *const functions[] = {
	"abs", "avg", "coalesce", "count", "dense_rank", "first_value", "floor", "lag", "last_value",
	"lead", "length", "lower", "ltrim", "max", "min", "ntile", "nullif", "percent_rank", "rank",
	"replace", "row_number", "rtrim", "sqrt", "exp", "ln", "power", "substr", "sum", "trim", "upper", "like",
};

/* The tables of each measure, see metric_views; the last two where the report has a period. */
static const char *const totals[] = { "", "_all", "_period", "_period_all" };

/* A report with the dates "from" and "to" asks about a period. */
static bool has_period(const struct report *r)
{
	size_t found = 0;

	for (size_t i = 0; i < r->n_params; i++)
		found += r->params[i].type == TYPE_DATE &&
		         (text_eq(r->params[i].name, "from") || text_eq(r->params[i].name, "to"));
	return found == 2;
}

struct checking {
	const struct report *report;
	const char *refused, *refused_zh;  /* what was asked for and is not allowed */
	struct arena *mem;
};

static bool allowed(void *ptr, const char *table, const char *name)
{
	struct checking *c = ptr;

	if (*table) {
		for (const struct object **o = c->report->uses; *o; o++)
			if (text_eq((*o)->name, table))
				return true;
		for (const struct measure **m = c->report->measures; *m; m++)
			for (size_t i = 0; i < LENGTH(totals); i++)
				if (text_eq(fmt(c->mem, "%s%s", (*m)->name, totals[i]), table))
					return true;
		c->refused_zh = fmt(c->mem, "表“%s”不在 \"uses\" 中", table);
		c->refused = fmt(c->mem, "the table \"%s\" is not in \"uses\"", table);
		return false;
	}
	for (size_t i = 0; i < LENGTH(functions); i++)
		if (text_eq(functions[i], name))
			return true;
	c->refused_zh = fmt(c->mem, "函数“%s”并非两种数据库都有", name);
	c->refused = fmt(c->mem, "the function \"%s\" does not exist on both databases", name);
	return false;
}

/* What a database says of the SQL is in its language: the same text for both. */
static bool complain(struct arena *mem, const struct report *r, const char *zh, const char *en,
                     struct complaint **ret)
{
	struct complaint *c = arena_alloc(mem, sizeof *c);

	c->where = fmt(mem, "report %s", r->name);
	c->message_zh = arena_dup(mem, zh);
	c->message = arena_dup(mem, en);
	*ret = c;
	return false;
}

static bool stand_ins_of_measures(struct arena *mem, struct db *db, const struct report *r)
{
	static const char *const columns =
		"(grain TEXT, day TEXT, member INTEGER, split1 TEXT, split2 TEXT, spread TEXT,"
		" value INTEGER, number INTEGER)";

	for (const struct measure **m = r->measures; *m; m++)
		for (size_t i = 0; i < (has_period(r) ? LENGTH(totals) : 2); i++)
			if (!db_script(db, fmt(mem, "CREATE TABLE %s%s %s", (*m)->name, totals[i], columns)))
				return false;
	return true;
}

/* Empty tables of the objects in use: what the text may see, and nothing else. */
static bool stand_ins(struct arena *mem, struct db *db, const struct report *r)
{
	static const char *const kinds[] = {
		[STORE_INTEGER] = "INTEGER", [STORE_REAL] = "REAL", [STORE_TEXT] = "TEXT", [STORE_NONE] = "TEXT",
	};

	for (const struct object **o = r->uses; *o; o++) {
		struct text sql;
		bool first = true;

		text_init(&sql, mem);
		text_addf(&sql, "CREATE TABLE %s (", (*o)->name);
		for (size_t i = 0; i < (*o)->n_fields; i++) {
			const struct field *f = &(*o)->fields[i];

			/* Whose the parent is, for our own only: a role may be kept from the parent's member. */
			bool holder = text_eq(f->name, "holder") && !text_eq(r->module, "custom");

			if ((f->internal && !holder) || f->type == TYPE_TOTAL)
				continue;
			text_addf(&sql, "%s%s %s", first ? "" : ", ", f->name, kinds[field_type(f)->storage]);
			first = false;
		}
		text_add(&sql, ")");
		if (!db_script(db, sql.s))
			return false;
	}
	return true;
}

/* Parameters as empty values: enough to see the columns. */
static struct bind *no_params(struct arena *mem, const struct report *r)
{
	struct bind *binds = arena_array(mem, r->n_params + 4, sizeof *binds);
	size_t n = 0;

	for (; n < r->n_params; n++)
		binds[n] = (struct bind){ r->params[n].name, v_null() };
	binds[n++] = (struct bind){ "me", v_int(0) };
	binds[n++] = (struct bind){ "now", v_int(0) };
	binds[n] = (struct bind){ "today", v_text("2000-01-01") };
	return binds;
}

/* The function that makes the rows of a computed report; NULL if no module has one. */
static const struct report_impl *impl_of(const struct report *r)
{
	for (const struct module *const *m = modules; *m; m++)
		for (const struct report_impl *i = (*m)->reports; i && i->report; i++)
			if (text_eq(i->report, r->name))
				return i;
	return NULL;
}

static bool has_column(const struct query *q, const char *name)
{
	for (size_t k = 0; k < db_columns(q); k++)
		if (text_eq(db_column(q, k), name))
			return true;
	return false;
}

/* What the list behind a row asks for is a column or a parameter; NULL, or the name that is neither. */
static const char *missing_in_open(struct arena *mem, const struct report *r, const struct query *q)
{
	for (const char *p = r->open ? strchr(r->open, '{') : NULL; p; p = strchr(p + 1, '{')) {
		const char *name = arena_dupn(mem, p + 1, strcspn(p + 1, "}"));
		bool found = has_column(q, name);

		for (size_t i = 0; i < r->n_params; i++)
			found |= text_eq(r->params[i].name, name);
		if (!found)
			return name;
	}
	return NULL;
}

static bool check_columns(struct arena *mem, struct db *db, const struct report *r,
                          struct complaint **ret)
{
	struct query *q = db_query(db, r->sql, no_params(mem, r));

	if (!q)
		return complain(mem, r, db_message(db), db_message(db), ret);

	const char *missing = missing_in_open(mem, r, q);

	for (size_t i = 0; !missing && i < r->n_columns; i++)
		if (!has_column(q, r->columns[i].name))
			missing = r->columns[i].name;
	db_done(q);
	return !missing || complain(mem, r, fmt(mem, "SQL 没有列“%s”", missing),
	                            fmt(mem, "the SQL has no column \"%s\"", missing), ret);
}

bool report_check(struct arena *mem, const struct schema *s, const struct report *r,
                  struct complaint **ret_complaints)
{
	struct checking c = { .report = r, .mem = mem };
	const char *error = NULL;
	struct db *db = db_open(mem, ":memory:", DB_WRITE, &error);
	bool ok;
	(void)s;

	if (!db)
		return complain(mem, r, error, error, ret_complaints);
	if (!stand_ins(mem, db, r) || !stand_ins_of_measures(mem, db, r))
		ok = complain(mem, r, db_message(db), db_message(db), ret_complaints);
	else if (!db_check(db, r->sql, allowed, &c))
		ok = c.refused ? complain(mem, r, c.refused_zh, c.refused, ret_complaints)
		               : complain(mem, r, db_message(db), db_message(db), ret_complaints);
	else if (!r->computed)
		ok = check_columns(mem, db, r, ret_complaints);
	else
		ok = impl_of(r) || complain(mem, r, "声明为 \"computed\"，但没有模块为它提供函数",
		                            "it is \"computed\", and no module has a function for it",
		                            ret_complaints);
	db_close(db);
	return ok;
}

/* As one asks for it in a list ("today", "$me"), and within the limits of a form. */
static bool read_param(struct ctx *ctx, const struct field *f, const char *s, struct value *ret)
{
	return query_read(ctx, f, s, ret) && (ret->kind != V_INT || take_integer(ctx, f, ret->i, ret));
}

/* Parameters as the SQL gets them: given – what may be empty also as empty –, or default, or empty. */
static bool read_params(struct ctx *ctx, const struct report *r, const struct bind *given,
                        struct bind *ret)
{
	bool ok = true;

	for (size_t i = 0; i < r->n_params; i++) {
		const struct field *f = &r->params[i];
		const char *s = f->initial;

		for (const struct bind *b = given; b && b->name; b++)
			if (text_eq(b->name, f->name))
				s = b->value.s;
		ret[i] = (struct bind){ f->name, v_null() };
		if (s && !*s && f->required)
			s = f->initial;
		if (s && *s)
			ok &= read_param(ctx, f, s, &ret[i].value);
		else if (f->required)
			ok = fail(ctx, ERR_INVALID, f->name, "请填写%s", "%s is required",
			          label_in(f->label, ctx->me->language));
	}
	return ok;
}

/* The value of this name in a row, or among parameters; NULL if it is not there. */
static const struct value *value_named(const struct cell *row, const char *name)
{
	for (; row && row->name; row++)
		if (text_eq(row->name, name))
			return &row->value;
	return NULL;
}

/* The value of {name}: a column of the row, or a parameter; NULL if empty. */
static const char *placeholder(struct ctx *ctx, const struct cell *row, const struct bind *params,
                               const char *name)
{
	const struct value *v = value_named(row, name);

	for (const struct bind *b = params; !v && b->name; b++)
		if (text_eq(b->name, name))
			v = &b->value;
	if (v && v->kind == V_INT)
		return fmt(ctx->mem, "%" PRId64, v->i);
	return v && v->kind == V_TEXT ? v->s : NULL;
}

/*
 * "opportunity?stage=eq.{stage_id}&owner=eq.{owner}" with the row's values; a
 * condition whose value is empty falls away.
 */
static const char *open_query(struct ctx *ctx, const struct report *r, const struct cell *row,
                              const struct bind *params)
{
	struct text out;
	char **parts;
	size_t n;
	const char *mark = r->open ? strchr(r->open, '?') : NULL;

	if (!mark)
		return r->open;
	text_init(&out, ctx->mem);
	text_addn(&out, r->open, (size_t)(mark + 1 - r->open));
	n = text_split(ctx->mem, mark + 1, '&', &parts);
	for (size_t i = 0; i < n; i++) {
		char *open = strchr(parts[i], '{');
		char *close = open ? strchr(open, '}') : NULL;
		const char *value = close
			? placeholder(ctx, row, params, arena_dupn(ctx->mem, open + 1, (size_t)(close - open - 1)))
			: "";

		if (!value)
			continue;
		if (!text_ends(out.s, "?"))
			text_addc(&out, '&');
		text_addn(&out, parts[i], close ? (size_t)(open - parts[i]) : strlen(parts[i]));
		text_url_encode(&out, value);
		text_add(&out, close ? close + 1 : "");
	}
	return out.s;
}

static bool column_named(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (text_eq(r->columns[i].name, name))
			return true;
	return false;
}

static bool summable(const struct field *f)
{
	return f->type == TYPE_INTEGER || f->type == TYPE_MONEY || f->type == TYPE_DECIMAL ||
	       f->type == TYPE_DURATION;
}

/* A real that stands in an integer column (avg) is rounded to the column's unit. */
static struct value as_column(const struct field *f, struct value v)
{
	if (v.kind == V_REAL && field_type(f)->storage == STORE_INTEGER)
		return v_int((int64_t)(v.r < 0 ? v.r - 0.5 : v.r + 0.5));
	return v;
}

static void write_param(struct ctx *ctx, const struct field *f, struct value v,
                        struct json_writer *w)
{
	(void)ctx;
	jw_key(w, f->name);
	field_type(f)->write(w, f, v);
}

static void write_columns(struct ctx *ctx, const struct report *r, struct json_writer *w)
{
	jw_key(w, "columns");
	jw_array(w);
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct field *f = &r->columns[i];

		jw_object(w);
		jw_key(w, "name");
		jw_text(w, f->name);
		jw_key(w, "type");
		jw_text(w, types[f->type].name);
		jw_key(w, "label");
		jw_text(w, label_in(f->label, ctx->me->language));
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* What is being answered: written to `w`, or (NULL) kept in `last` and those before it. */
struct report_out {
	const struct bind *params;
	int64_t *totals;                /* per column */
	struct json_writer *w;
	struct report_line **last;
};

static void keep_row(struct ctx *ctx, const struct report *r, struct report_out *out,
                     const struct cell *row)
{
	struct report_line *line = arena_alloc(ctx->mem, sizeof *line);
	struct cell *cells = arena_array(ctx->mem, r->n_columns + 1, sizeof *cells);

	for (size_t i = 0; i < r->n_columns; i++) {
		const struct field *f = &r->columns[i];
		const struct value *given = value_named(row, f->name);

		cells[i] = (struct cell){ f->name, given ? as_column(f, *given) : v_null() };
		if (cells[i].value.kind == V_TEXT)
			cells[i].value = v_text(arena_dup(ctx->mem, cells[i].value.s));
	}
	*line = (struct report_line){ cells, NULL };
	*out->last = line;
	out->last = &line->next;
}

static void write_row(struct ctx *ctx, const struct report *r, struct report_out *out,
                      const struct cell *row)
{
	/* Not if the report has a column of that name to show. */
	const struct value *own = column_named(r, "open") ? NULL : value_named(row, "open");
	const char *open;

	if (!out->w) {
		keep_row(ctx, r, out, row);
		return;
	}
	open = own && own->kind == V_TEXT ? own->s : open_query(ctx, r, row, out->params);
	jw_object(out->w);
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct field *f = &r->columns[i];
		const struct value *given = value_named(row, f->name);
		struct value v = given ? as_column(f, *given) : v_null();

		if (v.kind == V_INT && summable(f))
			out->totals[i] += v.i;
		jw_key(out->w, f->name);
		field_type(f)->write(out->w, f, v);
	}
	if (open) {
		jw_key(out->w, column_named(r, "open") ? "records" : "open");
		jw_text(out->w, open);
	}
	jw_object_end(out->w);
}

void report_row(struct ctx *ctx, struct report_call *call, const struct cell *cells)
{
	write_row(ctx, call->report, call->out, cells);
}

struct value report_param(const struct report_call *call, const char *name)
{
	for (const struct bind *b = call->params; b->name; b++)
		if (text_eq(b->name, name))
			return b->value;
	assert(false && "a parameter that is not declared");
	return v_null();
}

/* The rows of the SQL as they are. */
static bool write_rows(struct ctx *ctx, const struct report *r, struct query *q, struct report_out *out)
{
	struct cell *row = arena_array(ctx->mem, db_columns(q) + 1, sizeof *row);

	while (db_next(q)) {
		for (size_t i = 0; i < db_columns(q); i++)
			row[i] = (struct cell){ db_column(q, i), db_value(q, i) };
		write_row(ctx, r, out, row);
	}
	return true;
}

/* What a function makes of them. */
static bool compute_rows(struct ctx *ctx, const struct report *r, struct query *q,
                         struct report_out *out)
{
	struct report_call call = { .report = r, .params = out->params, .figures = q, .out = out };

	return impl_of(r)->fn(ctx, &call);
}

/* Runs the SQL behind the caller's views; NULL if that failed. */
static struct query *run(struct ctx *ctx, const struct report *r, const struct bind *binds)
{
	struct metric_period period = { 0 };
	struct text sql;

	for (const struct bind *b = binds; has_period(r) && b->name; b++)
		if (b->value.kind == V_TEXT && text_eq(b->name, "from"))
			period.from = b->value.s;
		else if (b->value.kind == V_TEXT && text_eq(b->name, "to"))
			period.to = b->value.s;
	text_init(&sql, ctx->mem);
	scope_with(MUTANT_CTX(10, ctx), r->uses, SCOPE_ALIVE, &sql);
	for (const struct measure **m = r->measures; *m; m++)
		metric_views(ctx, *m, has_period(r) ? &period : NULL, &sql);
	text_addf(&sql, " SELECT * FROM (%s\n) report", r->sql);
	/* As a stream PostgreSQL plans it for these parameters: asked often, it would take one plan for all of them, which reads what nobody asked for. */
	return ctx_stream(ctx, sql.s, binds);
}

static bool hand_out(struct ctx *ctx, const struct report *r, struct query *q, struct report_out *out)
{
	bool ok = r->computed ? compute_rows(ctx, r, q, out) : write_rows(ctx, r, q, out);
	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, r->name) : ok;
}

bool report_write(struct ctx *ctx, const struct report *r, const struct bind *params,
                  struct json_writer *w)
{
	struct bind *binds = arena_array(ctx->mem, r->n_params + 1, sizeof *binds);
	struct report_out out = {
		.params = binds,
		.totals = arena_array(ctx->mem, r->n_columns, sizeof *out.totals),
		.w = w,
	};
	struct query *q;
	bool ok;

	if (!ctx_in_roles(ctx, &r->roles))
		return fail(ctx, ERR_DENIED, NULL, "您无权查看这个报表", "You may not see this report");
	if (!read_params(ctx, r, params, binds) || !(q = run(ctx, r, binds)))
		return false;
	jw_object(w);
	jw_key(w, "name");
	jw_text(w, r->name);
	jw_key(w, "label");
	jw_text(w, label_in(r->label, ctx->me->language));
	jw_key(w, "params");
	jw_object(w);
	for (size_t i = 0; i < r->n_params; i++)
		write_param(ctx, &r->params[i], binds[i].value, w);
	jw_object_end(w);
	write_columns(ctx, r, w);
	jw_key(w, "rows");
	jw_array(w);
	ok = hand_out(ctx, r, q, &out);
	jw_array_end(w);
	if (r->total) {
		jw_key(w, "total");
		jw_object(w);
		for (size_t i = 0; i < r->n_columns; i++)
			if (summable(&r->columns[i]))
				write_param(ctx, &r->columns[i], v_int(out.totals[i]), w);
		jw_object_end(w);
	}
	jw_object_end(w);
	return ok;
}

bool report_rows(struct ctx *ctx, const char *report, const struct bind *params, struct report_line **ret)
{
	const struct report *r = schema_report(ctx->schema, report);

	assert(r);
	*ret = NULL;

	struct bind *binds = arena_array(ctx->mem, r->n_params + 1, sizeof *binds);
	struct report_out out = { .params = binds, .last = ret };
	struct query *q;

	return read_params(ctx, r, params, binds) && (q = run(ctx, r, binds)) && hand_out(ctx, r, q, &out);
}

struct value report_value(const struct report_line *line, const char *column)
{
	const struct value *v = value_named(line->cells, column);

	assert(v && "a column that is not declared");
	return *v;
}
