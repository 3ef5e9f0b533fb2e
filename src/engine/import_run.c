#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/change.h"
#include "engine/engine_inner.h"
#include "engine/import_inner.h"
#include "engine/job.h"
#include "engine/measure.h"
#include "engine/search.h"

/*
 * Checking, running, finishing, undoing; see import.h and docs/adr/0004.
 *
 * The check reads every row and decides what is to be done with it.  The run
 * writes the new rows invisibly, slice by slice; the state "finishing" is the
 * point of no return; then rows become visible and existing ones are updated.
 * Until that point whatever happens leaves nothing behind, after it the next start
 * goes on.
 */

enum { PROGRESS_ROWS = 2000, FINISH_SLICE = 200 };

struct running {
	struct engine *e;
	int64_t id;
	const struct member *me;
	struct import_reading r;
	bool opened;
	struct import_result counts;
	int64_t total;
	unsigned char *acts;            /* enum import_act per row, in the reading's arena */
	size_t cap_acts;
	FILE *errors;
	const char *errors_path;
	struct text told;               /* JSON of the first problems */
	struct json_writer w;
	int64_t n_told;
	bool failed_row;
	struct slice *slice;            /* being filled */
	const char *message;            /* why the run failed; in the reading's arena */
};

/* Imports somebody asked to stop; asked between slices. */
static _Atomic int64_t cancelled[16];

static bool is_cancelled(int64_t id)
{
	for (size_t i = 0; i < LENGTH(cancelled); i++)
		if (atomic_load(&cancelled[i]) == id)
			return true;
	return false;
}

static const char *table(struct ctx *ctx)
{
	return scope_table(ctx->mem, schema_object(ctx->schema, "import"));
}

/* Runs in the lane with an arena of its own: as the person with `import`, else as system. */
static bool write_now(struct running *x, work_fn *fn, void *arg, int64_t import)
{
	struct arena mem;

	arena_init(&mem, 0);

	struct work w = {
		.fn = fn, .arg = arg, .mem = &mem, .me = import ? x->me : NULL, .import = import,
		.actor = x->me ? x->me->id : 0,
		.request = fmt(&mem, "import %" PRId64, x->id),
	};
	bool ok = engine_wait(x->e, &w);

	if (!ok && w.errors && !x->message)
		x->message = arena_dup(&x->r.mem, w.errors->message);
	arena_done(&mem);
	return ok;
}

/* State and numbers */

struct state {
	struct running *x;
	const char *state;
	const char *problems;
	int64_t done;
};

static bool set_state(struct ctx *ctx, void *arg)
{
	struct state *s = arg;
	struct import_result *c = &s->x->counts;

	return record_update(ctx, "import", s->x->id, (struct cell[]){
		{ "state", v_text(s->state) }, { "total", v_int(s->x->total) }, { "done", v_int(s->done) },
		{ "created", v_int(c->created) }, { "updated", v_int(c->updated) },
		{ "unchanged", v_int(c->unchanged) }, { "failed", v_int(c->failed) },
		{ s->problems ? "problems" : "state", v_text(s->problems ? s->problems : s->state) }, { 0 } });
}

static bool put_state(struct running *x, const char *state, const char *problems, int64_t done)
{
	return write_now(x, set_state, &(struct state){ x, state, problems, done }, 0);
}

/* Problems: all into the error file, the first into the answer */

