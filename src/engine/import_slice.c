#include <stdlib.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/change.h"
#include "engine/engine_inner.h"
#include "engine/import_inner.h"
#include "engine/job.h"
#include "engine/measure.h"
#include "engine/search.h"

/*
 * Long work in slices: while the lane writes one, this thread prepares the next.
 *
 * A slice is a transaction of its own.  It ends early as soon as somebody waits
 * for the lane, and the rest of its rows comes with the next turn: at night a slice
 * has thousands of rows, at noon a few dozen.
 */

enum {
	SLICE_ROWS = 4000,
	SLICE_MS = 5,                   /* how long a slice may hold the lane while others wait … */
	SLICE_LONG = 500,               /* … and at all: another process may wait, unseen */
	SLICE_LOOK = 16,                /* rows after which it looks whether they do */
	STATE_MS = 250,                 /* between two notes of progress */
};

/* A row ready to be written. */
struct ready {
	int64_t id;                     /* 0 before it has been created */
	int64_t line;                   /* of the file; 0: not from it */
	struct draft d;
	const char *tokens, *body;      /* for index and log: of rows that become visible */
};

struct slice {
	struct running *x;
	struct arena mem;               /* of everything below */
	struct held_schema *held;       /* the rows were prepared by, and point into */
	bool stale;                     /* it changed in between: prepare again */
	struct ready *rows;
	size_t n, cap;
	size_t done;                    /* rows committed, and … */
	size_t next;                    /* … how many will be after the commit under way */
	bool last;                      /* none comes after it */
	struct import_place from;       /* where it begins */
	enum import_pass pass;
	struct work work;               /* under way */
	struct arena writing;           /* its arena */
	sem_t finished;
};

/* The rows of a file */

void import_no_tell(void *ptr, const struct import_problem *p)
{
	(void)ptr;
	(void)p;
}

static bool read_failed(struct ctx *ctx, const struct sheet_error *error)
{
	return fail(ctx, ERR_INVALID, "file", "第 %" PRId64 " 行：%s", "line %" PRId64 ": %s", error->line,
	            say(ctx, error->message_zh, error->message_en));
}

struct sheet *import_sheet(struct ctx *ctx, struct running *x, struct arena *mem)
{
	struct sheet_error error = { 0 };
	struct sheet *s = sheet_open(mem, x->r.plan.path, &x->r.plan.sheet, &error);

	x->opened = false;
	if (!s)
		read_failed(ctx, &error);
	return s;
}

bool import_row_failed(struct ctx *ctx, int64_t line)
{
	enum error_kind kind = ctx->kind;
	const char *message = ctx->errors ? arena_dup(ctx->mem, ctx->errors->message) : "";

	ctx_forget(ctx);
	if (line && *message)
		return fail(ctx, kind, NULL, "第 %" PRId64 " 行：%s", "line %" PRId64 ": %s", line, message);
	return fail(ctx, kind, NULL, "%s", "%s", message);
}

bool import_rows(struct ctx *ctx, struct running *x, struct sheet *s, int64_t from, int64_t most,
                 import_each *fn)
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
		ctx_use(ctx, &mine);
		ok = fn(ctx, x, row, n++);
		ctx_use(ctx, all);
		if (ok)
			ctx_forget(ctx);
		else
			import_row_failed(ctx, 0);
		arena_reset(&mine);
		if (ok && n % SLICE_ROWS == 0 && (import_cancelled(x->id) || job_stopping()))
			ok = fail(ctx, ERR_CONFLICT, NULL, "导入已取消", "The import was cancelled");
	}
	arena_done(&mine);
	return error.code ? read_failed(ctx, &error) : ok;
}

/* Preparing a slice, on this thread */

static struct ready *add_ready(struct slice *s, const struct object *o)
{
	s->rows = arena_grow(&s->mem, s->rows, &s->cap, s->n + 1, sizeof *s->rows);
	s->rows[s->n] = (struct ready){ .d = {
		.o = o,
		.values = arena_array(&s->mem, o->n_fields, sizeof(struct value)),
		.set = arena_array(&s->mem, o->n_fields, sizeof(bool)),
	} };
	return &s->rows[s->n++];
}

static void keep_values(struct slice *s, struct ready *r, const struct value *values)
{
	for (size_t i = 0; i < r->d.o->n_fields; i++) {
		struct value v = values[i];

		if (v.kind == V_TEXT || v.kind == V_BYTES)
			v.s = arena_dupn(&s->mem, v.s, v.n);
		r->d.values[i] = v;
	}
}

