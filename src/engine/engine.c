#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/log.h"
#include "engine/engine_inner.h"
#include "engine/import.h"
#include "engine/member.h"
#include "engine/system.h"

/* The current schema and who holds an older one */

struct held_schema *schema_hold(struct engine *e)
{
	pthread_mutex_lock(&e->lock);

	struct held_schema *h = e->current;

	h->holders++;
	pthread_mutex_unlock(&e->lock);
	return h;
}

/* Frees what is old and nobody holds.  Under the lock. */
static void sweep(struct engine *e)
{
	struct held_schema **h = &e->schemas;

	while (*h) {
		struct held_schema *this = *h;

		if (this->old && this->holders == 0) {
			*h = this->next;
			schema_free(this->schema);
			free(this);
		} else {
			h = &this->next;
		}
	}
}

void schema_drop(struct engine *e, struct held_schema *h)
{
	pthread_mutex_lock(&e->lock);
	h->holders--;
	if (h->old)
		sweep(e);
	pthread_mutex_unlock(&e->lock);
}

void schema_swap(struct engine *e, struct schema *next)
{
	struct held_schema *h = mem_alloc(sizeof *h);

	h->schema = next;
	pthread_mutex_lock(&e->lock);
	next->number = e->current ? e->current->schema->number + 1 : 1;
	if (e->current)
		e->current->old = true;
	e->current = h;
	h->next = e->schemas;
	e->schemas = h;
	sweep(e);
	pthread_mutex_unlock(&e->lock);
}

/* Members */

struct cached_member {
	struct arena mem;
	struct member member;
	bool found;
};

/* A list ended by NULL; NULL stays NULL. */
static const char **copy_names(struct arena *mem, const char **names)
{
	size_t n = 0;

	while (names && names[n])
		n++;

	const char **copy = names ? arena_array(mem, n + 1, sizeof *copy) : NULL;

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_dup(mem, names[i]);
	return copy;
}

static void copy_member(struct arena *mem, const struct member *from, struct member *to)
{
	*to = *from;
	to->name = arena_dup(mem, from->name);
	to->label = arena_dup(mem, from->label);
	to->roles = copy_names(mem, from->roles);
	to->shared = copy_names(mem, from->shared);
}

static void free_member(struct cached_member *c)
{
	arena_done(&c->mem);
	free(c);
}

void engine_forget(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < CACHED_MEMBERS; i++) {
		if (e->members[i])
			free_member(e->members[i]);
		e->members[i] = NULL;
	}
	e->forgotten++;
	pthread_mutex_unlock(&e->lock);
	setting_forget();
}

uint64_t engine_generation(struct engine *e)
{
	pthread_mutex_lock(&e->lock);

	uint64_t n = e->forgotten;

	pthread_mutex_unlock(&e->lock);
	return n;
}

struct ask_member {
	int64_t id;
	struct member member;
	bool found;
};

static bool load_member(struct ctx *ctx, void *arg)
{
	struct ask_member *ask = arg;

	return member_load(ctx, ask->id, &ask->member, &ask->found);
}

/* Keeps a copy, unless the caches were emptied while it was being read. */
static void keep_member(struct engine *e, const struct member *m, uint64_t forgotten)
{
	struct cached_member *c = mem_alloc(sizeof *c);

	arena_init(&c->mem, 0);
	copy_member(&c->mem, m, &c->member);
	pthread_mutex_lock(&e->lock);

	struct cached_member **slot = &e->members[(uint64_t)m->id % CACHED_MEMBERS];

	if (e->forgotten == forgotten) {
		if (*slot)
			free_member(*slot);
		*slot = c;
		c = NULL;
	}
	pthread_mutex_unlock(&e->lock);
	if (c)
		free_member(c);
}

const struct member *engine_member(struct engine *e, struct arena *mem, int64_t id)
{
	struct member *m = arena_alloc(mem, sizeof *m);
	struct ask_member ask = { .id = id };
	struct work w = { .fn = load_member, .arg = &ask, .mem = mem };

	pthread_mutex_lock(&e->lock);

	struct cached_member *c = e->members[(uint64_t)id % CACHED_MEMBERS];
	uint64_t forgotten = e->forgotten;
	bool hit = c && c->member.id == id;

	if (hit)
		copy_member(mem, &c->member, m);
	pthread_mutex_unlock(&e->lock);
	if (hit)
		return m;
	if (!engine_read(e, &w) || !ask.found)
		return NULL;
	keep_member(e, &ask.member, forgotten);
	*m = ask.member;
	return m;
}

