/*
 * job: the queue and the clock.
 *
 * A job is a record: name, arguments, due time, unique key, lease, attempts,
 * last error, and on whose behalf it runs.  One thread claims due jobs; work is
 * done in the write lane.  A job that fails is tried again after 1, 5, 25, 125
 * minutes, then stays visible as failed, with an action to retry.  A job whose
 * process died is claimed again when its lease ends.
 */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include "engine/ctx.h"

/*
 * Enqueues in the current transaction.  With a `key`, a waiting job of the
 * same key is moved to the earlier due time instead.  `args` is JSON text or NULL.
 */
bool job_add(struct ctx *ctx, const char *name, const char *args, int64_t due_at, const char *key);

/* Starts and stops the thread; schedules of all modules are entered at start. */
bool job_start(struct engine *e);
void job_stop(struct engine *e);

/* Runs everything due at `now` on the calling thread (tests, commands). */
bool job_run_due(struct engine *e, int64_t now, int64_t *ret_ran);

/* The next time a schedule is due after `now`; false if the text is not a schedule. */
bool job_next(const char *schedule, int64_t now, int64_t *ret_at);

#endif