static void keep_draft(struct slice *s, const struct draft *d, int64_t id, int64_t line)
{
	struct ready *r = add_ready(s, d->o);

	keep_values(s, r, d->values);
	memcpy(r->d.set, d->set, d->o->n_fields * sizeof *d->set);
	r->id = id;
	r->line = line;
}

static bool take_row(struct ctx *ctx, struct running *x, const struct sheet_row *row, int64_t number)
{
	enum import_act act = (enum import_act)x->acts[number];
	struct slice *s = x->filling;
	struct draft d;
	int64_t id = 0;

	if (act != (s->pass == PASS_UPDATE ? IMPORT_UPDATE : IMPORT_CREATE))
		return true;
	if (s->pass == PASS_LINK) {
		if (!import_links(ctx, &x->r, row, &d, &id))
			return false;
		if (id)
			keep_draft(s, &d, id, row->line);
		return true;
	}
	if (!import_row(ctx, &x->r, row, &d, import_no_tell, NULL))
		return fail(ctx, ERR_CONFLICT, NULL, "第 %" PRId64 " 行在检查之后变得不可导入",
		            "line %" PRId64 " can no longer be imported", row->line);
	if (s->pass == PASS_UPDATE) {
		/* What is to be updated is found anew: a start after a kill comes here, too. */
		map_init(&x->r.seen, &x->r.mem);
		if (!import_decide(ctx, &x->r, row, &d, &act, &id, import_no_tell, NULL))
			return false;
		if (act != IMPORT_UPDATE)
			return true;
	}
	keep_draft(s, &d, id, row->line);
	return true;
}

/* Reading may be tried again, from the beginning of the slice.  False: by other declarations. */
static bool start_fill(struct ctx *ctx, struct slice *s)
{
	s->stale = ctx->schema != s->held->schema;
	s->rows = NULL;
	s->n = s->cap = 0;
	s->x->place = s->from;
	return !s->stale;
}

static bool skip_row(struct ctx *ctx, struct running *x, const struct sheet_row *row, int64_t number)
{
	(void)ctx;
	(void)x;
	(void)row;
	(void)number;
	return true;
}

/* The file where it is to be read on. */
static bool find_row(struct ctx *ctx, struct running *x)
{
	if (x->sheet && !x->reading)
		return true;
	x->sheet = import_sheet(ctx, x, &x->parsing);
	return x->sheet && import_rows(ctx, x, x->sheet, 0, x->read, skip_row);
}

/* The next rows of the file. */
static bool fill_from_file(struct ctx *ctx, void *arg)
{
	struct slice *s = arg;
	struct running *x = s->x;

	if (!start_fill(ctx, s))
		return true;
	if (!find_row(ctx, x))
		return false;
	x->filling = s;
	x->reading = true;
	if (!import_rows(ctx, x, x->sheet, x->read, SLICE_ROWS, take_row))
		return false;
	x->reading = false;
	x->read += SLICE_ROWS;
	s->last = x->read >= x->total;
	return true;
}

/* Objects in the order in which their rows may come and go: what hangs on others first. */
static const struct object *next_object(struct running *x, const struct schema *schema)
{
	struct import_place *at = &x->place;

	for (; at->turn < 3; at->turn++, at->object = 0)
		for (; at->object < schema->n_objects; at->object++) {
			const struct object *o = &schema->objects[at->object];
			int turn = o->scope_parent ? 0 : text_eq(o->name, x->object) ? 1 : 2;

			if (turn == at->turn && !text_eq(o->name, "import"))
				return o;
		}
	return NULL;
}

/* The next invisible rows of the import, of one object, with what index and log will say. */
static bool fill_from_store(struct ctx *ctx, void *arg)
{
	struct slice *s = arg;
	struct running *x = s->x;
	const struct object *o;

	if (!start_fill(ctx, s))
		return true;
	while ((o = next_object(x, ctx->schema))) {
		struct value *row = arena_array(ctx->mem, o->n_fields, sizeof *row);
		struct query *q = ctx_query(ctx, fmt(ctx->mem,
			"SELECT %s FROM %s WHERE import = $id AND deleted_at %s AND id > $after ORDER BY id LIMIT %d",
			o->stored, scope_table(ctx->mem, o), s->pass == PASS_UNDO ? "IS NULL" : "< 0", SLICE_ROWS),
			(struct bind[]){ { "id", v_int(x->id) }, { "after", v_int(x->place.after) }, { 0 } });

		if (!q)
			return false;
		while (db_next(q)) {
			struct ready *r = add_ready(s, o);

			record_values(q, o, row);
			row[object_field(o, "deleted_at")->index] = v_null();
			keep_values(s, r, row);
			r->id = x->place.after = row[object_field(o, "id")->index].i;
			if (s->pass != PASS_SHOW)
				continue;

			struct arena *all = ctx->mem;

			ctx_use(ctx, &s->mem);
			r->tokens = search_row(ctx, o, r->d.values);
			r->body = o->log ? change_body(ctx, o, NULL, r->d.values) : NULL;
			ctx_use(ctx, all);
		}

		bool failed = db_failed(q);

		db_done(q);
		if (failed)
			return fail_db(ctx, "rows of an import");
		if (s->n)
			return true;
		x->place.object++;
		x->place.after = 0;
	}
	s->last = true;
	return true;
}

