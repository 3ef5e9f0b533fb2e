#include "engine/import.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "engine/engine.h"
#include "engine/import_inner.h"
#include "engine/job.h"

/* The import record: what is known of the file, what the person chose, what clients see. */

static const char *table(struct ctx *ctx)
{
	return scope_table(ctx->mem, schema_object(ctx->schema, "import"));
}

const char *import_header(struct arena *mem, const struct import_plan *p)
{
	struct text t;

	text_init(&t, mem);
	for (size_t i = 0; i < p->n_columns; i++)
		text_addf(&t, "%s%s", i ? "\t" : "", p->columns[i].name);
	return utf8_cut(mem, t.s, 6000);
}

static bool sheet_failed(struct ctx *ctx, const struct sheet_error *error)
{
	if (error->line)
		return fail(ctx, ERR_INVALID, "file", "第 %" PRId64 " 行：%s", "line %" PRId64 ": %s",
		            error->line, say(ctx, error->message_zh, error->message_en));
	return fail(ctx, ERR_INVALID, "file", "%s", "%s", say(ctx, error->message_zh, error->message_en));
}

/* A number in spreadsheets' letters: A, B, … AA. */
static const char *letters(struct arena *mem, size_t i)
{
	char s[8];
	size_t n = sizeof s - 1;

	s[n] = '\0';
	for (i++; i; i = (i - 1) / 26)
		s[--n] = (char)('A' + (i - 1) % 26);
	return arena_dup(mem, s + n);
}

/* Names the columns after the first row, or after letters if there is no header. */
static void name_columns(struct ctx *ctx, struct import_plan *p, const struct sheet_row *row)
{
	p->n_columns = row->cells;
	p->columns = arena_array(ctx->mem, row->cells, sizeof *p->columns);
	for (size_t i = 0; i < row->cells; i++) {
		const char *name = text_trim(ctx->mem, row->cell[i].s);

		p->columns[i].name = p->header && *name ? name : letters(ctx->mem, i);
	}
}

static void add_sample(struct ctx *ctx, struct import_column *c, const char *s)
{
	s = text_trim(ctx->mem, s);
	date_guess_add(&c->guess, s);
	if (!*s || c->n_samples == IMPORT_SAMPLES)
		return;
	for (size_t i = 0; i < c->n_samples; i++)
		if (text_eq(c->samples[i], s))
			return;
	c->samples[c->n_samples++] = utf8_cut(ctx->mem, s, 80);
}

/* Reads the header and looks at the first rows. */
static bool look(struct ctx *ctx, struct import_plan *p, struct sheet **ret)
{
	struct sheet_error error = { 0 };
	struct sheet *s = sheet_open(ctx->mem, p->path, &p->sheet, &error);
	const struct sheet_row *row;
	int rows = 0;

	if (!s)
		return sheet_failed(ctx, &error);
	if (!sheet_next(s, &row, &error))
		return error.code ? sheet_failed(ctx, &error)
		                  : fail(ctx, ERR_INVALID, "file", "文件里没有数据", "The file holds no rows");
	name_columns(ctx, p, row);
	do {
		if (rows == 0 && p->header)
			continue;
		for (size_t i = 0; i < row->cells && i < p->n_columns; i++)
			add_sample(ctx, &p->columns[i], row->cell[i].s);
	} while (rows++ < IMPORT_LOOK && sheet_next(s, &row, &error));
	if (error.code)
		return sheet_failed(ctx, &error);
	*ret = s;
	return true;
}

static enum date_order order_named(const char *name)
{
	static const struct {
		const char *name;
		enum date_order order;
	} names[] = { { "ymd", DATE_YMD }, { "dmy", DATE_DMY }, { "mdy", DATE_MDY } };

	for (size_t i = 0; name && i < LENGTH(names); i++)
		if (text_eq(names[i].name, name))
			return names[i].order;
	return DATE_NONE;
}

