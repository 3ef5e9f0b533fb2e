/*
 * engine_inner: what the parts of engine share.  Nobody else includes this.
 *
 *   engine.c   opening and closing, the current schema, members, reads
 *   lane.c     the write lane
 *   store.c    what a store is: tables, applied declarations, upgrades, seeds
 *   backup.c   copies of a whole store
 */
#ifndef ENGINE_ENGINE_INNER_H
#define ENGINE_ENGINE_INNER_H

#include <pthread.h>

#include "engine/engine.h"

enum {
	LANE_QUEUE = 4096,              /* works waiting; more are refused as busy */
	LANE_BATCH = 256,               /* works a commit */
	LANE_MS = 8,                    /* and how long one batch may collect */
	CACHED_MEMBERS = 1024,
};

/* A schema that readers hold. */
struct held_schema {
	struct schema *schema;
	int holders;
	bool old;
	struct held_schema *next;
};

struct reader_slot {                    /* a thread's read connection */
	struct db *db;
	struct reader_slot *next;
};

struct listener {
	void (*fn)(void *ptr, int64_t last);
	void *ptr;
};

struct engine {
	struct arena mem;
	char *data;
	char *url;
	enum db_kind kind;
	uint64_t serial;                /* tells engines of one process apart */

	pthread_mutex_t lock;           /* guards what follows up to `lane` */
	struct held_schema *current;
	struct held_schema *schemas;    /* all that somebody may hold */
	struct reader_slot *readers;
	struct cached_member *members[CACHED_MEMBERS];
	uint64_t forgotten;             /* how often the caches were emptied */

	/* The lane. */
	pthread_t lane;
	bool lane_runs;
	pthread_mutex_t queue_lock;
	pthread_cond_t queue_more;
	struct work *queue, **queue_end;
	size_t queued;
	size_t batch;                   /* works a commit; LANE_BATCH but in the bench */
	bool stopping;
	struct db *db;                  /* the one connection that writes */
	struct schema *next_schema;     /* built in the running batch, swapped in at its commit */
	struct schema **spent;          /* built in the batch and replaced or refused; freed after it */
	size_t n_spent, cap_spent;
	int64_t last_change;
	struct listener listener;       /* under `lock` */
};

struct held_schema *schema_hold(struct engine *e);
void schema_drop(struct engine *e, struct held_schema *h);
void schema_swap(struct engine *e, struct schema *next);

/* Runs one piece of work on a connection whose transaction is open. */
bool work_run(struct engine *e, struct work *w, struct db *db, const struct schema *s,
              bool writes, unsigned *ret_marks);

/* The schema the running batch would publish; what it replaces lives until the batch is over. */
void lane_schema(struct engine *e, struct schema *next);

bool lane_start(struct engine *e);
void lane_stop(struct engine *e);

/* Forgets cached members and settings. */
void engine_forget(struct engine *e);

/* Brings the store to the declarations.  In an open write transaction. */
bool store_upgrade(struct engine *e, const struct engine_options *options, struct arena *mem,
                   struct schema **ret_schema, struct complaint **ret_complaints);
/* What leads from the store as it is to the declarations. */
struct store_plan {
	struct schema *schema;
	struct text sql;                /* statements, "" if nothing is to do */
	const char *kept;               /* what disappeared and stays in the tables; NULL */
};
bool store_plan(struct db *db, struct arena *mem, bool drop, struct store_plan *ret,
                struct complaint **ret_complaints);
/* Runs it and remembers the documents as applied.  In an open write transaction. */
bool store_apply(struct db *db, struct arena *mem, const struct store_plan *plan);
/* Roles, settings, calendar, regions, modules' first rows, of an empty store. */
bool store_seed(struct engine *e);

#endif