/* The next values an import has changed, newest first, as they were before. */
static bool fill_from_log(struct ctx *ctx, void *arg)
{
	struct slice *s = arg;
	struct running *x = s->x;
	struct query *q;

	if (!start_fill(ctx, s))
		return true;
	q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT id, object, record, body FROM %s WHERE request = $request AND act = 'update' AND id < $before"
		" ORDER BY id DESC LIMIT %d", scope_table(ctx->mem, schema_object(ctx->schema, "change")), SLICE_ROWS),
		(struct bind[]){ { "request", v_text(x->request) },
		                 { "before", v_int(x->place.after ? x->place.after : INT64_MAX) }, { 0 } });
	if (!q)
		return false;

	struct arena *all = ctx->mem;

	s->last = true;
	ctx_use(ctx, &s->mem);
	while (db_next(q)) {
		const struct object *o = schema_object(ctx->schema, db_text(q, 1));
		const char *body = db_text(q, 3);
		struct json_error error;
		struct json *changes = json_parse(&s->mem, body, strlen(body), &error);
		struct ready *r;

		x->place.after = db_int(q, 0);
		s->last = false;
		if (!o || !o->log || !changes)
			continue;
		r = add_ready(s, o);
		r->id = db_int(q, 2);
		for (const struct json *j = changes->first; j; j = j->next) {
			const struct field *f = object_field(o, j->key);

			if (f && !f->computed)
				r->d.set[f->index] = types[f->type].read(ctx, f, j->first, &r->d.values[f->index]);
		}
		ctx_forget(ctx);
	}
	ctx_use(ctx, all);

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "what an import changed") : true;
}

static void let_go(struct slice *s)
{
	if (s->held)
		schema_drop(s->x->e, s->held);
	s->held = NULL;
	arena_reset(&s->mem);
	s->rows = NULL;
	s->n = s->cap = s->done = 0;
}

static const struct pass {
	work_fn *fill;
	const char *state;              /* of the import meanwhile */
	bool ahead;                     /* a slice can be prepared before the one before it is written */
	bool stoppable;                 /* before the point of no return */
	bool person;                    /* written as the person, else as the system */
} passes[] = {
	[PASS_CREATE]  = { fill_from_file,  "running",   true,  true,  true },
	[PASS_LINK]    = { fill_from_file,  "running",   false, true,  true },
	[PASS_SHOW]    = { fill_from_store, "finishing", true,  false, false },
	/* What an update finds depends on the updates before it. */
	[PASS_UPDATE]  = { fill_from_file,  "finishing", false, false, true },
	[PASS_REMOVE]  = { fill_from_store, NULL,        false, false, false },
	[PASS_UNDO]    = { fill_from_store, "undoing",   false, false, false },
	[PASS_RESTORE] = { fill_from_log,   "undoing",   false, false, false },
};

static bool fill(struct slice *s)
{
	work_fn *fn = passes[s->pass].fill;
	struct arena mem;
	bool ok;

	arena_init(&mem, 0);
	do {
		struct work w = {
			.fn = fn, .arg = s, .mem = &mem, .me = fn == fill_from_file ? s->x->me : NULL,
		};

		let_go(s);
		s->held = schema_hold(s->x->e);
		s->from = s->x->place;
		ok = engine_read(s->x->e, &w);
		if (!ok && w.errors && !s->x->message)
			s->x->message = arena_dup(&s->x->r.mem, w.errors->message);
	} while (ok && s->stale);
	arena_done(&mem);
	return ok;
}

/* Writing a slice, in the lane */

static bool undoing(enum import_pass pass)
{
	return pass == PASS_UNDO || pass == PASS_RESTORE;
}