static void read_options(struct ctx *ctx, struct import_plan *p, const char *text)
{
	struct json_error error;
	const struct json *j = json_parse(ctx->mem, text, strlen(text), &error);
	const char *delimiter = json_text(j, "delimiter", "");
	const char *key = json_text(j, "key", NULL);

	p->options = j;
	p->sheet.encoding = sheet_encoding_find(json_text(j, "encoding", ""));
	p->sheet.delimiter = text_eq(delimiter, "tab") ? '\t' : *delimiter;
	p->sheet.tab = (int)json_int(j, "sheet", 0);
	p->order = order_named(json_text(j, "date_order", NULL));
	p->header = json_bool(j, "header", true);
	p->duplicates = json_text(j, "duplicates", "fail");
	p->key = key ? scope_field(ctx, p->o, key) : NULL;
}

static void read_columns(struct ctx *ctx, struct import_plan *p)
{
	const struct json *columns = json_get(p->options, "columns");
	const struct json *why = json_get(p->options, "why");

	for (size_t i = 0; i < p->n_columns; i++) {
		struct import_column *c = &p->columns[i];
		const char *key = fmt(ctx->mem, "%zu", i);
		const char *name = json_text(columns, key, NULL);

		c->field = name ? scope_field(ctx, p->o, name) : NULL;
		if (c->field && !scope_field_write(ctx, c->field))
			c->field = NULL;
		c->why = c->field ? json_text(why, key, NULL) : NULL;
		c->order = p->order != DATE_NONE ? p->order : date_guess_order(&c->guess);
	}
}

bool import_plan(struct ctx *ctx, int64_t id, struct import_plan *ret)
{
	struct import_plan p = { .id = id };
	const char *options = NULL;
	struct sheet *s;
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, (const struct object *[]){ schema_object(ctx->schema, "import"), NULL },
	           SCOPE_ALIVE, &sql);
	text_addf(&sql, "SELECT i.object, i.state, i.file, t.path, i.options FROM import i JOIN %s t"
	                " ON t.id = i.id WHERE i.id = $id", table(ctx));

	struct query *q = ctx_query(ctx, sql.s, (struct bind[]){ { "id", v_int(id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		p.o = schema_object(ctx->schema, db_text(q, 0));
		p.state = arena_dup(ctx->mem, db_text(q, 1));
		p.name = arena_dup(ctx->mem, db_text(q, 2));
		p.path = arena_dup(ctx->mem, db_text(q, 3));
		options = arena_dup(ctx->mem, db_text(q, 4));
	}
	db_done(q);
	if (!p.o)
		return fail(ctx, ERR_MISSING, NULL, "没有这个导入", "There is no such import");
	read_options(ctx, &p, options ? options : "{}");
	if (!look(ctx, &p, &s))
		return false;
	read_columns(ctx, &p);
	*ret = p;
	return true;
}

/* What the person says of a column, by its number or – in a mapping written by hand – its name; NULL: nothing. */
static const struct json *given_column(struct ctx *ctx, const struct import_plan *p,
                                       const struct json *changes, size_t i)
{
	const struct json *columns = json_get(changes, "columns");
	const struct json *given = json_get(columns, fmt(ctx->mem, "%zu", i));

	return given ? given : json_get(columns, p->columns[i].name);
}

/* The options as text with the columns as they are mapped now, and why. */
static const char *options_text(struct ctx *ctx, const struct import_plan *p,
                                const struct json *changes)
{
	static const char *const names[] = { "encoding", "delimiter", "sheet", "header", "date_order", "key",
	                                     "duplicates", "values", "create", "blank", "set" };
	struct text t;
	struct json_writer w;

	text_init(&t, ctx->mem);
	jw_init(&w, &t);
	jw_object(&w);
	for (size_t i = 0; i < LENGTH(names); i++) {
		const struct json *j = json_get(changes, names[i]);

		if (!j)
			j = json_get(p->options, names[i]);
		if (!j || j->kind == JSON_NULL)
			continue;
		jw_key(&w, names[i]);
		jw_json(&w, j);
	}
	jw_key(&w, "columns");
	jw_object(&w);
	for (size_t i = 0; i < p->n_columns; i++) {
		const struct json *given = given_column(ctx, p, changes, i);

		if (!given && !p->columns[i].field)
			continue;
		jw_key(&w, fmt(ctx->mem, "%zu", i));
		if (given)
			jw_json(&w, given);
		else
			jw_text(&w, p->columns[i].field->name);
	}
	jw_object_end(&w);
	jw_key(&w, "why");
	jw_object(&w);
	for (size_t i = 0; i < p->n_columns; i++) {
		jw_key(&w, fmt(ctx->mem, "%zu", i));
		jw_text(&w, given_column(ctx, p, changes, i) ? "given" : p->columns[i].why);
	}
	jw_object_end(&w);
	jw_object_end(&w);
	return t.s;
}

bool import_start(struct ctx *ctx, const struct object *o, const char *path, const char *name,
                  int64_t *ret_id)
{
	struct import_plan p = { .o = o, .path = path, .header = true };
	struct stat st;
	struct sheet *s;

	if (!scope_may(ctx, o, ACT_CREATE))
		return fail(ctx, ERR_DENIED, NULL, "您无权新建%s", "You may not create: %s",
		            label_in(o->label, ctx->me->language));
	if (stat(path, &st) != 0)
		return fail(ctx, ERR_INVALID, "file", "读不到文件 %s", "Cannot read the file %s", name);
	if (!look(ctx, &p, &s) || !import_guess(ctx, &p) ||
	    !record_create(ctx, "import", (struct cell[]){
	            { "object", v_text(o->name) }, { "file", v_text(name) }, { "state", v_text("new") },
	            { "owner", v_id(ctx->actor) },
	            { "options", v_text(options_text(ctx, &p, NULL)) }, { 0 } }, ret_id))
		return false;
	return ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET path = $path, header = $header, size = $size"
	                                   " WHERE id = $id", table(ctx)),
	                (struct bind[]){ { "path", v_text(path) }, { "size", v_int(st.st_size) },
	                                 { "header", v_text(import_header(ctx->mem, &p)) },
	                                 { "id", v_int(*ret_id) }, { 0 } }, NULL);
}