/* Work */

bool work_run(struct engine *e, struct work *w, struct db *db, const struct schema *s,
              bool writes, unsigned *ret_marks)
{
	static const char *no_roles[] = { NULL };
	struct member system = {
		.name = "system", .label = "系统", .roles = no_roles, .language = "zh", .system = true,
	};
	struct ctx ctx = {
		.mem = w->mem, .db = db, .schema = s, .me = w->me ? w->me : &system,
		.now = date_now(), .request = w->request, .engine = e, .writes = writes,
		.allow_duplicate = w->allow_duplicate, .import = w->import,
	};

	ctx.actor = w->actor ? w->actor : ctx.me->id;
	ctx.today = date_text(w->mem, instant_day(ctx.now));
	db_deadline(db, w->deadline_ms ? date_ticks() + w->deadline_ms : 0);
	w->errors = NULL;
	w->kind = ERR_NONE;

	bool ok = w->fn(&ctx, w->arg);

	db_deadline(db, 0);
	w->errors = ctx.errors;
	w->duplicates = ctx.duplicates;
	w->last_words = ctx.last_words;
	w->kind = ok ? ERR_NONE : ctx.kind ? ctx.kind : ERR_INTERNAL;
	*ret_marks = ctx.marks;
	return ok;
}

/* This thread's read connection, opened on first use. */
static _Thread_local struct {
	uint64_t serial;
	struct db *db;
} mine;

static struct db *read_connection(struct engine *e)
{
	struct arena mem;
	const char *error = NULL;

	if (mine.db && mine.serial == e->serial)
		return mine.db;
	arena_init(&mem, 0);

	struct db *db = db_open(&mem, e->url, DB_READ, &error);

	if (!db)
		log_line(LOG_ERROR, "cannot open the store", "message", error, NULL);
	arena_done(&mem);
	if (!db)
		return NULL;

	struct reader_slot *slot = mem_alloc(sizeof *slot);

	slot->db = db;
	pthread_mutex_lock(&e->lock);
	slot->next = e->readers;
	e->readers = slot;
	pthread_mutex_unlock(&e->lock);
	mine.db = db;
	mine.serial = e->serial;
	return db;
}

static bool read_once(struct engine *e, struct work *w, struct db *db)
{
	struct held_schema *h;
	unsigned marks;

	if (!db_begin(db)) {
		log_line(LOG_ERROR, "cannot begin", "message", db_message(db), NULL);
		w->kind = ERR_BUSY;
		return false;
	}
	h = schema_hold(e);
	w->ok = work_run(e, w, db, h->schema, false, &marks);
	schema_drop(e, h);
	db_rollback(db);
	return w->ok;
}

bool engine_read(struct engine *e, struct work *w)
{
	enum { TRIES = 3 };
	struct db *db = read_connection(e);

	if (!db) {
		w->kind = ERR_BUSY;
		return false;
	}
	for (int i = 0; i < TRIES; i++) {
		if (read_once(e, w, db))
			return true;
		if (w->kind != ERR_BUSY || db_code(db) == DB_STOPPED)
			break;
	}
	return false;
}

void engine_thread_done(struct engine *e)
{
	struct reader_slot **slot = &e->readers;

	if (!mine.db || mine.serial != e->serial)
		return;
	pthread_mutex_lock(&e->lock);
	while (*slot && (*slot)->db != mine.db)
		slot = &(*slot)->next;

	struct reader_slot *found = *slot;

	if (found)
		*slot = found->next;
	pthread_mutex_unlock(&e->lock);
	if (found)
		db_close(found->db);
	free(found);
	mine.db = NULL;
}

/* Open and close */

const char *engine_data(const struct engine *e)
{
	return e->data;
}

enum db_kind engine_kind(const struct engine *e)
{
	return e->kind;
}

static bool complain_open(struct arena *mem, struct complaint **ret, const char *where,
                          const char *message)
{
	struct complaint *c = arena_alloc(mem, sizeof *c);

	c->where = where;
	c->message = c->message_zh = message;
	*ret = c;
	return false;
}

/* The data directory and the connection that writes. */
static bool open_store(struct engine *e, const struct engine_options *options, struct arena *mem,
                       struct complaint **ret_complaints)
{
	const char *error = NULL;
	struct stat st;

