#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/log.h"
#include "engine/change.h"
#include "engine/engine_inner.h"
#include "engine/job.h"
#include "engine/member.h"

/*
 * The write lane: one thread that runs all writes, one after another.
 *
 * What queued up while a batch was being written forms the next batch: each
 * piece of work runs inside a savepoint, then one commit makes all of them
 * durable, then the answers go out.  A piece of work may be run again (the
 * database gave up the transaction), so it must start from nothing each time.
 */

/*
 * Takes up to `most` works off the queue; waits for the first if `wait`.  NULL: stopping.
 * Work that wants a transaction of its own is neither followed nor added.
 */
static struct work *take(struct engine *e, size_t most, bool wait)
{
	pthread_mutex_lock(&e->queue_lock);
	while (wait && !e->queue && !e->stopping)
		pthread_cond_wait(&e->queue_more, &e->queue_lock);

	struct work *first = e->queue && e->queue->alone && !wait ? NULL : e->queue;
	struct work *last = first;
	size_t n = first ? 1 : 0;

	while (last && !last->alone && last->next && !last->next->alone && n < most) {
		last = last->next;
		n++;
	}
	if (last) {
		e->queue = last->next;
		if (!e->queue)
			e->queue_end = &e->queue;
		last->next = NULL;
		e->queued -= n;
	}
	pthread_mutex_unlock(&e->queue_lock);
	return first;
}

static void refuse(struct work *w, enum error_kind kind, const char *zh, const char *en)
{
	bool english = w->me && text_eq(w->me->language, "en");

	w->ok = false;
	w->kind = kind;
	w->errors = arena_alloc(w->mem, sizeof *w->errors);
	w->errors->message = english ? en : zh;
}

/* The commit, or the start of the transaction, failed: nobody in the batch has been served. */
static void refuse_all(struct work *batch, enum db_code code)
{
	for (struct work *w = batch; w; w = w->next) {
		if (!w->ok)
			continue;       /* it already says why */
		if (code == DB_FULL)
			refuse(w, ERR_STORAGE, "磁盘空间已满，未保存", "The disk is full; nothing was saved");
		else
			refuse(w, ERR_BUSY, "未能保存，请稍后再试", "Not saved, please try again");
	}
}

/*
 * A storage that reports a failed flush cannot be trusted any more: what it
 * says next about these pages may be a lie.  Say so and stop; the next start
 * recovers from what is durable.
 */
static void stop_if_lost(struct engine *e, enum db_code code)
{
	if (code != DB_LOST || e->kind != DB_SQLITE)
		return;
	log_line(LOG_ERROR, "storage failed, stopping", "message", db_message(e->db), NULL);
	_Exit(74);
}

/* What the works of a batch left to do inside the transaction.  Runs as system. */
static bool settle(struct ctx *ctx, void *arg)
{
	unsigned marks = *(unsigned *)arg;

	return (!(marks & MARK_REACH) || member_reach(ctx)) && change_seal(ctx) &&
	       ctx_get_int(ctx, "SELECT max(seq) FROM t_seal", NULL, 0, &ctx->engine->last_change);
}

void lane_schema(struct engine *e, struct schema *next)
{
	/* Whoever runs in the batch may still hold pointers into the one that goes. */
	if (e->next_schema) {
		if (e->n_spent == e->cap_spent) {
			e->cap_spent = e->cap_spent * 2 + 4;
			e->spent = mem_grow(e->spent, e->cap_spent * sizeof(struct schema *));
		}
		e->spent[e->n_spent++] = e->next_schema;
	}
	e->next_schema = next;
}

static void free_spent(struct engine *e)
{
	while (e->n_spent)
		schema_free(e->spent[--e->n_spent]);
}

static bool enqueue(struct ctx *ctx, void *arg)
{
	for (const struct last_word *word = arg; word; word = word->next)
		if (!job_add(ctx, word->job, word->args, ctx->now, NULL))
			return false;
	return true;
}

/* What a refused work wanted to be known all the same, in a savepoint of its own.  False: the transaction is gone. */
static bool say_last_words(struct engine *e, const struct work *w, unsigned *marks)
{
	struct work last = { .fn = enqueue, .arg = w->last_words, .mem = w->mem, .actor = w->actor ? w->actor : w->me ? w->me->id : 0,
	                     .request = w->request };
	unsigned left = 0;

	if (!w->last_words)
		return true;
	if (!db_save(e->db))
		return false;
	if (!work_run(e, &last, e->db, e->next_schema ? e->next_schema : e->current->schema, true, &left)) {
		db_save_rollback(e->db);
		return true;
	}
	*marks |= left;
	return db_save_release(e->db);
}

/* One work inside its savepoint.  False: the whole transaction is gone. */
static bool run_saved(struct engine *e, struct work *w, unsigned *marks)
{
	unsigned left = 0;

	w->ok = false;
	if (!w->alone && !db_save(e->db))
		return false;

	struct schema *before = e->next_schema;
	const struct schema *s = before ? before : e->current->schema;

	w->ok = work_run(e, w, e->db, s, true, &left);
	if (w->alone) {
		*marks = left;
		return true;            /* if it failed, serve gives up the transaction */
	}
	if (w->ok && !db_save_release(e->db))
		return false;
	if (w->ok) {
		*marks |= left;
		return true;
	}
	if (e->next_schema != before)
		lane_schema(e, before);
	db_save_rollback(e->db);
	return say_last_words(e, w, marks);
}

