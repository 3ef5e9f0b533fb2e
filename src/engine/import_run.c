#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/engine_inner.h"
#include "engine/import_inner.h"
#include "engine/job.h"

/*
 * Checking, running, finishing, undoing; see import.h and docs/adr/0004.
 *
 * The check reads every row and decides what is to be done with it.  The run
 * writes the new rows invisibly, slice by slice; the state "finishing" is the
 * point of no return; then rows become visible and existing ones are updated.
 * Until that point whatever happens leaves nothing behind, after it the next start
 * goes on.
 */

enum { PROGRESS_ROWS = 10000 };

/* Imports somebody asked to stop; asked between slices. */
static _Atomic int64_t cancelled[16];

bool import_cancelled(int64_t id)
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
	int tries = 0;
	bool ok;

	arena_init(&mem, 0);
	for (;;) {
		struct work w = {
			.fn = fn, .arg = arg, .mem = &mem, .me = import ? x->me : NULL, .import = import,
			.actor = x->me ? x->me->id : 0, .request = x->request,
		};

		ok = engine_wait(x->e, &w);
		if (ok || !import_again(x, &w, &tries))
			break;
		arena_reset(&mem);
	}
	arena_done(&mem);
	return ok;
}

bool import_again(struct running *x, const struct work *w, int *tries)
{
	enum { TRIES = 600 };           /* half a minute */

	if (w->kind == ERR_BUSY && !job_stopping() && ++*tries < TRIES) {
		nanosleep(&(struct timespec){ .tv_nsec = 50 * 1000 * 1000 }, NULL);
		return true;
	}
	if (w->errors && !x->message)
		x->message = arena_dup(&x->r.mem, w->errors->message);
	return false;
}

/* Whose it is */

bool import_claim(struct ctx *ctx, int64_t id, bool *ret_ours)
{
	return db_claim(ctx->db, id, ret_ours) || fail_db(ctx, "claiming an import");
}

bool import_ours(struct ctx *ctx, const struct running *x)
{
	const char *state = NULL;

	if (!x->state)
		return true;
	if (!ctx_get_text(ctx, fmt(ctx->mem, "SELECT state FROM %s WHERE id = $id", table(ctx)),
	                  (struct bind[]){ { "id", v_int(x->id) }, { 0 } }, &state))
		return false;
	return text_eq(state, x->state) ||
	       fail(ctx, ERR_CONFLICT, NULL, "另一个程序接管了这个导入", "Another process took this import over");
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

	return import_ours(ctx, s->x) && record_update(ctx, "import", s->x->id, (struct cell[]){
		/* How many rows there are is known once all have been checked. */
		{ "state", v_text(s->state) },
		{ "total", v_int(text_eq(s->state, "checking") ? 0 : s->x->total) }, { "done", v_int(s->done) },
		{ "created", v_int(c->created) }, { "updated", v_int(c->updated) },
		{ "unchanged", v_int(c->unchanged) }, { "failed", v_int(c->failed) },
		{ s->problems ? "problems" : "state", v_text(s->problems ? s->problems : s->state) }, { 0 } });
}

