/*
 * ctx: everything a piece of work may touch, and how it says what went wrong.
 *
 * A request, a job run or a command is one context: one arena, one connection
 * in one transaction, one instant.  Whoever allocates takes the context's
 * arena; nobody frees.
 */
#ifndef ENGINE_CTX_H
#define ENGINE_CTX_H

#include "base/error.h"
#include "db/db.h"
#include "engine/schema.h"

struct engine;

/* Left by hooks for the lane; see engine.c. */
enum mark {
	MARK_REACH = 1,                 /* members, teams: rebuild t_reach before the commit */
	MARK_CACHES = 2,                /* members, roles, shares, settings: forget what is cached after it */
};

/* Beyond this share of all members those out of reach are fewer than those within. */
enum { MOST_OF_ALL = 500 };

/* Who asks. */
struct member {
	int64_t id;
	const char *name;               /* sign-in name */
	const char *label;              /* 王芳 */
	int64_t team;                   /* 0: none */
	const char **roles;             /* names, ended by NULL */
	const char *language;           /* "zh" or "en" */
	bool system;                    /* hooks, jobs, commands: reach is all */
	bool admin;                     /* has the role admin: reach is all on every object, all fields */
	const char **shared;            /* objects of which somebody shared a record with this member, ended by NULL; NULL: none */
	int64_t share[3];               /* by level of t_reach: how many of a thousand members are within it */
	bool temporary;                 /* has a password somebody else set: may only change it */
	bool read_only;                 /* signed in with a token that may not change anything */
};

struct last_word {
	const char *job;
	const char *args;
	struct last_word *next;
};

struct ctx {
	struct arena *mem;
	struct db *db;
	const struct schema *schema;
	const struct member *me;
	int64_t actor;                  /* the member behind the work, also while me is system */
	int64_t now;                    /* ms UTC */
	const char *today;              /* the company's day of now */
	const char *request;            /* id for the log; NULL in commands */
	enum error_kind kind;           /* of the first failure */
	struct error *errors;           /* in order */
	struct engine *engine;
	bool writes;                    /* in the write lane */
	unsigned marks;                 /* what the lane has to do before or after the commit, enum mark */
	int64_t import;                 /* the import this work belongs to, 0: none.  Its rows stay invisible
	                                   until it is through; no $me defaults, no gates of stages */
	struct last_word *last_words;   /* jobs to enqueue if this is refused (job.h) */
	bool allow_duplicate;
	bool stale;                     /* refused because somebody changed the record meanwhile */
	const struct duplicate *duplicates;     /* what a refused write was like (record.c) */
	struct tallies *tallies;                /* collected by measure.c; NULL: written at once */
	struct kept_row {                       /* what record_get read last: fields are asked for one after the other */
		const struct object *o;
		int64_t id;
		const struct member *me;
		int64_t import;
		uint64_t written;               /* of the connection, when it was read */
		struct value *values;
	} kept;
};

/*
 * Records a failure and returns false.  `field` may be NULL.  The text is the
 * message for the person, in the member's language: call with both; they take
 * the same arguments in the same order.
 */
bool fail(struct ctx *ctx, enum error_kind kind, const char *field,
          const char *zh, const char *en, ...);
/* Turns the connection's last failure into an error (and a log line). False. */
bool fail_db(struct ctx *ctx, const char *what);

/* The text in the member's language. */
const char *say(const struct ctx *ctx, const char *zh, const char *en);
bool in_english(const struct ctx *ctx);

/* What follows allocates in `mem`, which may be used anew: what was kept is forgotten. */
void ctx_use(struct ctx *ctx, struct arena *mem);

/* Forgets errors (a caller that tries something else). */
void ctx_forget(struct ctx *ctx);

/*
 * Runs what follows as the member `system`, whose views are complete.  Returns
 * the former member for ctx_as.  The change log still names the person.
 */
const struct member *ctx_as_system(struct ctx *ctx);
void ctx_as(struct ctx *ctx, const struct member *m);

bool ctx_has_role(const struct ctx *ctx, const char *role);
bool ctx_in_roles(const struct ctx *ctx, const struct role_list *list);   /* empty list: true; admin and system: true */

/* How many rows ctx_rows is given at once: enough that the statements cost little, few enough for the names in one. */
enum { ROWS_AT_ONCE = 100 };

/*
 * One statement for many rows: `before`, then `row` for each, separated by commas, with its "$?" standing for the row's next
 * value, then `after`.  `values` holds `width` of them a row; $now, $me, $today are bound, too.
 */
bool ctx_rows(struct ctx *ctx, const char *before, const char *row, const char *after,
              const struct value *values, size_t rows, size_t width);

/* db_query, db_exec with $me, $now, $today bound besides `binds`, failing through fail_db. */
struct query *ctx_query(struct ctx *ctx, const char *sql, const struct bind *binds);
/* The same through db_stream: for rows that may be too many to hold. */
struct query *ctx_stream(struct ctx *ctx, const char *sql, const struct bind *binds);
bool ctx_exec(struct ctx *ctx, const char *sql, const struct bind *binds, int64_t *ret_rows);
bool ctx_insert(struct ctx *ctx, const char *sql, const struct bind *binds, int64_t *ret_id);
bool ctx_get_int(struct ctx *ctx, const char *sql, const struct bind *binds,
                 int64_t otherwise, int64_t *ret);
bool ctx_get_text(struct ctx *ctx, const char *sql, const struct bind *binds, const char **ret);
/* The integers of the first column of all rows. */
bool ctx_ids(struct ctx *ctx, const char *sql, const struct bind *binds, int64_t **ret_ids,
             size_t *ret_n);

#endif
