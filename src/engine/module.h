/*
 * module: what a module sees of the engine.
 *
 * A module is a folder under modules/: declarations, reports, metrics, and –
 * only for behaviour – one C file with a struct module, listed in
 * modules/modules.c.  It includes this header and base/ and nothing else.
 */
#ifndef ENGINE_MODULE_H
#define ENGINE_MODULE_H

#include "base/date.h"
#include "base/json.h"
#include "base/number.h"
#include "engine/calendar.h"
#include "engine/column.h"
#include "engine/job.h"
#include "engine/metric.h"
#include "engine/member.h"
#include "engine/notice.h"
#include "engine/record.h"
#include "engine/setting.h"

/*
 * When, and how: only if a record is created or changed, not deleted or restored; as the member `system`.
 * Without that a hook runs as whoever writes, deletes or restores; what is seen only with a record goes and
 * comes back with it as the system.
 * HOOK_CHECK: a record that may be created is only asked about (record_check_json): refuses what would be refused
 * behind its row, writes nothing.
 */
enum { HOOK_BEFORE = 1, HOOK_AFTER = 2, HOOK_WRITES = 4, HOOK_SYSTEM = 8, HOOK_CHECK = 16 };

struct hook {
	const char *object;             /* NULL ends the list; "*": every object */
	unsigned when;
	bool (*fn)(struct ctx *ctx, struct change *c);
};

/* A declared action.  `id` is 0 for actions on the list.  `params` in declared order, with defaults. */
struct action_call {
	const struct object *object;
	const struct action *action;
	int64_t id;
	const struct value *params;
	struct json_writer *out;        /* what it answers instead of the record; NULL: the record */
	bool answered;                  /* set when something was written to out */
	bool unkept;                    /* set: nothing of the request is remembered for its Idempotency-Key */
};
struct action_impl {
	const char *object;
	const char *action;
	bool (*fn)(struct ctx *ctx, struct action_call *call);
};

/*
 * A report whose rows C makes ("computed" in its declaration).  Its SQL, checked
 * and run behind the caller's views like any other, yields figures; the function
 * reads them with db_next and hands out the declared rows with report_row.
 */
struct report_call {
	const struct report *report;
	const struct bind *params;      /* as stored, ended by a NULL name */
	struct query *figures;
	struct report_out *out;         /* the engine's */
};
struct report_impl {
	const char *report;             /* NULL ends the list */
	bool (*fn)(struct ctx *ctx, struct report_call *call);
};
/*
 * Writes a row; a column without cell is empty, a cell without column serves "open".  A cell of the name
 * "open" is the list behind this row itself.
 */
void report_row(struct ctx *ctx, struct report_call *call, const struct cell *cells);
struct value report_param(const struct report_call *call, const char *name);

/*
 * The rows of a report (one that exists) as the caller sees them, for C that acts on them: rules
 * at night, or a report over the periods of another.  Parameters by name as text, ended by a NULL name.
 */
struct report_line {
	const struct cell *cells;       /* the declared columns, ended by a NULL name */
	struct report_line *next;
};
bool report_rows(struct ctx *ctx, const char *report, const struct bind *params, struct report_line **ret);
/* By the name of a declared column. */
struct value report_value(const struct report_line *line, const char *column);

/* The next value of a spread ("f12=3 o4=1", NULL: empty), which moves on; false at its end.  `ret_value` is not ended by 0. */
bool spread_next(const char **spread, const char **ret_value, size_t *ret_length, int64_t *ret_n);

struct job_impl {
	const char *name;
	const char *schedule;           /* "daily 06:00", "hourly", "every 10m", "monday 00:00"; NULL: only when asked */
	bool (*fn)(struct ctx *ctx, const struct json *args);
	struct label label;             /* what it does, for whoever looks after the jobs */
};

/*
 * Work too long for the write lane (imports): runs on a thread of its own, with
 * the engine, and sends its writes to the lane in slices.  It asks job_stopping()
 * between them and returns false if so: then it is run again at the next start.
 */
struct slow_call {
	struct engine *engine;
	int64_t job;
	const struct member *me;        /* on whose behalf; NULL: system */
	const struct json *args;        /* NULL if there are none */
	struct arena *mem;
	const char *error;              /* what to show when it returns false */
};
/* One step of slow work in the write lane, as system, a transaction of its own.  False: call->error says why. */
bool slow_step(struct slow_call *call, bool (*fn)(struct ctx *ctx, void *arg), void *arg);
struct slow_impl {
	const char *name;
	const char *schedule;           /* as of a job; NULL */
	bool (*fn)(struct slow_call *call);
	struct label label;
};

struct module {
	const char *name;
	const struct hook *hooks;
	const struct action_impl *actions;
	const struct report_impl *reports;
	const struct job_impl *jobs;
	const struct slow_impl *slow;
	/* First rows of an empty store (stages, sources …); in the lane, as system. */
	bool (*seed)(struct ctx *ctx);
};

/* The list, in the order hooks run (modules/modules.c); ended by NULL. */
extern const struct module *const modules[];

struct value action_param(const struct action_call *call, const char *name);

/* What an action answers instead of its record: { key: id }, the record it made. */
void action_answer(struct action_call *call, const char *key, int64_t id);

#endif