bool import_state(struct running *x, const char *state, const char *problems, int64_t done)
{
	bool ok = write_now(x, set_state, &(struct state){ x, state, problems, done }, 0);

	if (ok)
		x->state = state;
	return ok;
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

/* Checking */

static const struct sheet_row *keep_row(struct arena *mem, const struct sheet_row *row)
{
	struct sheet_row *kept = arena_alloc(mem, sizeof *kept);

	*kept = (struct sheet_row){ row->line, row->cells, arena_array(mem, row->cells + 1, sizeof *row->cell) };
	for (size_t i = 0; i < row->cells; i++)
		kept->cell[i] = (struct sheet_cell){ arena_dupn(mem, row->cell[i].s, row->cell[i].n), row->cell[i].n };
	return kept;
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
	if (act == IMPORT_CREATE && !x->first)
		x->first = keep_row(&x->r.mem, row);
	x->total++;
	x->counts.created += act == IMPORT_CREATE;
	x->counts.updated += act == IMPORT_UPDATE;
	x->counts.unchanged += act == IMPORT_SAME || act == IMPORT_SKIP;
	x->counts.failed += act == IMPORT_FAIL;
	return x->total % PROGRESS_ROWS != 0 || import_state(x, "checking", NULL, x->total);
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

/* The whole check, in one read transaction. */
static bool check_all(struct ctx *ctx, void *arg)
{
	struct running *x = arg;
	struct sheet *s;

	/* Reading may be tried again, from the beginning. */
	arena_done(&x->r.mem);
	x->counts = (struct import_result){ 0 };
	x->total = x->n_told = 0;
	x->acts = NULL;
	x->cap_acts = 0;
	x->first = NULL;
	if (!import_open(ctx, x->id, &x->r))
		return false;
	x->object = x->r.plan.o->name;
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
		s = import_sheet(ctx, x, &x->r.mem);
		ok = s && import_rows(ctx, x, s, 0, INT64_MAX / 2, note_title);
	}
	s = import_sheet(ctx, x, &x->r.mem);
	ok = ok && s && import_rows(ctx, x, s, 0, INT64_MAX / 2, check_row);

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

/* The work may run again: what its first try made is not there. */
static void forget_made(struct running *x, struct arena *mem)
{
	for (size_t i = 0; i < x->r.plan.n_columns; i++) {
		struct import_lookup *look = &x->r.lookups[i];

		for (size_t k = 0; look->create && k < look->n_order; k++) {
			int64_t *at = map_find(&look->ids, text_fold(mem, look->order[k]));

			if (at)
				*at = 0;
		}
	}
}

/* Records that the file names and nobody has: made with nothing but their title. */
static bool make_missing(struct ctx *ctx, void *arg)
{
	struct running *x = arg;

	forget_made(x, ctx->mem);
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
			int64_t *mine = map_find(&look->ids, key);

			if (!id && mine && *mine)
				continue;
			if (!id && !record_create(ctx, f->to->name, (struct cell[]){
			        { f->to->title->name, v_text(look->order[k]) }, { 0 } }, &id))
				return false;
			*map_put(&look->ids, key, id, &fresh) = id;
		}
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

/* Reports on what just came are planned by what there is. */
static bool analyze(struct ctx *ctx, void *arg)
{
	const struct running *x = arg;
	const struct object *o = schema_object(ctx->schema, x->object);

	/* Its declaration may have gone meanwhile. */
	return !o || db_analyze(ctx->db, scope_table(ctx->mem, o)) || fail_db(ctx, "looking at what was imported");
}

static bool try_first(struct ctx *ctx, void *arg)
{
	struct running *x = arg;
	struct draft d;
	int64_t id;

	/* By declarations that changed meanwhile nothing is tried. */
	x->tried = ctx->schema != x->held->schema ||
	           (make_missing(ctx, x) && import_row(ctx, &x->r, x->first, &d, import_no_tell, NULL) &&
	            record_insert(ctx, &d, &id));
	/* What is only tried was not attempted: nobody is told that it was refused. */
	ctx->last_words = NULL;
	return import_row_failed(ctx, x->first->line);
}

/*
 * What fields alone do not tell – a rule of a module, a field that must be there and has no column – is
 * heard before anything is done: the first new row is written, and taken back since the work fails.
 */
static bool first_row_fits(struct running *x)
{
	if (!x->first)
		return true;
	x->tried = false;
	write_now(x, try_first, x, x->id);
	if (x->tried)
		x->message = NULL;
	return x->tried;
}

static bool run_checked(struct running *x, const char *problems)
{
	if (!import_state(x, "running", problems, 0) || !write_now(x, make_missing, x, x->id) ||
	    !import_pass(x, PASS_CREATE) || (x->r.links && !import_pass(x, PASS_LINK)) ||
	    import_cancelled(x->id)) {
		problems = x->message ? one_problem(&x->r.mem, x->message) : NULL;
		if (!import_state(x, "removing", problems, 0) || !import_pass(x, PASS_REMOVE))
			return false;
		x->counts = (struct import_result){ .failed = import_cancelled(x->id) ? 0 : x->total };
		import_state(x, import_cancelled(x->id) ? "cancelled" : "failed", problems, 0);
		return false;
	}
	/* From here on it is done, even if the power fails now. */
	if (!import_state(x, "finishing", NULL, x->total))
		return false;
	if (!import_pass(x, PASS_SHOW) ||
	    (x->counts.updated && (!import_pass(x, PASS_UPDATE) || !import_pass(x, PASS_SHOW))))
		return false;
	return write_now(x, analyze, x, 0) && import_state(x, "done", NULL, x->total);
}

bool import_run(struct engine *e, int64_t id, const struct member *me, bool run,
                struct import_result *ret)
{
	struct held_schema *h = schema_hold(e);
	struct running x = { .e = e, .id = id, .me = me, .held = h };
	struct arena mem;
	bool ok;

	arena_init(&mem, 0);
	x.request = fmt(&mem, "import %" PRId64, id);

	struct work check = { .fn = check_all, .arg = &x, .mem = &mem, .me = me };

	ok = engine_read(e, &check);
	if (!ok) {
		x.counts = (struct import_result){ .failed = 1 };
		import_state(&x, import_cancelled(id) ? "cancelled" : "failed",
		          one_problem(&mem, check.errors ? check.errors->message : ""), 0);
	} else if (x.counts.failed) {
		/* All or nothing, so this is nothing: the preview says so, too. */
		x.counts.created = x.counts.updated = 0;
		import_state(&x, run ? "failed" : "checked", x.told.s, x.total);
		ok = false;
	} else if (!first_row_fits(&x)) {
		x.counts = (struct import_result){ .failed = x.total };
		import_state(&x, run ? "failed" : "checked", one_problem(&mem, x.message ? x.message : ""), x.total);
		ok = false;
	} else {
		ok = run ? run_checked(&x, x.told.s) : import_state(&x, "checked", x.told.s, x.total);
	}
	*ret = x.counts;
	for (size_t i = 0; i < LENGTH(cancelled); i++) {
		int64_t over = id;

		atomic_compare_exchange_strong(&cancelled[i], &over, 0);
	}
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
	size_t n;
	int64_t id[64];
};

static bool find_unfinished(struct ctx *ctx, void *arg)
{
	struct unfinished *u = arg;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT i.id FROM %s i WHERE i.state IN ('checking', 'running', 'finishing', 'removing', 'undoing')"
		" AND NOT EXISTS (SELECT 1 FROM %s j WHERE j.key = 'import ' || i.id AND j.state = 'waiting') LIMIT 64",
		table(ctx), scope_table(ctx->mem, schema_object(ctx->schema, "job"))), NULL);

	if (!q)
		return false;
	for (u->n = 0; u->n < LENGTH(u->id) && db_next(q); u->n++)
		u->id[u->n] = db_int(q, 0);
	db_done(q);
	return true;
}

