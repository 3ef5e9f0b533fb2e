/*
 * engine: the running whole – store, schema, write lane, clock of jobs – and
 * how work gets done in it.
 *
 * Reads run on the calling thread with its own connection.  All writes run on
 * the write lane, one after another, each inside a savepoint; everything that
 * queued up meanwhile is committed at once, then the answers go out (group
 * commit).  A handler cannot tell: it still is one function, one transaction.
 * On PostgreSQL the lane is the same (docs/adr/0002).
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <semaphore.h>

#include "engine/module.h"

struct engine_options {
	const char *data;               /* directory: loudou.db, files/ */
	const char *db;                 /* URL, NULL: SQLite in data */
	bool create;                    /* make an empty store if there is none */
	bool read_only_schema;          /* do not upgrade: fail if the store is older */
	bool drop;                      /* migrate --drop */
};

/*
 * Opens the store, upgrades it to the declarations (after a backup if there
 * is something to lose), loads the schema.  NULL with complaints on stderr.
 */
struct engine *engine_open(const struct engine_options *options, struct arena *mem,
                           struct complaint **ret_complaints);
/* Finishes what is queued, checkpoints, closes. */
void engine_close(struct engine *e);

const char *engine_data(const struct engine *e);
enum db_kind engine_kind(const struct engine *e);

/* Writes the plan of an upgrade (migrate --plan) instead of doing it. */
bool engine_plan(const struct engine_options *options, struct arena *mem, struct text *out,
                 struct complaint **ret_complaints);

typedef bool work_fn(struct ctx *ctx, void *arg);

/*
 * A piece of work.  The caller fills the first part and keeps it alive until
 * `done` (lane) or the return (read, wait).
 */
struct work {
	work_fn *fn;
	void *arg;
	struct arena *mem;              /* for everything the work makes; not shared meanwhile */
	const struct member *me;        /* NULL: system */
	int64_t actor;                  /* 0: me */
	const char *request;
	int64_t deadline_ms;            /* 0: none */
	bool allow_duplicate;
	int64_t import;                 /* see ctx.h */
	/* A transaction of its own, without a savepoint: for slices of long work, see engine_wanted. */
	bool alone;
	/* Called on the lane's thread once committed or failed; NULL for engine_wait. */
	void (*done)(struct work *w);
	/* results */
	bool ok;
	enum error_kind kind;
	struct error *errors;
	const struct duplicate *duplicates;
	struct last_word *last_words;   /* see ctx.h */
	int64_t last_change;            /* highest change id of the commit */
	struct work *next;
	void *owner;
};

/* Runs on this thread in a read transaction.  False as fn, errors in w. */
bool engine_read(struct engine *e, struct work *w);
/* Queues for the write lane and returns.  False if the queue is full (ERR_BUSY). */
bool engine_write(struct engine *e, struct work *w);
/* Queues and waits. */
bool engine_wait(struct engine *e, struct work *w);
/* The same in two steps, to do something else meanwhile; `finished` is the caller's until the end. */
void engine_begin(struct engine *e, struct work *w, sem_t *finished);
bool engine_end(struct work *w);

/*
 * Does anybody wait for the lane?  Long work asks while it holds it, and goes
 * on as long as it disturbs nobody: large slices cost less than small ones.
 */
bool engine_wanted(struct engine *e);

/* Closes this thread's read connection (threads that end). */
void engine_thread_done(struct engine *e);

/*
 * Who is this?  A copy in mem, from a cache that the lane empties when members,
 * teams or shares change.  NULL if unknown or not active.
 */
const struct member *engine_member(struct engine *e, struct arena *mem, int64_t id);

/*
 * Runs `fn(ptr, last change id)` after each commit, on the lane's thread; it must be
 * quick.  One listener; NULL ends it (and waits for a running call).
 */
void engine_listen(struct engine *e, void (*fn)(void *ptr, int64_t last), void *ptr);

/* Counts up whenever members, roles, shares or settings changed: for caches of others. */
uint64_t engine_generation(struct engine *e);

/* Rebuilds the schema from built-in and stored documents; in the lane, after object rows changed. */
bool engine_reload(struct ctx *ctx);

/*
 * Checks a declaration together with all others, as if it were added, or stood in the stored document
 * `instead` (0: none); false with complaints.
 */
bool engine_check(struct ctx *ctx, const char *body, int64_t instead, struct complaint **ret_complaints);

/*
 * A consistent copy of rows and attachments in one file, while others work;
 * back into an empty directory; and a trial restore.  SQLite only.  *ret_error from mem.
 */
bool engine_backup(struct engine *e, struct arena *mem, const char *path, const char **ret_error);
bool engine_restore(struct arena *mem, const char *path, const char *data, const char **ret_error);
bool engine_backup_verify(struct arena *mem, const char *path, const char **ret_error);

#endif