static void put_csv(FILE *f, const char *s, char end)
{
	fputc('"', f);
	/* Nothing a spreadsheet would take for a formula. */
	if (s && strchr("=+-@\t\r\n", *s) && *s)
		fputc('\'', f);
	for (; s && *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fputc('"', f);
	fputc(end, f);
}

static void tell(void *ptr, const struct import_problem *p)
{
	struct running *x = ptr;

	x->failed_row = true;
	if (x->errors) {
		fprintf(x->errors, "%" PRId64 ",", p->line);
		put_csv(x->errors, p->column, ',');
		put_csv(x->errors, p->value, ',');
		put_csv(x->errors, p->message, '\n');
	}
	if (x->n_told++ >= IMPORT_TOLD)
		return;
	jw_object(&x->w);
	jw_key(&x->w, "line");
	jw_int(&x->w, p->line);
	jw_key(&x->w, "column");
	jw_text(&x->w, p->column);
	jw_key(&x->w, "field");
	jw_text(&x->w, p->field);
	jw_key(&x->w, "value");
	jw_text(&x->w, p->value ? utf8_cut(x->told.mem, p->value, 100) : NULL);
	jw_key(&x->w, "message");
	jw_text(&x->w, p->message);
	jw_object_end(&x->w);
}

const char *import_errors(struct arena *mem, struct engine *e, int64_t id)
{
	return fmt(mem, "%s/temp/import-%" PRId64 "-errors.csv", engine_data(e), id);
}

const char *import_errors_path(struct ctx *ctx, int64_t id)
{
	const char *path = import_errors(ctx->mem, ctx->engine, id);

	return access(path, R_OK) == 0 ? path : NULL;
}

/* Reading all rows */

typedef bool each_row(struct ctx *ctx, struct running *x, const struct sheet_row *row, int64_t number);

static bool read_failed(struct ctx *ctx, const struct sheet_error *error)
{
	return fail(ctx, ERR_INVALID, "file", "第 %" PRId64 " 行：%s", "line %" PRId64 ": %s", error->line,
	            say(ctx, error->message_zh, error->message_en));
}

/* Calls `fn` for each row behind the header, from row `from` on, at most `most`. */
static bool all_rows(struct ctx *ctx, struct running *x, struct sheet *s, int64_t from, int64_t most,
                     each_row *fn)
{
	struct sheet_error error = { 0 };
	const struct sheet_row *row;
	struct arena *all = ctx->mem;
	struct arena mine;
	bool ok = true;
	int64_t n = from;

	arena_init(&mine, 0);
	while (ok && n < from + most && sheet_next(s, &row, &error)) {
		if (n == 0 && x->r.plan.header && !x->opened) {
			x->opened = true;
			continue;
		}
		ctx->mem = &mine;
		ok = fn(ctx, x, row, n++);
		ctx->mem = all;
		if (ok) {
			ctx_forget(ctx);
		} else if (ctx->errors) {
			/* The message was made in the row's arena. */
			const char *message = arena_dup(all, ctx->errors->message);
			enum error_kind kind = ctx->kind;

			ctx_forget(ctx);
			fail(ctx, kind, NULL, "%s", "%s", message);
		}
		arena_reset(&mine);
		if (ok && n % PROGRESS_ROWS == 0 && (is_cancelled(x->id) || job_stopping()))
			ok = fail(ctx, ERR_CONFLICT, NULL, "导入已取消", "The import was cancelled");
	}
	arena_done(&mine);
	return error.code ? read_failed(ctx, &error) : ok;
}

static bool check_row(struct ctx *ctx, struct running *x, const struct sheet_row *row, int64_t number)
{
	enum import_act act = IMPORT_FAIL;
	struct draft d;
	int64_t id;

	x->failed_row = false;
	if (import_row(ctx, &x->r, row, &d, tell, x) &&
	    !import_decide(ctx, &x->r, row, &d, &act, &id, tell, x))
		return false;
	if (x->failed_row)
		act = IMPORT_FAIL;
	x->acts = arena_grow(&x->r.mem, x->acts, &x->cap_acts, (size_t)number + 1, 1);
	x->acts[number] = (unsigned char)act;
	x->total++;
	x->counts.created += act == IMPORT_CREATE;
	x->counts.updated += act == IMPORT_UPDATE;
	x->counts.unchanged += act == IMPORT_SAME || act == IMPORT_SKIP;
	x->counts.failed += act == IMPORT_FAIL;
	return true;
}

static bool note_title(struct ctx *ctx, struct running *x, const struct sheet_row *row, int64_t number)
{
	const char *title = import_title(ctx, &x->r, row);
	bool fresh;
	(void)number;

	if (title)
		map_put(&x->r.titles, title, 0, &fresh);
	return true;
}

static struct sheet *open_sheet(struct ctx *ctx, struct running *x, struct arena *mem)
{
	struct sheet_error error = { 0 };
	struct sheet *s = sheet_open(mem, x->r.plan.path, &x->r.plan.sheet, &error);

	if (!s)
		read_failed(ctx, &error);
	return s;
}

/* The whole check, in one read transaction. */
static bool check_all(struct ctx *ctx, void *arg)
{
	struct running *x = arg;
	struct sheet *s;

	if (!import_open(ctx, x->id, &x->r))
		return false;
	x->errors_path = import_errors(&x->r.mem, x->e, x->id);
	x->errors = fopen(x->errors_path, "w");
	text_init(&x->told, &x->r.mem);
	jw_init(&x->w, &x->told);
	jw_object(&x->w);
	jw_key(&x->w, "problems");
	jw_array(&x->w);
	if (x->errors)
		fputs(say(ctx, "\xEF\xBB\xBF行,列,值,原因\n", "\xEF\xBB\xBFline,column,value,reason\n"), x->errors);

	bool ok = true;

	/* A row may refer to one that stands further down. */
	if (x->r.links) {
		s = open_sheet(ctx, x, &x->r.mem);
		x->opened = false;
		ok = s && all_rows(ctx, x, s, 0, INT64_MAX / 2, note_title);
	}
	s = open_sheet(ctx, x, &x->r.mem);
	x->opened = false;
	ok = ok && s && all_rows(ctx, x, s, 0, INT64_MAX / 2, check_row);

	if (x->errors)
		fclose(x->errors);
	x->errors = NULL;
	jw_array_end(&x->w);
	jw_key(&x->w, "unresolved");
	ok = ok && import_unresolved(ctx, &x->r, &x->w);
	jw_object_end(&x->w);
	return ok;
}

/* Running */

/* Records that the file names and nobody has: made with nothing but their title. */
static bool make_missing(struct ctx *ctx, void *arg)
{
	struct running *x = arg;

	for (size_t i = 0; i < x->r.plan.n_columns; i++) {
		struct import_lookup *look = &x->r.lookups[i];
		const struct field *f = x->r.plan.columns[i].field;

		for (size_t k = 0; look->create && k < look->n_order; k++) {
			const char *key = text_fold(ctx->mem, look->order[k]);
			int64_t id = 0;
			bool fresh;

			/* Another column may have made it already. */
			for (size_t m = 0; m < i && !id; m++) {
				const struct field *other = x->r.plan.columns[m].field;
				int64_t *at = other && other->to == f->to ? map_find(&x->r.lookups[m].ids, key) : NULL;

				id = at && *at > 0 ? *at : 0;
			}
			if (!id && map_find(&look->ids, key))
				continue;
			if (!id && !record_create(ctx, f->to->name, (struct cell[]){
			        { f->to->title->name, v_text(look->order[k]) }, { 0 } }, &id))
				return false;
			*map_put(&look->ids, key, id, &fresh) = id;
		}
	}
	return true;
}

/* What a pass over the file writes. */
enum pass { PASS_CREATE, PASS_LINK, PASS_UPDATE };

struct slice {
	struct running *x;
	struct arena mem;
	struct draft *drafts;
	size_t n, cap;
	enum pass pass;
	int64_t *ids;                   /* of the records that are changed */
};

static void no_tell(void *ptr, const struct import_problem *p)
{
	(void)ptr;
	(void)p;
}

static struct value keep(struct arena *mem, struct value v)
{
	if (v.kind == V_TEXT)
		v.s = arena_dupn(mem, v.s, v.n);
	return v;
}

static void keep_draft(struct slice *s, const struct draft *d, int64_t id)
{
	size_t n = d->o->n_fields;
	struct draft *copy;

	if (s->n == s->cap) {
		size_t cap = s->cap;

		s->drafts = arena_grow(&s->mem, s->drafts, &s->cap, s->n + 1, sizeof *s->drafts);
		s->ids = arena_grow(&s->mem, s->ids, &cap, s->n + 1, sizeof *s->ids);
	}
	s->ids[s->n] = id;
	copy = &s->drafts[s->n++];
	copy->o = d->o;
	copy->values = arena_array(&s->mem, n, sizeof *copy->values);
	copy->set = arena_array(&s->mem, n, sizeof *copy->set);
	for (size_t i = 0; i < n; i++) {
		copy->values[i] = keep(&s->mem, d->values[i]);
		copy->set[i] = d->set[i];
	}
}

static bool slice_row(struct ctx *ctx, struct running *x, const struct sheet_row *row, int64_t number)
{
	enum import_act act = (enum import_act)x->acts[number];
	struct draft d;
	int64_t id = 0;

	if (act != (x->slice->pass == PASS_UPDATE ? IMPORT_UPDATE : IMPORT_CREATE))
		return true;
	if (x->slice->pass == PASS_LINK) {
		if (!import_links(ctx, &x->r, row, &d, &id))
			return false;
		if (id)
			keep_draft(x->slice, &d, id);
		return true;
	}
	if (!import_row(ctx, &x->r, row, &d, no_tell, NULL))
		return fail(ctx, ERR_CONFLICT, NULL, "第 %" PRId64 " 行在检查之后变得不可导入",
		            "line %" PRId64 " can no longer be imported", row->line);
	if (x->slice->pass == PASS_UPDATE) {
		/* What is to be updated is found anew: a start after a kill comes here, too. */
		map_init(&x->r.seen, &x->r.mem);
		if (!import_decide(ctx, &x->r, row, &d, &act, &id, no_tell, NULL))
			return false;
		if (act != IMPORT_UPDATE)
			return true;
	}
	keep_draft(x->slice, &d, id);
	return true;
}

struct parse {
	struct running *x;
	struct sheet *s;
	int64_t from;
	int64_t most;
};

static bool parse_slice(struct ctx *ctx, void *arg)
{
	struct parse *p = arg;

	return all_rows(ctx, p->x, p->s, p->from, p->most, slice_row);
}

static bool insert_slice(struct ctx *ctx, void *arg)
{
	struct slice *s = arg;

	for (size_t i = 0; i < s->n; i++) {
		struct draft d = s->drafts[i];
		struct value *values = arena_array(ctx->mem, d.o->n_fields, sizeof *values);

		/* The work may run again: it must not find the values of its first try. */
		memcpy(values, d.values, d.o->n_fields * sizeof *values);
		d.values = values;
		if (s->pass != PASS_CREATE) {
			if (!record_change(ctx, &d, s->ids[i]))
				return false;
			continue;
		}
		if (!record_insert(ctx, &d, &s->ids[i]))
			return false;
	}
	return true;
}

/* Rows of the file that others refer to have ids now. */
static void note_ids(struct running *x, const struct slice *s, struct arena *mem)
{
	const struct field *title = x->r.plan.o->title;

	for (size_t i = 0; s->pass == PASS_CREATE && x->r.links && i < s->n; i++) {
		struct value v = s->drafts[i].values[title->index];
		int64_t *at = v.kind == V_TEXT ? map_find(&x->r.titles, text_fold(mem, v.s)) : NULL;

		if (at)
			*at = s->ids[i];
	}
}

/* Goes through the file once more and writes what was decided. */
static bool write_rows(struct running *x, enum pass pass)
{
	struct slice slice = { .x = x, .pass = pass };
	struct parse p = { .x = x, .most = IMPORT_SLICE };
	struct sheet_error error = { 0 };
	struct arena parsing;
	bool ok;

	arena_init(&slice.mem, 0);
	arena_init(&parsing, 0);
	p.s = sheet_open(&parsing, x->r.plan.path, &x->r.plan.sheet, &error);
	ok = p.s != NULL;
	x->opened = false;
	x->slice = &slice;
	for (p.from = 0; ok && p.from < x->total; p.from += IMPORT_SLICE) {
		struct arena mem;

		arena_init(&mem, 0);

		struct work w = { .fn = parse_slice, .arg = &p, .mem = &mem, .me = x->me };

		slice.n = slice.cap = 0;
		slice.drafts = NULL;
		slice.ids = NULL;
		arena_reset(&slice.mem);
		ok = engine_read(x->e, &w) &&
		     (slice.n == 0 || write_now(x, insert_slice, &slice, x->id));
		if (ok)
			note_ids(x, &slice, &mem);
		ok = ok && (pass == PASS_UPDATE || !is_cancelled(x->id));
		arena_done(&mem);
		if (ok && p.from % PROGRESS_ROWS < IMPORT_SLICE)
			ok = put_state(x, pass == PASS_UPDATE ? "finishing" : "running", NULL, p.from);
	}
	arena_done(&parsing);
	arena_done(&slice.mem);
	return ok;
}

/* Finishing and removing */

struct pending {
	struct running *x;
	const struct object *o;
	int64_t n;                      /* rows of this slice; 0: there are no more */
	int pass;
};

static bool pending_ids(struct ctx *ctx, const struct object *o, int64_t id, int64_t **ret,
                        size_t *ret_n)
{
	return ctx_ids(ctx, fmt(ctx->mem, "SELECT id FROM %s WHERE import = $id AND deleted_at < 0"
	                                  " ORDER BY id LIMIT %d", scope_table(ctx->mem, o), FINISH_SLICE),
	               (struct bind[]){ { "id", v_int(id) }, { 0 } }, ret, ret_n);
}

/* A slice of rows becomes visible: index, tallies, log. */
static bool show_slice(struct ctx *ctx, void *arg)
{
	struct pending *p = arg;
	const struct object *o = p->o;
	int64_t *ids;
	size_t n;

	if (!pending_ids(ctx, o, p->x->id, &ids, &n))
		return false;
	ctx->import = p->x->id;
	for (size_t i = 0; i < n; i++) {
		struct value *row;
		bool found;

		if (!record_row(ctx, o, ids[i], ACT_READ, false, &row, &found) ||
		    !ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET deleted_at = NULL WHERE id = $id",
		                       scope_table(ctx->mem, o)),
		              (struct bind[]){ { "id", v_int(ids[i]) }, { 0 } }, NULL))
			return false;
		row[object_field(o, "deleted_at")->index] = v_null();
		if (!search_apply(ctx, o, ids[i], row) || !measure_apply(ctx, o, NULL, row) ||
		    (o->log && !change_add(ctx, o, ids[i], CHANGE_CREATE, NULL, row)))
			return false;
	}
	if (n && (text_eq(o->name, "member") || text_eq(o->name, "team")))
		ctx->marks |= MARK_REACH | MARK_CACHES;
	ctx->import = 0;
	p->n = (int64_t)n;
	return true;
}