static bool keep_numbers(struct ctx *ctx, void *arg)
{
	struct running *x = arg;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT total, created, updated, unchanged, object FROM %s WHERE id = $id", table(ctx)),
		(struct bind[]){ { "id", v_int(x->id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		x->total = db_int(q, 0);
		x->counts = (struct import_result){ db_int(q, 1), db_int(q, 2), db_int(q, 3), 0 };
		x->object = arena_dup(&x->r.mem, db_text(q, 4));
	}
	db_done(q);
	if (!text_eq(x->state, "undoing"))
		x->message = arena_dup(&x->r.mem, say(ctx, "导入中断了，什么也没有写入；请重新导入",
		                                      "Interrupted, and nothing was written; import again"));
	return true;
}

static bool recover(struct engine *e, int64_t id, const struct member *me, const char *state)
{
	struct running x = { .e = e, .id = id, .me = me, .state = state };
	struct running again = x;
	struct arena mem;
	bool ok;

	arena_init(&mem, 0);
	x.request = again.request = fmt(&mem, "import %" PRId64, id);

	struct work numbers = { .fn = keep_numbers, .arg = &x, .mem = &mem, .me = me };
	struct work check = { .fn = check_all, .arg = &again, .mem = &mem, .me = me };

	ok = engine_read(e, &numbers);
	if (ok && !text_eq(state, "finishing")) {
		ok = import_state(&x, "removing", one_problem(&mem, x.message), 0) &&
		     import_pass(&x, PASS_REMOVE) && import_state(&x, "failed", NULL, 0);
	} else if (ok) {
		ok = import_pass(&x, PASS_SHOW);
		/* Rows to update that are not yet as the file says are found by checking once more. */
		if (ok && x.counts.updated && engine_read(e, &check) && again.counts.updated)
			ok = import_pass(&again, PASS_UPDATE) && import_pass(&x, PASS_SHOW);
		ok = ok && import_state(&x, "done", NULL, x.total);
		arena_done(&again.r.mem);
	}
	arena_done(&x.r.mem);
	arena_done(&mem);
	return ok;
}

static bool undo(struct engine *e, int64_t id, const struct member *me)
{
	struct running x = { .e = e, .id = id, .me = me, .state = "undoing" };
	struct arena mem;
	bool ok;

	arena_init(&mem, 0);
	x.request = fmt(&mem, "import %" PRId64, id);

	struct work numbers = { .fn = keep_numbers, .arg = &x, .mem = &mem };

	ok = engine_read(e, &numbers) && import_pass(&x, PASS_UNDO) && import_pass(&x, PASS_RESTORE) &&
	     import_state(&x, "undone", x.message ? one_problem(&mem, x.message) : NULL, x.total);
	arena_done(&x.r.mem);
	arena_done(&mem);
	return ok;
}

/* One import in this process's hands. */
struct held {
	int64_t id, owner;
	bool ours;
	const char *state;
};

/* The state is read once it is ours: until then others may change it. */
static bool hold(struct ctx *ctx, void *arg)
{
	struct held *h = arg;
	struct query *q;

	if (!import_claim(ctx, h->id, &h->ours))
		return false;
	if (!h->ours)
		return true;
	q = ctx_query(ctx, fmt(ctx->mem, "SELECT state, owner FROM %s WHERE id = $id", table(ctx)),
	              (struct bind[]){ { "id", v_int(h->id) }, { 0 } });
	if (!q)
		return false;
	h->ours = db_next(q);
	h->state = h->ours ? arena_dup(ctx->mem, db_text(q, 0)) : NULL;
	h->owner = h->ours ? db_int(q, 1) : 0;
	db_done(q);
	return true;
}

static bool let_go(struct ctx *ctx, void *arg)
{
	db_release(ctx->db, ((struct held *)arg)->id);
	return true;
}

/*
 * What the state asks for.  `asked`: by the import's own job, else it was found unfinished.  In
 * the hands of another process it is none of our business.
 */
static bool work(struct engine *e, int64_t id, bool asked, const struct member *me)
{
	struct import_result counts;
	struct held h = { .id = id };
	struct arena mem;

	arena_init(&mem, 0);

	struct work w = { .fn = hold, .arg = &h, .mem = &mem };
	struct work end = { .fn = let_go, .arg = &h, .mem = &mem };
	bool ok = engine_wait(e, &w);

	if (ok && h.ours) {
		if (!asked)
			me = h.owner ? engine_member(e, &mem, h.owner) : NULL;
		if (text_eq(h.state, "undoing"))
			ok = undo(e, id, me);
		else if (text_eq(h.state, "finishing") || text_eq(h.state, "removing"))
			ok = recover(e, id, me, h.state);
		else if (text_eq(h.state, "checking") || text_eq(h.state, "running"))
			ok = asked ? import_run(e, id, me, text_eq(h.state, "running"), &counts)
			           : recover(e, id, me, h.state);
		engine_wait(e, &end);
		/* An import that fails says so itself; its job has done its part. */
		ok |= asked;
	}
	arena_done(&mem);
	return ok;
}

bool import_work(struct engine *e, int64_t id, const struct member *me)
{
	return work(e, id, true, me);
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
		ok = work(e, u.id[i], false, NULL);
	arena_done(&mem);
	return ok;
}

bool import_recover_later(struct ctx *ctx, void *unused)
{
	(void)unused;
	return job_add(ctx, "import_recover", NULL, ctx->now, "import_recover");
}