	e->data = arena_dup(&e->mem, options->data ? options->data : "data");
	e->url = options->db ? arena_dup(&e->mem, options->db) : fmt(&e->mem, "%s/loudou.db", e->data);
	if (!options->create && !options->db && stat(e->url, &st) != 0)
		return complain_open(mem, ret_complaints, e->url, "there is no store here yet; start `loudou serve` or `loudou demo` first");
	if (mkdir(e->data, 0700) != 0 && errno != EEXIST)
		return complain_open(mem, ret_complaints, e->data, "cannot create this directory");
	mkdir(fmt(mem, "%s/files", e->data), 0700);
	mkdir(fmt(mem, "%s/temp", e->data), 0700);
	e->db = db_open(mem, e->url, DB_WRITE, &error);
	if (!e->db)
		return complain_open(mem, ret_complaints, e->url, error);
	e->kind = db_kind(e->db);
	return true;
}

static bool upgrade(struct engine *e, const struct engine_options *options, struct arena *mem,
                    struct complaint **ret_complaints)
{
	struct schema *s = NULL;

	if (!db_begin(e->db))
		return complain_open(mem, ret_complaints, e->url, arena_dup(mem, db_message(e->db)));
	if (!store_upgrade(e, options, mem, &s, ret_complaints)) {
		db_rollback(e->db);
		return false;
	}
	if (!db_commit(e->db)) {
		schema_free(s);
		return complain_open(mem, ret_complaints, e->url, arena_dup(mem, db_message(e->db)));
	}
	schema_swap(e, s);
	return true;
}

struct engine *engine_open(const struct engine_options *options, struct arena *mem,
                           struct complaint **ret_complaints)
{
	static uint64_t serial;
	struct engine *e = mem_alloc(sizeof *e);

	*ret_complaints = NULL;
	arena_init(&e->mem, 0);
	e->serial = __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);
	pthread_mutex_init(&e->lock, NULL);
	if (open_store(e, options, mem, ret_complaints) && upgrade(e, options, mem, ret_complaints) &&
	    lane_start(e) && store_seed(e))
		return e;
	if (!*ret_complaints)
		complain_open(mem, ret_complaints, e->url ? e->url : "", "the store could not be prepared; see the log");
	engine_close(e);
	return NULL;
}

void engine_close(struct engine *e)
{
	lane_stop(e);
	while (e->readers) {
		struct reader_slot *next = e->readers->next;

		db_close(e->readers->db);
		free(e->readers);
		e->readers = next;
	}
	if (e->db) {
		db_checkpoint(e->db, true);
		db_close(e->db);
	}
	engine_forget(e);
	while (e->schemas) {
		struct held_schema *next = e->schemas->next;

		schema_free(e->schemas->schema);
		free(e->schemas);
		e->schemas = next;
	}
	arena_done(&e->mem);
	free(e);
}

bool engine_plan(const struct engine_options *options, struct arena *mem, struct text *out,
                 struct complaint **ret_complaints)
{
	const char *error = NULL;
	struct store_plan plan;
	const char *url = options->db ? options->db
		: fmt(mem, "%s/loudou.db", options->data ? options->data : "data");
	struct db *db = db_open(mem, url, DB_READ, &error);

	if (!db)
		return complain_open(mem, ret_complaints, url, error);

	bool ok = store_plan(db, mem, options->drop, &plan, ret_complaints);

	if (ok) {
		text_add(out, plan.sql.s);
		schema_free(plan.schema);
	}
	db_close(db);
	return ok;
}

bool engine_reload(struct ctx *ctx)
{
	struct complaint *complaints = NULL;
	struct store_plan plan;

	if (!store_plan(ctx->db, ctx->mem, false, &plan, &complaints)) {
		for (; complaints; complaints = complaints->next)
			fail(ctx, ERR_INVALID, "body", "%s：%s", "%s: %s", complaints->where,
			     say(ctx, complaints->message_zh ? complaints->message_zh : complaints->message,
			         complaints->message));
		if (ctx->kind == ERR_NONE)
			fail_db(ctx, "reading declarations");
		return false;
	}
	if (!store_apply(ctx->db, ctx->mem, &plan)) {
		schema_free(plan.schema);
		return fail_db(ctx, "applying a declaration");
	}
	lane_schema(ctx->engine, plan.schema);
	ctx->schema = plan.schema;
	return system_roles(ctx) && measure_upgrade(ctx, false);
}