/* A slice of rows that never were: gone with their keys. */
static bool remove_slice(struct ctx *ctx, void *arg)
{
	struct pending *p = arg;
	int64_t *ids;
	size_t n;

	if (!pending_ids(ctx, p->o, p->x->id, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct bind one[] = { { "id", v_int(ids[i]) }, { "object", v_text(p->o->name) }, { 0 } };

		if (!ctx_exec(ctx, "DELETE FROM t_key WHERE object = $object AND record = $id", one, NULL) ||
		    !ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE id = $id", scope_table(ctx->mem, p->o)),
		              one, NULL))
			return false;
	}
	p->n = (int64_t)n;
	return true;
}

/* Objects in the order in which their rows may go: what hangs on others first. */
static bool next_object(struct ctx *ctx, struct pending *p, size_t i)
{
	const struct object *o = &ctx->schema->objects[i];
	bool main = p->x->r.plan.o && text_eq(o->name, p->x->r.plan.o->name);
	int pass = o->scope_parent ? 0 : main ? 1 : 2;

	p->o = o;
	return pass == p->pass && !text_eq(o->name, "import");
}

struct walk {
	struct running *x;
	work_fn *fn;
	size_t at;
	int pass;
	int64_t n;
	bool over;
};

static bool walk_slice(struct ctx *ctx, void *arg)
{
	struct walk *w = arg;
	struct pending p = { .x = w->x, .pass = w->pass };

	for (w->n = 0; w->at < ctx->schema->n_objects; w->at++) {
		if (!next_object(ctx, &p, w->at))
			continue;
		if (!w->fn(ctx, &p))
			return false;
		w->n = p.n;
		if (p.n)
			return true;
	}
	w->at = 0;
	w->over = ++w->pass > 2;
	return true;
}