/* The declarations changed since the row was prepared: once more, by the new ones. */
static bool prepare_again(struct ctx *ctx, struct ready *r)
{
	const struct object *o = schema_object(ctx->schema, r->d.o->name);
	bool found = false;

	r->d.o = o;
	if (!o || !record_row(ctx, o, r->id, ACT_READ, false, &r->d.values, &found))
		return !o;
	r->d.values[object_field(o, "deleted_at")->index] = v_null();
	r->tokens = search_row(ctx, o, r->d.values);
	r->body = o->log ? change_body(ctx, o, NULL, r->d.values) : NULL;
	return true;
}

/* A row becomes visible: index, tallies, log. */
static bool show_row(struct ctx *ctx, const struct slice *s, struct ready r)
{
	const struct object *o;

	if (ctx->schema != s->held->schema && !prepare_again(ctx, &r))
		return false;
	o = r.d.o;
	return !o || (search_put(ctx, o, r.id, r.tokens) && measure_apply(ctx, o, NULL, r.d.values) &&
	              (!r.body || change_put(ctx, o, r.id, CHANGE_CREATE, r.body)));
}

/*
 * One row of an undoing.  What somebody deleted meanwhile, or what went with its parent,
 * need not be undone; what rules do not let go stays as it is, and is told.
 */
static bool undo_row(struct ctx *ctx, const struct slice *s, const struct ready *r, struct draft *d)
{
	struct running *x = s->x;

	if (!db_save(ctx->db))
		return fail_db(ctx, "undoing a row");
	if (s->pass == PASS_UNDO ? record_delete(ctx, d->o->name, r->id, 0) : record_change(ctx, d, r->id))
		return db_save_release(ctx->db) || fail_db(ctx, "undoing a row");
	if (ctx->kind != ERR_MISSING && ctx->kind != ERR_INVALID && ctx->kind != ERR_CONFLICT)
		return false;
	db_save_rollback(ctx->db);
	if (ctx->kind != ERR_MISSING) {
		x->counts.failed++;
		if (!x->message)
			x->message = arena_dup(&x->r.mem, ctx->errors->message);
	}
	ctx_forget(ctx);
	return true;
}

static bool write_row(struct ctx *ctx, const struct slice *s, struct ready *r)
{
	struct draft d = r->d;

	if (s->pass == PASS_SHOW)
		return show_row(ctx, s, *r);
	if (s->pass == PASS_REMOVE)
		return duplicate_forget(ctx, d.o, r->id);
	/* The work may run again: it must not find the values of its first try. */
	d.values = arena_array(ctx->mem, d.o->n_fields, sizeof *d.values);
	memcpy(d.values, r->d.values, d.o->n_fields * sizeof *d.values);
	if (s->pass == PASS_CREATE)
		return record_insert(ctx, &d, &r->id);
	if (undoing(s->pass))
		return undo_row(ctx, s, r, &d);
	return record_change(ctx, &d, r->id);
}

/* Rows of the same import may refer to those that go now. */
static bool forget_links(struct ctx *ctx, const struct object *o, const struct bind *binds)
{
	const char *table = scope_table(ctx->mem, o);

	for (size_t i = 0; i < o->n_fields; i++) {
		const char *name = o->fields[i].name;

		if (field_is_ref(&o->fields[i]) && o->fields[i].to == o &&
		    !ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET %s = NULL WHERE %s >= $first AND %s <= $last"
		                                 " AND import = $id AND deleted_at < 0", table, name, name, name),
		              binds, NULL))
			return false;
	}
	return true;
}

/* What is done to the rows of a slice in one statement. */
static bool write_all(struct ctx *ctx, const struct slice *s)
{
	const struct ready *first = &s->rows[s->done];
	const char *table = scope_table(ctx->mem, first->d.o);
	struct bind binds[] = { { "id", v_int(s->x->id) }, { "first", v_int(first->id) },
	                        { "last", v_int(s->rows[s->next - 1].id) }, { 0 } };
	const char *rows = "WHERE import = $id AND deleted_at < 0 AND id >= $first AND id <= $last";

	if (s->pass == PASS_REMOVE)
		return forget_links(ctx, first->d.o, binds) &&
		       ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s %s", table, rows), binds, NULL);
	if (s->pass != PASS_SHOW)
		return true;
	if (text_eq(first->d.o->name, "member") || text_eq(first->d.o->name, "team"))
		ctx->marks |= MARK_REACH | MARK_CACHES;
	return ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET deleted_at = NULL %s", table, rows), binds, NULL);
}