static bool commit(struct engine *e, unsigned marks)
{
	struct arena mem;
	struct work last = { .fn = settle, .arg = &marks, .mem = &mem };
	unsigned none = 0;

	arena_init(&mem, 0);

	const struct schema *s = e->next_schema ? e->next_schema : e->current->schema;
	bool ok = work_run(e, &last, e->db, s, true, &none) && db_commit(e->db);

	arena_done(&mem);
	return ok;
}

/* Runs the batch, taking more while it is short.  False: it has to be run again, one by one. */
static bool run_batch(struct engine *e, struct work **batch, size_t most, unsigned *marks)
{
	int64_t until = date_ticks() + LANE_MS;
	struct work *w = *batch;
	size_t n = 0;

	for (;;) {
		if (!run_saved(e, w, marks))
			return false;
		n++;
		if (!w->next && !w->alone && n < most && date_ticks() < until)
			w->next = take(e, most - n, false);
		if (!w->next)
			return true;
		w = w->next;
	}
}

static void publish(struct engine *e, struct work *batch, unsigned marks)
{
	if (e->next_schema) {
		schema_swap(e, e->next_schema);
		e->next_schema = NULL;
		marks |= MARK_CACHES;
	}
	free_spent(e);
	if (marks & MARK_CACHES)
		engine_forget(e);
	while (batch) {
		struct work *next = batch->next;        /* done() may free the work */

		batch->next = NULL;
		batch->last_change = e->last_change;
		if (batch->done)
			batch->done(batch);
		batch = next;
	}
	pthread_mutex_lock(&e->lock);
	if (e->listener.fn)
		e->listener.fn(e->listener.ptr, e->last_change);
	pthread_mutex_unlock(&e->lock);
}

/* Begins, runs, commits; on failure nobody is acknowledged. */
static bool serve(struct engine *e, struct work **batch, size_t most)
{
	unsigned marks = 0;
	bool begun = db_begin(e->db);
	bool again = begun && !run_batch(e, batch, most, &marks);
	bool refused = begun && (*batch)->alone && !(*batch)->ok;

	if (begun && !again && !refused && commit(e, marks)) {
		publish(e, *batch, marks);
		return true;
	}

	enum db_code code = db_code(e->db);

	stop_if_lost(e, code);
	db_rollback(e->db);
	lane_schema(e, NULL);
	free_spent(e);
	if (again && most > 1)
		return false;
	if (!refused) {
		log_line(LOG_ERROR, "batch failed", "message", db_message(e->db), NULL);
		refuse_all(*batch, code);
	}
	publish(e, *batch, 0);
	return true;
}

static void *lane_main(void *ptr)
{
	struct engine *e = ptr;
	struct work *batch;

	for (;;) {
		size_t most = __atomic_load_n(&e->batch, __ATOMIC_RELAXED);

		batch = take(e, most, true);
		if (!batch)
			break;
		if (!serve(e, &batch, most)) {
			/* One of them broke the transaction of all: give each its own. */
			while (batch) {
				struct work *alone = batch;

				batch = batch->next;
				alone->next = NULL;
				serve(e, &alone, 1);
			}
		}
		if (!db_checkpoint(e->db, false))
			log_line(LOG_WARN, "checkpoint", "message", db_message(e->db), NULL);
	}
	return NULL;
}

bool lane_start(struct engine *e)
{
	pthread_mutex_init(&e->queue_lock, NULL);
	pthread_cond_init(&e->queue_more, NULL);
	e->queue_end = &e->queue;
	e->batch = LANE_BATCH;
	e->lane_runs = pthread_create(&e->lane, NULL, lane_main, e) == 0;
	return e->lane_runs;
}

void lane_stop(struct engine *e)
{
	if (!e->lane_runs)
		return;
	pthread_mutex_lock(&e->queue_lock);
	e->stopping = true;
	pthread_cond_signal(&e->queue_more);
	pthread_mutex_unlock(&e->queue_lock);
	pthread_join(e->lane, NULL);
	free(e->spent);
	e->lane_runs = false;
}

bool engine_write(struct engine *e, struct work *w)
{
	w->next = NULL;
	pthread_mutex_lock(&e->queue_lock);

	bool room = e->queued < LANE_QUEUE && !e->stopping;

	if (room) {
		*e->queue_end = w;
		e->queue_end = &w->next;
		e->queued++;
		pthread_cond_signal(&e->queue_more);
	}
	pthread_mutex_unlock(&e->queue_lock);
	if (!room)
		refuse(w, ERR_BUSY, "系统繁忙，请稍后再试", "Busy, please try again");
	return room;
}

bool engine_wanted(struct engine *e)
{
	pthread_mutex_lock(&e->queue_lock);

	bool ret = e->queue != NULL || e->stopping;

	pthread_mutex_unlock(&e->queue_lock);
	return ret;
}

static void wake(struct work *w)
{
	sem_post(w->owner);
}

void engine_begin(struct engine *e, struct work *w, sem_t *finished)
{
	sem_init(finished, 0, 0);
	w->owner = finished;
	w->done = wake;
	if (!engine_write(e, w))
		wake(w);
}

bool engine_end(struct work *w)
{
	while (sem_wait(w->owner) != 0)
		;
	sem_destroy(w->owner);
	return w->ok;
}

bool engine_wait(struct engine *e, struct work *w)
{
	sem_t finished;

	engine_begin(e, w, &finished);
	return engine_end(w);
}

void engine_listen(struct engine *e, void (*fn)(void *ptr, int64_t last), void *ptr)
{
	pthread_mutex_lock(&e->lock);
	e->listener = (struct listener){ fn, ptr };
	pthread_mutex_unlock(&e->lock);
}
