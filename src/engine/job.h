/*
 * job: the queue and the clock.
 *
 * A job is a record: name, arguments, due time, unique key, lease, attempts,
 * last error, and on whose behalf it runs.  One thread claims due jobs; work is
 * done in the write lane, as the member `system` (the change log names the person).  A job that
 * fails is tried again after 1, 5, 25, 125 minutes, then stays visible as
 * failed, with an action to retry.  A job whose process died is claimed again
 * when its lease ends.  Slow jobs (module.h) run beside, one at a time.
 */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include "base/json.h"
#include "engine/ctx.h"

/*
 * Enqueues in the current transaction.  With a `key`, a waiting job of the
 * same key is moved to the earlier due time instead.  `args` is JSON text or NULL.
 */
bool job_add(struct ctx *ctx, const char *name, const char *args, int64_t due_at, const char *key);

/*
 * Enqueues only if this work is refused and rolled back: what must be known of an attempt all the same.  Not for slices
 * of long work, whose refusal is of the whole.
 */
void job_if_refused(struct ctx *ctx, const char *name, const char *args);

/* Does the work of a job of the lane here, in this context: for whoever sets its clock (the demo). */
bool job_now(struct ctx *ctx, const char *name, const struct json *args);

/* The action of a failed job: it waits again, due now, as if never tried. */
bool job_retry(struct ctx *ctx, int64_t id);

/* The actions of a waiting one: due now; never, unless it is scheduled. */
bool job_hurry(struct ctx *ctx, int64_t id);
bool job_cancel(struct ctx *ctx, int64_t id);

/* Writes { NAME: { "zh", "en" } … }: what each of all jobs does. */
void job_write_labels(struct json_writer *w);

/* One more module whose jobs are known, besides those of modules.c (tests); NULL: none. */
struct module;
void job_also(const struct module *m);

/* Starts and stops the threads; schedules of all modules are entered at start. */
bool job_start(struct engine *e);
/* Waits for what is running; slow jobs are asked to stop. */
void job_stop(struct engine *e);

/* Is the program ending?  Slow jobs ask between their slices. */
bool job_stopping(void);
/* How far a slow job is; keeps its lease as well. */
bool job_progress(struct engine *e, int64_t job, int64_t progress);

/* Runs everything due at `now` on the calling thread (tests, commands). */
bool job_run_due(struct engine *e, int64_t now, int64_t *ret_ran);

/*
 * The next time a schedule is due after `now`; false if the text is not a
 * schedule: "hourly", "every 10m", "every 6h", "daily 06:00", "monday 00:00".
 */
bool job_next(const char *schedule, int64_t now, int64_t *ret_at);

#endif
