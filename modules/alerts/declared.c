/*
 * Declared rules: a report, the column that is measured, a limit, and the sentence to say.
 *
 * Every row beyond the limit becomes a task of the person in its column.  An administrator adds such a rule for any
 * report, shipped or own, and changes those there are.
 */
#include "modules/alerts/alerts_inner.h"

#include "base/embed.h"

enum { COLUMNS = 5 };

/* Fields that name a column of the report. */
static const char *const columns[COLUMNS] = { "measured", "person_column", "team_column", "subject_column", "period_column" };

struct declared {
	const struct report *report;
	const char *params;             /* as in an address, NULL: none */
	const char *column[COLUMNS];    /* NULL: none */
	bool below;
	int64_t limit;                  /* hundredths */
	const char *sentence;
};

static const struct field *column_of(const struct report *r, const char *name)
{
	for (size_t i = 0; name && i < r->n_columns; i++)
		if (text_eq(r->columns[i].name, name))
			return &r->columns[i];
	return NULL;
}

static const char *text_or_null(struct value v)
{
	return v.kind == V_TEXT && v.n ? v.s : NULL;
}

/* NULL report: the rule names one that is no longer there, or a column it no longer has. */
static bool load(struct ctx *ctx, int64_t id, struct declared *ret)
{
	struct value report, params, side, limit, sentence;

	*ret = (struct declared){ 0 };
	if (!record_get(ctx, "alert_rule", id, "report", &report) || !record_get(ctx, "alert_rule", id, "params", &params) ||
	    !record_get(ctx, "alert_rule", id, "side", &side) || !record_get(ctx, "alert_rule", id, "limit_value", &limit) ||
	    !record_get(ctx, "alert_rule", id, in_english(ctx) ? "sentence_en" : "sentence", &sentence))
		return false;
	ret->params = text_or_null(params);
	ret->below = value_is(side, "below");
	ret->limit = value_id(limit);
	ret->sentence = text_or_null(sentence);
	ret->report = report.kind == V_TEXT ? schema_report(ctx->schema, report.s) : NULL;
	for (size_t i = 0; i < COLUMNS; i++) {
		struct value name;

		if (!record_get(ctx, "alert_rule", id, columns[i], &name))
			return false;
		ret->column[i] = text_or_null(name);
		if (ret->report && ret->column[i] && !column_of(ret->report, ret->column[i]))
			ret->report = NULL;
	}
	return true;
}

/* "a=1&b=2" as parameters. */
static struct bind *binds_of(struct arena *mem, const char *params)
{
	char **parts;
	size_t n = text_split(mem, params ? params : "", '&', &parts);
	struct bind *binds = arena_array(mem, n + 1, sizeof *binds);
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		char *mark = strchr(parts[i], '=');

		if (!mark)
			continue;
		*mark = '\0';
		binds[used++] = (struct bind){ parts[i], v_text(mark + 1) };
	}
	return binds;
}

/* In hundredths, whatever the column counts. */
static bool measured(const struct declared *d, const struct report_line *l, int64_t *ret)
{
	const struct field *f = column_of(d->report, d->column[0]);
	struct value v = report_value(l, d->column[0]);

	return v.kind == V_INT && int_muldiv(v.i, 100, decimal_power(f->scale), ret);
}

static bool beyond(const struct declared *d, const struct report_line *l)
{
	int64_t value;

	/* Without a column every row is one. */
	if (!d->column[0])
		return true;
	return measured(d, l, &value) && (d->below ? value <= d->limit : value >= d->limit);
}

/* The sentence with {columns} filled in. */
static const char *say_it(struct ctx *ctx, const struct declared *d, const struct report_line *l)
{
	struct text out;
	const char *p = d->sentence ? d->sentence : "";

	text_init(&out, ctx->mem);
	while (*p) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const struct field *f = end ? column_of(d->report, arena_dupn(ctx->mem, p + 1, (size_t)(end - p - 1))) : NULL;

		if (!f) {
			text_addc(&out, *p++);
			continue;
		}

		struct value v = report_value(l, f->name);

		text_add(&out, v.kind == V_NULL ? "–" : field_type(f)->show(ctx, f, v));
		p = end + 1;
	}
	return out.s;
}