static bool walk_again(struct ctx *ctx, void *arg)
{
	struct walk **both = arg;

	*both[1] = *both[0];
	return walk_slice(ctx, both[1]);
}

static bool walk_all(struct running *x, work_fn *fn)
{
	struct walk w = { .x = x, .fn = fn };

	while (!w.over) {
		/* A piece of work may run again: it gets the walk as it was. */
		struct walk next = w;

		if (!write_now(x, walk_again, (struct walk *[]){ &w, &next }, 0))
			return false;
		w = next;
	}
	return true;
}

/* The commands */

/* The whole is wrong, not one line of it. */
static const char *one_problem(struct arena *mem, const char *message)
{
	struct text t;
	struct json_writer w;

	text_init(&t, mem);
	jw_init(&w, &t);
	jw_object(&w);
	jw_key(&w, "problems");
	jw_array(&w);
	jw_object(&w);
	jw_key(&w, "line");
	jw_null(&w);
	jw_key(&w, "message");
	jw_text(&w, message);
	jw_object_end(&w);
	jw_array_end(&w);
	jw_object_end(&w);
	return t.s;
}

static bool run_checked(struct running *x, const char *problems)
{
	if (!put_state(x, "running", problems, 0) || !write_now(x, make_missing, x, x->id) ||
	    !write_rows(x, PASS_CREATE) || (x->r.links && !write_rows(x, PASS_LINK)) ||
	    is_cancelled(x->id)) {
		problems = x->message ? one_problem(&x->r.mem, x->message) : NULL;
		walk_all(x, remove_slice);
		x->counts = (struct import_result){ .failed = is_cancelled(x->id) ? 0 : x->total };
		put_state(x, is_cancelled(x->id) ? "cancelled" : "failed", problems, 0);
		return false;
	}
	/* From here on it is done, even if the power fails now. */
	if (!put_state(x, "finishing", NULL, x->total))
		return false;
	if (!walk_all(x, show_slice) ||
	    (x->counts.updated && (!write_rows(x, PASS_UPDATE) || !walk_all(x, show_slice))))
		return false;
	return put_state(x, "done", NULL, x->total);
}