static bool write_slice(struct ctx *ctx, void *arg)
{
	struct slice *s = arg;
	struct running *x = s->x;
	int64_t began = date_ticks();
	struct arena *all = ctx->mem;
	struct arena mine;
	bool ok = true;

	if (!import_ours(ctx, x))
		return false;
	arena_init(&mine, 0);
	if (s->pass == PASS_SHOW)
		measure_collect(ctx);
	for (s->next = s->done; ok && s->next < s->n; s->next++) {
		if (s->next > s->done && s->next % SLICE_LOOK == 0) {
			int64_t held = date_ticks() - began;

			if (held >= SLICE_LONG || (held >= SLICE_MS && engine_wanted(x->e)))
				break;
		}
		ctx_use(ctx, &mine);
		ok = write_row(ctx, s, &s->rows[s->next]);
		ctx_use(ctx, all);
		if (!ok)
			import_row_failed(ctx, s->rows[s->next].line);
		arena_reset(&mine);
	}
	arena_done(&mine);
	return ok && (s->pass != PASS_SHOW || measure_flush(ctx)) && write_all(ctx, s);
}

static void begin_slice(struct slice *s)
{
	struct running *x = s->x;

	s->work = (struct work){
		.fn = write_slice, .arg = s, .mem = &s->writing, .alone = true,
		.me = passes[s->pass].person ? x->me : NULL, .actor = x->me ? x->me->id : 0,
		.request = undoing(s->pass) ? fmt(&s->mem, "undo %s", x->request) : x->request,
		.import = undoing(s->pass) ? 0 : x->id,
	};
	engine_begin(x->e, &s->work, &s->finished);
}

/* Waits for the slice under way, and for all of it. */
static bool end_slice(struct slice *s)
{
	int tries = 0;
	bool ok = true;

	while (ok && s->done < s->n) {
		if (engine_end(&s->work)) {
			s->done = s->next;
		} else {
			ok = import_again(s->x, &s->work, &tries);
		}
		arena_reset(&s->writing);
		if (ok && s->done < s->n)
			begin_slice(s);
	}
	return ok;
}

/* Rows of the file that others refer to have ids now. */
static void note_ids(struct running *x, const struct slice *s)
{
	const struct field *title;
	struct arena mem;

	if (s->pass != PASS_CREATE || !x->r.links)
		return;
	title = x->r.plan.o->title;
	arena_init(&mem, 0);
	for (size_t i = 0; i < s->n; i++) {
		struct value v = s->rows[i].d.values[title->index];
		int64_t *at = v.kind == V_TEXT ? map_find(&x->r.titles, text_fold(&mem, v.s)) : NULL;

		if (at)
			*at = s->rows[i].id;
	}
	arena_done(&mem);
}

static bool note_progress(struct running *x, const struct slice *s)
{
	const struct pass *p = &passes[s->pass];

	x->done = p->fill == fill_from_file ? x->read : x->done + (int64_t)s->n;
	if (!p->state || date_ticks() < x->told_at + STATE_MS)
		return true;
	x->told_at = date_ticks();
	return import_state(x, p->state, NULL, x->done < x->total ? x->done : x->total);
}

/* All slices of a pass; *s is the one under way, *next the one that is prepared. */
static bool run_slices(struct running *x, struct slice *s, struct slice *next)
{
	const struct pass *p = &passes[s->pass];
	bool ok = fill(s);

	while (ok) {
		struct slice *done = s;
		bool filled = true;

		if (s->n)
			begin_slice(s);
		if (p->ahead && !s->last)
			filled = fill(next);
		ok = end_slice(s) && filled && note_progress(x, s);
		if (!ok || s->last || (p->stoppable && import_cancelled(x->id)))
			break;
		note_ids(x, s);
		ok = p->ahead || fill(next);
		s = next;
		next = done;
	}
	note_ids(x, s);
	return ok && s->last;
}

bool import_pass(struct running *x, enum import_pass pass)
{
	struct slice both[] = { { .x = x, .pass = pass }, { .x = x, .pass = pass } };
	bool ok;

	for (size_t i = 0; i < LENGTH(both); i++) {
		arena_init(&both[i].mem, 0);
		arena_init(&both[i].writing, 0);
	}
	arena_init(&x->parsing, 0);
	x->sheet = NULL;
	x->read = x->done = 0;
	x->reading = false;
	x->place = (struct import_place){ 0 };
	ok = run_slices(x, &both[0], &both[1]);
	arena_done(&x->parsing);
	for (size_t i = 0; i < LENGTH(both); i++) {
		let_go(&both[i]);
		arena_done(&both[i].mem);
		arena_done(&both[i].writing);
	}
	return ok;
}