static bool is_busy(const struct import_plan *p)
{
	return text_eq(p->state, "checking") || text_eq(p->state, "running") ||
	       text_eq(p->state, "finishing") || text_eq(p->state, "removing") || text_eq(p->state, "undoing");
}

static bool check_change(struct ctx *ctx, const struct import_plan *p, const struct json *body)
{
	const struct json *columns = json_get(body, "columns");
	const char *key = json_text(body, "key", NULL);
	bool ok = true;

	if (is_busy(p) || text_eq(p->state, "done") || text_eq(p->state, "undone"))
		return fail(ctx, ERR_CONFLICT, NULL, "导入已开始，不能再修改", "The import has begun; it cannot be changed");
	for (const struct json *j = columns ? columns->first : NULL; j; j = j->next) {
		const struct field *f = j->kind == JSON_TEXT ? scope_field(ctx, p->o, j->text) : NULL;

		if (j->kind == JSON_NULL)
			continue;
		if (!f || !scope_field_write(ctx, f))
			ok = fail(ctx, ERR_INVALID, "columns", "不能导入到字段“%s”", "Cannot import into the field \"%s\"",
			          j->text ? j->text : "");
	}
	if (key && !scope_field(ctx, p->o, key))
		ok = fail(ctx, ERR_INVALID, "key", "没有字段“%s”", "There is no field \"%s\"", key);
	return ok;
}

static bool store_options(struct ctx *ctx, int64_t id, const struct import_plan *p, const struct json *body)
{
	return record_update(ctx, "import", id, (struct cell[]){
		{ "options", v_text(options_text(ctx, p, body)) }, { "state", v_text("new") },
		{ "problems", v_null() }, { 0 } });
}