bool import_run(struct engine *e, int64_t id, const struct member *me, bool run,
                struct import_result *ret)
{
	struct running x = { .e = e, .id = id, .me = me };
	struct arena mem;
	struct held_schema *h = schema_hold(e);     /* drafts point into it between slices */
	bool ok;

	arena_init(&mem, 0);

	struct work check = { .fn = check_all, .arg = &x, .mem = &mem, .me = me };

	ok = engine_read(e, &check);
	if (!ok) {
		x.counts = (struct import_result){ .failed = 1 };
		put_state(&x, is_cancelled(id) ? "cancelled" : "failed",
		          one_problem(&mem, check.errors ? check.errors->message : ""), 0);
	} else if (x.counts.failed) {
		/* All or nothing, so this is nothing: the preview says so, too. */
		x.counts.created = x.counts.updated = 0;
		put_state(&x, run ? "failed" : "checked", x.told.s, x.total);
		ok = false;
	} else {
		ok = run ? run_checked(&x, x.told.s) : put_state(&x, "checked", x.told.s, x.total);
	}
	*ret = x.counts;
	schema_drop(e, h);
	arena_done(&x.r.mem);
	arena_done(&mem);
	return ok;
}

bool import_cancel(struct ctx *ctx, int64_t id)
{
	struct import_plan p;

	if (!import_plan(ctx, id, &p))
		return false;
	if (!text_eq(p.state, "checking") && !text_eq(p.state, "running"))
		return fail(ctx, ERR_CONFLICT, NULL, "这个导入没有在进行", "This import is not running");
	for (size_t i = 0; i < LENGTH(cancelled); i++) {
		int64_t none = 0;

		if (atomic_compare_exchange_strong(&cancelled[i], &none, id))
			return true;
	}
	return fail(ctx, ERR_BUSY, NULL, "系统繁忙，请稍后再试", "Busy, please try again");
}