static bool one(const struct run *r, const struct declared *d, const struct report_line *l)
{
	struct ctx *ctx = r->ctx;
	int64_t ids[COLUMNS] = { 0 };
	const char *period = NULL;

	for (size_t i = 1; i < COLUMNS; i++)
		if (d->column[i]) {
			struct value v = report_value(l, d->column[i]);

			ids[i] = value_id(v);
			if (i == COLUMNS - 1)
				period = text_or_null(v);
		}
	if (!ids[1] && !ids[2])
		return true;
	return raise_task(r, &(struct finding){
		.person = ids[1], .team = ids[1] ? 0 : ids[2],
		.place = ids[3] ? fmt(ctx->mem, "/%" PRId64, ids[3]) : "",
		.period = period ? utf8_cut(ctx->mem, period, 10) : NULL,
		.figure = fmt(ctx->mem, "/report/%s%s%s", d->report->name, d->params ? "?" : "", d->params ? d->params : ""),
		.title = say_it(ctx, d, l) });
}

bool declared_find(const struct run *r)
{
	struct ctx *ctx = r->ctx;
	struct declared d;
	struct report_line *l;
	int64_t id;

	if (!record_need(ctx, "alert_rule", fmt(ctx->mem, "rule=eq.%s", r->rule), &id) || !load(ctx, id, &d))
		return false;
	if (!d.report)
		return true;
	if (!report_rows(ctx, d.report->name, binds_of(ctx->mem, d.params), &l))
		return false;
	for (; l; l = l->next)
		if (beyond(&d, l) && !one(r, &d, l))
			return false;
	return true;
}

/*
 * Shipped
 */

/* What is wrong, behind where it stands. */
static bool misplaced(struct ctx *ctx, const struct embedded_file *file, const struct json *at, const char *zh, const char *en)
{
	return fail(ctx, ERR_INVALID, NULL, "%s 第 %d 行第 %d 列：%s", "%s line %d, column %d: %s", file->path, at->line,
	            at->column, say(ctx, zh, en));
}

static bool add_rule(struct ctx *ctx, const struct embedded_file *file, const struct json *rule)
{
	const struct object *o = schema_object(ctx->schema, "alert_rule");
	struct cell *cells = arena_array(ctx->mem, rule->len + 1, sizeof *cells);
	const char *name = json_text(rule, "rule", "");
	size_t n = 0;
	int64_t id;

	if (rule->kind != JSON_OBJECT || !*name)
		return misplaced(ctx, file, rule, "每条规则是一个对象 { }，以 \"rule\" 为名", "each rule is an object { } that \"rule\" names");
	if (!record_find(ctx, "alert_rule", fmt(ctx->mem, "rule=eq.%s", name), &id))
		return false;
	if (id)
		return true;
	for (const struct json *j = rule->first; j; j = j->next) {
		const struct field *f = object_field(o, j->key);

		if (!f || f->system)
			return misplaced(ctx, file, j, fmt(ctx->mem, "预警规则没有字段“%s”", j->key),
			                 fmt(ctx->mem, "an alert rule has no field \"%s\"", j->key));
		cells[n].name = j->key;
		if (!field_type(f)->read(ctx, f, j, &cells[n++].value))
			return misplaced(ctx, file, j, "值不对", "this value does not fit");
	}
	return record_create(ctx, "alert_rule", cells, NULL) ||
	       misplaced(ctx, file, rule, fmt(ctx->mem, "规则“%s”不能用", name), fmt(ctx->mem, "the rule \"%s\" cannot be used", name));
}

static bool add_file(struct ctx *ctx, const struct embedded_file *file)
{
	struct json_error error;
	const struct json *list = json_parse(ctx->mem, file->data, file->size, &error);

	if (!list)
		return misplaced(ctx, file, &(struct json){ .line = error.line, .column = error.column }, error.message, error.message);
	for (const struct json *j = list->first; j; j = j->next)
		if (!add_rule(ctx, file, j))
			return false;
	return true;
}

bool shipped_add(struct ctx *ctx)
{
	for (const struct embedded_file *f = embedded_files; f->path; f++)
		if (text_starts(f->path, "modules/") && text_ends(f->path, "/data/alerts.json") && !add_file(ctx, f))
			return false;
	return true;
}