/* The file is read in another way, so its columns are others: they are guessed anew. */
static bool guess_again(struct ctx *ctx, int64_t id, const struct json *body)
{
	struct import_plan p;

	if (!import_plan(ctx, id, &p))
		return false;
	for (size_t i = 0; i < p.n_columns; i++) {
		p.columns[i].field = NULL;
		p.columns[i].why = NULL;
	}
	return import_guess(ctx, &p) && store_options(ctx, id, &p, body) &&
	       ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET header = $header WHERE id = $id", table(ctx)),
	                (struct bind[]){ { "header", v_text(import_header(ctx->mem, &p)) },
	                                 { "id", v_int(id) }, { 0 } }, NULL);
}

bool import_change(struct ctx *ctx, int64_t id, const struct json *body)
{
	static const char *const reading[] = { "encoding", "delimiter", "sheet", "header" };
	struct import_plan p;

	if (!import_plan(ctx, id, &p) || !check_change(ctx, &p, body) || !store_options(ctx, id, &p, body))
		return false;
	for (size_t i = 0; i < LENGTH(reading); i++)
		if (json_get(body, reading[i]))
			return guess_again(ctx, id, body);
	return true;
}

/* Asks for what the state says (import_work). */
static bool queue(struct ctx *ctx, int64_t id, const char *state)
{
	return record_update(ctx, "import", id, (struct cell[]){
	               { "state", v_text(state) }, { "done", v_int(0) }, { 0 } }) &&
	       job_add(ctx, "import", fmt(ctx->mem, "{\"import\":%" PRId64 "}", id), ctx->now,
	               fmt(ctx->mem, "import %" PRId64, id));
}

bool import_queue(struct ctx *ctx, int64_t id, bool run)
{
	struct import_plan p;

	if (!import_plan(ctx, id, &p))
		return false;
	if (is_busy(&p) || text_eq(p.state, "done") || text_eq(p.state, "undone"))
		return fail(ctx, ERR_CONFLICT, NULL, "这个导入正在进行或已结束", "This import is running or over");
	return queue(ctx, id, run ? "running" : "checking");
}

bool import_undo(struct ctx *ctx, int64_t id)
{
	struct import_plan p;

	if (!import_plan(ctx, id, &p))
		return false;
	if (!text_eq(p.state, "done"))
		return fail(ctx, ERR_CONFLICT, NULL, "只有完成的导入可以撤销", "Only a finished import can be undone");
	return queue(ctx, id, "undoing");
}

/* What clients see */

static const char *order_name(enum date_order order)
{
	switch (order) {
	case DATE_YMD:
		return "ymd";
	case DATE_DMY:
		return "dmy";
	case DATE_MDY:
		return "mdy";
	case DATE_ASK:
		return "ask";
	case DATE_NONE:
		break;
	}
	return NULL;
}

static void write_columns(const struct import_plan *p, struct json_writer *w)
{
	jw_key(w, "columns");
	jw_array(w);
	for (size_t i = 0; i < p->n_columns; i++) {
		const struct import_column *c = &p->columns[i];
		bool date = c->field && (c->field->type == TYPE_DATE || c->field->type == TYPE_INSTANT);

		jw_object(w);
		jw_key(w, "index");
		jw_int(w, (int64_t)i);
		jw_key(w, "name");
		jw_text(w, c->name);
		jw_key(w, "samples");
		jw_array(w);
		for (size_t k = 0; k < c->n_samples; k++)
			jw_text(w, c->samples[k]);
		jw_array_end(w);
		jw_key(w, "field");
		jw_text(w, c->field ? c->field->name : NULL);
		jw_key(w, "why");
		jw_text(w, c->why);
		if (date) {
			jw_key(w, "date_order");
			jw_text(w, order_name(c->order));
		}
		if (date && c->order == DATE_ASK) {
			jw_key(w, "ask");
			jw_text(w, "date_order");
		}
		jw_object_end(w);
	}
	jw_array_end(w);
}