/* After a kill */

struct unfinished {
	struct running *list;
	size_t n;
	struct {
		int64_t id, owner;
		bool finishing;
	} found[64];
};

static bool find_unfinished(struct ctx *ctx, void *arg)
{
	struct unfinished *u = arg;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT id, owner, state FROM %s WHERE state IN ('checking', 'running', 'finishing') LIMIT 64",
		table(ctx)), NULL);

	if (!q)
		return false;
	for (u->n = 0; u->n < LENGTH(u->found) && db_next(q); u->n++) {
		u->found[u->n].id = db_int(q, 0);
		u->found[u->n].owner = db_int(q, 1);
		u->found[u->n].finishing = text_eq(db_text(q, 2), "finishing");
	}
	db_done(q);
	return true;
}

static bool keep_numbers(struct ctx *ctx, void *arg)
{
	struct running *x = arg;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT total, created, updated, unchanged FROM %s WHERE id = $id", table(ctx)),
		(struct bind[]){ { "id", v_int(x->id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		x->total = db_int(q, 0);
		x->counts = (struct import_result){ db_int(q, 1), db_int(q, 2), db_int(q, 3), 0 };
	}
	db_done(q);
	return true;
}

static bool recover_one(struct engine *e, int64_t id, const struct member *me, bool finishing)
{
	struct running x = { .e = e, .id = id, .me = me };
	struct running again = { .e = e, .id = id, .me = me };
	struct arena mem;
	bool ok;

	arena_init(&mem, 0);

	struct work numbers = { .fn = keep_numbers, .arg = &x, .mem = &mem };
	struct work check = { .fn = check_all, .arg = &again, .mem = &mem, .me = me };

	ok = engine_read(e, &numbers);
	if (ok && !finishing) {
		ok = walk_all(&x, remove_slice) && put_state(&x, "failed", NULL, 0);
	} else if (ok) {
		ok = walk_all(&x, show_slice);
		/* Rows to update that are not yet as the file says are found by checking once more. */
		if (ok && x.counts.updated && engine_read(e, &check) && again.counts.updated)
			ok = write_rows(&again, PASS_UPDATE) && walk_all(&x, show_slice);
		ok = ok && put_state(&x, "done", NULL, x.total);
		arena_done(&again.r.mem);
	}
	arena_done(&mem);
	return ok;
}

bool import_recover(struct engine *e)
{
	struct unfinished u = { 0 };
	struct arena mem;
	bool ok;

	arena_init(&mem, 0);

	struct work w = { .fn = find_unfinished, .arg = &u, .mem = &mem };

	ok = engine_read(e, &w);
	for (size_t i = 0; ok && i < u.n; i++)
		ok = recover_one(e, u.found[i].id, u.found[i].owner ? engine_member(e, &mem, u.found[i].owner) : NULL,
		                 u.found[i].finishing);
	arena_done(&mem);
	return ok;
}