/*
 * What they found
 */

enum { A_RULE, A_NAME, A_NAME_EN, A_FOUND, A_OPEN, A_OVERDUE, A_SOLVED, A_TOOK, A_ON_TIME };

bool declared_anomalies(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;

	while (db_next(q)) {
		int64_t solved = db_int(q, A_SOLVED);
		int64_t days = 0;
		int64_t rate = 0;

		/* Tenths of a day. */
		if (solved && (!int_muldiv(db_int(q, A_TOOK), 1, solved * INT64_C(8640000), &days) ||
		               !int_muldiv(db_int(q, A_ON_TIME), 10000, solved, &rate)))
			return false;
		report_row(ctx, call, (struct cell[]){
			{ "rule", v_text(db_text(q, A_RULE)) },
			{ "kind", v_text(db_text(q, in_english(ctx) ? A_NAME_EN : A_NAME)) },
			{ "found", v_int(db_int(q, A_FOUND)) },
			{ "open_count", v_int(db_int(q, A_OPEN)) },
			{ "overdue", v_int(db_int(q, A_OVERDUE)) },
			{ "solved", v_int(solved) },
			{ "mean_days", solved ? v_int(days) : v_null() },
			{ "on_time_rate", solved ? v_int(rate) : v_null() },
			{ 0 } });
	}
	return true;
}

/*
 * An administrator's
 */

static bool check_column(struct ctx *ctx, struct change *c, const struct report *r, size_t i)
{
	const char *name = text_or_null(change_new(c, columns[i]));

	return !name || column_of(r, name) ||
	       fail(ctx, ERR_INVALID, columns[i], "报表“%s”没有列“%s”", "The report \"%s\" has no column \"%s\"", r->name, name);
}

/* A rule that names a report: everything it names is there. */
static bool check_declared(struct ctx *ctx, struct change *c, const struct report *r)
{
	bool ok = true;

	for (size_t i = 0; i < COLUMNS; i++)
		ok &= check_column(ctx, c, r, i);
	if (!text_or_null(change_new(c, "person_column")) && !text_or_null(change_new(c, "team_column")))
		ok = fail(ctx, ERR_INVALID, "person_column", "请指明哪一列是成员，或哪一列是团队",
		          "Say which column is the member, or which is the team");
	if (!text_or_null(change_new(c, "sentence")) || !text_or_null(change_new(c, "sentence_en")))
		ok = fail(ctx, ERR_INVALID, "sentence", "请写任务标题的中文和英文，列写作 {列名}",
		          "Write the task's title in both languages, columns as {name}");
	return ok;
}

/* What the program judges by is not emptied. */
static bool check_kept(struct ctx *ctx, const struct change *c, const char *field)
{
	return change_old(c, field).kind == V_NULL || change_new(c, field).kind != V_NULL ||
	       fail(ctx, ERR_INVALID, field, "这条规则要有这个数；不用它请停用", "This rule needs the number; switch the rule off to do without it");
}

bool rule_before(struct ctx *ctx, struct change *c)
{
	const char *name = text_or_null(change_new(c, "report"));
	const struct report *r = name ? schema_report(ctx->schema, name) : NULL;
	struct value at = change_new(c, "at");

	if (change_act(c) == CHANGE_DELETE)
		return true;
	if (at.kind == V_TEXT && clock_minutes(at.s) < 0)
		return fail(ctx, ERR_INVALID, "at", "请填写时刻，如 16:00；留空为每天夜里", "Give a time such as 16:00, or none for every night");
	if (!name && (change_act(c) != CHANGE_CREATE || ctx->me->system))
		return check_kept(ctx, c, "share") && check_kept(ctx, c, "number");
	if (!r)
		return fail(ctx, ERR_INVALID, "report", "没有这个报表；新规则须指明一个报表",
		            "There is no such report: a new rule names one");
	/* It goes by a name of its own in what it raises. */
	if (change_new(c, "rule").kind == V_NULL)
		change_set(c, "rule", v_text(fmt(ctx->mem, "own%" PRId64, ctx->now)));
	return check_declared(ctx, c, r);
}