static bool write_file(struct ctx *ctx, const struct import_plan *p, struct json_writer *w)
{
	static const char *const kinds[] = {
		[SHEET_CSV] = "csv", [SHEET_XLSX] = "xlsx", [SHEET_XLS] = "xls",
	};
	struct sheet_error error = { 0 };
	struct sheet *s = sheet_open(ctx->mem, p->path, &p->sheet, &error);
	char delimiter[2] = { 0 };

	if (!s)
		return sheet_failed(ctx, &error);
	delimiter[0] = sheet_delimiter(s);
	jw_key(w, "kind");
	jw_text(w, kinds[sheet_kind(s)]);
	jw_key(w, "encoding");
	jw_text(w, sheet_kind(s) == SHEET_CSV ? sheet_encoding_name(sheet_encoding(s)) : NULL);
	jw_key(w, "delimiter");
	jw_text(w, sheet_kind(s) == SHEET_CSV ? delimiter : NULL);
	jw_key(w, "sheets");
	jw_array(w);
	for (size_t i = 0; i < sheet_tabs(s); i++)
		jw_text(w, sheet_tab(s, i));
	jw_array_end(w);
	jw_key(w, "sheet");
	jw_int(w, p->sheet.tab ? p->sheet.tab : 1);
	jw_key(w, "header");
	jw_bool(w, p->header);
	return true;
}

static void write_option(const struct import_plan *p, const char *name, struct json_writer *w)
{
	const struct json *j = json_get(p->options, name);

	jw_key(w, name);
	if (j)
		jw_json(w, j);
	else
		jw_null(w);
}

static bool write_numbers(struct ctx *ctx, int64_t id, struct json_writer *w)
{
	static const char *const names[] = { "total", "done", "created", "updated", "unchanged", "failed" };
	static const char *const lists[] = { "problems", "unresolved" };
	const char *problems = NULL;
	struct json_error error;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT total, done, created, updated, unchanged, failed, problems, size FROM %s WHERE id = $id",
		table(ctx)), (struct bind[]){ { "id", v_int(id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		for (size_t i = 0; i < LENGTH(names); i++) {
			jw_key(w, names[i]);
			jw_int(w, db_int(q, i));
		}
		problems = arena_dup(ctx->mem, db_text(q, 6));
		jw_key(w, "size");
		jw_int(w, db_int(q, 7));
	}
	db_done(q);
	/* What the check found, as it was told. */
	const struct json *found = problems ? json_parse(ctx->mem, problems, strlen(problems), &error) : NULL;

	for (size_t i = 0; i < LENGTH(lists); i++) {
		jw_key(w, lists[i]);
		if (json_get(found, lists[i]))
			jw_json(w, json_get(found, lists[i]));
		else
			jw_raw(w, "[]");
	}
	return true;
}

bool import_write(struct ctx *ctx, int64_t id, struct json_writer *w)
{
	struct import_plan p;

	if (!import_plan(ctx, id, &p))
		return false;
	jw_object(w);
	jw_key(w, "id");
	jw_id(w, id);
	jw_key(w, "object");
	jw_text(w, p.o->name);
	jw_key(w, "file");
	jw_text(w, p.name);
	jw_key(w, "state");
	jw_text(w, p.state);
	if (!write_file(ctx, &p, w))
		return false;
	write_option(&p, "date_order", w);
	write_option(&p, "key", w);
	write_option(&p, "duplicates", w);
	write_option(&p, "values", w);
	write_option(&p, "create", w);
	write_option(&p, "blank", w);
	write_option(&p, "set", w);
	write_columns(&p, w);
	if (!write_numbers(ctx, id, w))
		return false;
	jw_object_end(w);
	return true;
}

bool import_template(struct ctx *ctx, const struct object *o, bool xlsx, struct text *out,
                     const char **ret_path)
{
	struct sheet_writer *s = sheet_write(ctx->mem, xlsx ? SHEET_XLSX : SHEET_CSV, out,
	                                     fmt(ctx->mem, "%s/temp", engine_data(ctx->engine)));

	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (scope_field_write(ctx, f) && f->type != TYPE_FILE && f->type != TYPE_IMAGE)
			sheet_write_cell(s, SHEET_TEXT, label_in(f->label, ctx->me->language));
	}
	sheet_write_row(s);
	return sheet_write_end(s, ret_path) ||
	       fail(ctx, ERR_STORAGE, NULL, "未能写出文件", "The file could not be written");
}
