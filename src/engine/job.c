#include "engine/job.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/date.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/scope.h"
#include "engine/search.h"
#include "engine/system.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	LEASE = 10 * MINUTE,            /* a claim holds so long without a sign of life */
	DEADLINE = MINUTE,              /* of a job in the write lane */
	KEEP = 7,                       /* days that done jobs stay visible */
	AT_ONCE = 10000,                /* jobs job_run_due runs before it suspects a circle */
};

/* What is waited after the first, second … failure. */
static const int64_t delays[] = { MINUTE, 5 * MINUTE, 25 * MINUTE, 125 * MINUTE };

static const char scheduled[] = "schedule ";    /* what the keys of scheduled jobs begin with */

/* The engine's own jobs */

static bool clean(struct ctx *ctx, const struct json *args)
{
	const struct object *o = schema_object(ctx->schema, "job");

	(void)args;
	return ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE state = 'done' AND done_at < $before",
	                         scope_table(ctx->mem, o)),
	                (struct bind[]){ { "before", v_int(ctx->now - KEEP * 24 * 60 * (int64_t)MINUTE) },
	                                 { 0 } }, NULL);
}

static const struct module own = {
	.name = "job",
	.jobs = (const struct job_impl[]){
		{ "search_rebuild", NULL, search_job, { "重建搜索索引", "Rebuild the search index" } },
		{ "calendar_update", "daily 00:10", calendar_job, { "更新工作日历", "Bring the calendar up to date" } },
		{ "job_clean", "daily 03:40", clean, { "清除完成的任务", "Clear finished jobs" } },
		{ 0 },
	},
};

/* What is behind a name: one of the two. */
struct impl {
	const struct job_impl *job;
	const struct slow_impl *slow;
};

static const struct module nothing = { .name = "nothing" };
static const struct module *also = &nothing;

void job_also(const struct module *m)
{
	also = m ? m : &nothing;
}

/* The i-th module with the engine's own in front; NULL at the end. */
static const struct module *module_at(size_t i)
{
	const struct module *const first[] = { &own, &system_module, also };

	return i < LENGTH(first) ? first[i] : modules[i - LENGTH(first)];
}

static struct impl impl_of(const char *name)
{
	const struct module *m;

	for (size_t i = 0; (m = module_at(i)); i++) {
		for (const struct job_impl *j = m->jobs; j && j->name; j++)
			if (text_eq(j->name, name))
				return (struct impl){ .job = j };
		for (const struct slow_impl *s = m->slow; s && s->name; s++)
			if (text_eq(s->name, name))
				return (struct impl){ .slow = s };
	}
	return (struct impl){ 0 };
}

void job_write_labels(struct json_writer *w)
{
	const struct module *m;

	jw_object(w);
	for (size_t i = 0; (m = module_at(i)); i++) {
		for (const struct job_impl *j = m->jobs; j && j->name; j++)
			label_write(w, j->name, j->label);
		for (const struct slow_impl *s = m->slow; s && s->name; s++)
			label_write(w, s->name, s->label);
	}
	jw_object_end(w);
}

static const char *schedule_of(struct impl i)
{
	return i.job ? i.job->schedule : i.slow ? i.slow->schedule : NULL;
}

/* Schedules */

/* At a time of each day, or (weekday not 0) of one day of the week. */
static bool next_day(const char *clock, int weekday, int64_t now, int64_t *ret_at)
{
	if (clock_minutes(clock) < 0)
		return false;
	for (int64_t day = instant_day(now);; day++) {
		int64_t at = day_clock(day, clock);

		if (at <= now || (weekday && date_weekday(day) != weekday))
			continue;
		*ret_at = at;
		return true;
	}
}

static bool next_period(const char *s, int64_t now, int64_t *ret_at)
{
	int64_t n = 0;
	size_t digits = strspn(s, "0123456789");

	for (size_t i = 0; i < digits && n <= 1440; i++)
		n = n * 10 + s[i] - '0';
	if (text_eq(s + digits, "h"))
		n *= 60;
	else if (!text_eq(s + digits, "m"))
		return false;
	if (n < 1 || n > 1440)
		return false;
	*ret_at = (now / (n * MINUTE) + 1) * n * MINUTE;
	return true;
}

bool job_next(const char *schedule, int64_t now, int64_t *ret_at)
{
	static const char *const weekdays[] = { "monday ", "tuesday ", "wednesday ", "thursday ",
	                                        "friday ", "saturday ", "sunday " };

	if (text_eq(schedule, "hourly"))
		return next_period("60m", now, ret_at);
	if (text_starts(schedule, "every "))
		return next_period(schedule + strlen("every "), now, ret_at);
	if (text_starts(schedule, "daily "))
		return next_day(schedule + strlen("daily "), 0, now, ret_at);
	for (int i = 0; i < (int)LENGTH(weekdays); i++)
		if (text_starts(schedule, weekdays[i]))
			return next_day(schedule + strlen(weekdays[i]), i + 1, now, ret_at);
	return false;
}

/* The queue */

/* The threads.  One program has one clock. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct engine *engine;
	pthread_t clock, worker;
	bool runs, stopping;
	bool last;                      /* the clock hands nothing more to the worker */
	bool poked;                     /* a job was added */
	struct claim *slow;             /* what the worker runs or is about to; NULL: it is free */
} threads = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void poke(void)
{
	pthread_mutex_lock(&threads.lock);
	threads.poked = true;
	pthread_cond_broadcast(&threads.changed);
	pthread_mutex_unlock(&threads.lock);
}

/* Starts the text of a query: WITH job AS (…), every row. */
static void job_view(struct ctx *ctx, struct text *sql)
{
	const struct object *set[] = { schema_object(ctx->schema, "job"), NULL };

	text_init(sql, ctx->mem);
	scope_with(ctx, set, SCOPE_ALIVE, sql);
}

static bool add(struct ctx *ctx, const char *name, const char *args, int64_t due_at,
                const char *key)
{
	int64_t waiting = 0;
	struct text sql;

	if (key) {
		job_view(ctx, &sql);
		text_add(&sql, "SELECT id FROM job WHERE key = $key");
		if (!ctx_get_int(ctx, sql.s, (struct bind[]){ { "key", v_text(key) }, { 0 } }, 0, &waiting))
			return false;
	}
	if (!waiting)
		return record_create(ctx, "job", (struct cell[]){
			{ "name", v_text(name) }, { "args", v_text(args) }, { "due_at", v_int(due_at) },
			{ "key", v_text(key) }, { "state", v_text("waiting") }, { "attempts", v_int(0) },
			{ "schedule", v_text(key && text_starts(key, scheduled) ? schedule_of(impl_of(name)) : NULL) },
			{ "member", v_id(ctx->actor) }, { 0 } }, NULL);

	struct value due;

	if (!record_get(ctx, "job", waiting, "due_at", &due))
		return false;
	return due.i <= due_at ||
	       record_update(ctx, "job", waiting, (struct cell[]){ { "due_at", v_int(due_at) }, { 0 } });
}

bool job_add(struct ctx *ctx, const char *name, const char *args, int64_t due_at, const char *key)
{
	struct impl i = impl_of(name);

	assert(i.job || i.slow);

	const struct member *before = ctx_as_system(ctx);
	bool ok = add(ctx, name, args, due_at, key);

	ctx_as(ctx, before);
	if (ok)
		poke();
	return ok;
}

void job_if_refused(struct ctx *ctx, const char *name, const char *args)
{
	struct last_word *word;

	assert(impl_of(name).job);
	if (!ctx->writes)
		return;
	word = arena_alloc(ctx->mem, sizeof *word);
	*word = (struct last_word){ name, args, ctx->last_words };
	ctx->last_words = word;
}

bool job_now(struct ctx *ctx, const char *name, const struct json *args)
{
	struct impl i = impl_of(name);

	assert(i.job);
	return i.job->fn(ctx, args);
}

/* Changes a job that is in this state, as the system; fails with `zh`, `en` if it is not. */
static bool change_in(struct ctx *ctx, int64_t id, const char *state, const struct cell *cells, const char *zh,
                      const char *en)
{
	struct value now;

	if (!record_get(ctx, "job", id, "state", &now))
		return false;
	if (now.kind != V_TEXT || !text_eq(now.s, state))
		return fail(ctx, ERR_INVALID, NULL, "%s", "%s", say(ctx, zh, en));

	const struct member *before = ctx_as_system(ctx);
	bool ok = record_update(ctx, "job", id, cells);

	ctx_as(ctx, before);
	if (ok)
		poke();
	return ok;
}

bool job_retry(struct ctx *ctx, int64_t id)
{
	return change_in(ctx, id, "failed", (struct cell[]){
		{ "state", v_text("waiting") }, { "due_at", v_int(ctx->now) }, { "attempts", v_int(0) }, { 0 } },
		"只有失败的任务可以重试", "Only a failed job can be retried");
}

bool job_hurry(struct ctx *ctx, int64_t id)
{
	return change_in(ctx, id, "waiting", (struct cell[]){ { "due_at", v_int(ctx->now) }, { 0 } },
	                 "只有等待中的任务可以立即执行", "Only a waiting job can be run now");
}

bool job_cancel(struct ctx *ctx, int64_t id)
{
	struct value key;

	if (!record_get(ctx, "job", id, "key", &key))
		return false;
	if (key.kind == V_TEXT && text_starts(key.s, scheduled))
		return fail(ctx, ERR_INVALID, NULL, "按时间表执行的任务不能取消",
		            "What runs by a schedule cannot be cancelled");
	return change_in(ctx, id, "waiting", (struct cell[]){
		{ "state", v_text("cancelled") }, { "key", v_null() }, { "done_at", v_int(ctx->now) }, { 0 } },
		"只有等待中的任务可以取消", "Only a waiting job can be cancelled");
}

/* One run of one job. */
struct claim {
	struct arena mem;
	struct engine *engine;
	int64_t now;                    /* due before this; what delays count from */
	bool no_slow;                   /* the worker is busy */
	int64_t id;                     /* 0: nothing due */
	const char *name;
	const char *args;
	int64_t member;
	int64_t attempts;               /* this one included */
	const char *key;
	const char *error;
};

static bool run_work(struct claim *c, work_fn *fn, struct work *w)
{
	*w = (struct work){ .fn = fn, .arg = c, .mem = &c->mem, .actor = c->member };
	w->request = c->id ? fmt(&c->mem, "job-%" PRId64, c->id) : NULL;
	w->deadline_ms = DEADLINE;
	return engine_wait(c->engine, w);
}

/* Adds "AND name NOT IN (…)" with the slow jobs. */
static void without_slow(struct text *sql)
{
	const struct module *m;
	int n = 0;

	for (size_t i = 0; (m = module_at(i)); i++)
		for (const struct slow_impl *s = m->slow; s && s->name; s++)
			text_addf(sql, "%s'%s'", n++ ? ", " : " AND name NOT IN (", s->name);
	text_add(sql, n ? ")" : "");
}

/* Fills in the job to run next; its id stays 0 if there is none. */
static bool find_due(struct ctx *ctx, void *arg)
{
	static const char *const ways[] = {
		"state = 'running' AND leased_until <= $due",
		"state = 'waiting' AND due_at <= $due",
	};
	struct claim *c = arg;

	c->id = 0;
	for (size_t i = 0; i < LENGTH(ways) && !c->id; i++) {
		struct text sql;

		job_view(ctx, &sql);
		text_addf(&sql, "SELECT id, name, args, member, attempts, key FROM job WHERE %s", ways[i]);
		if (c->no_slow)
			without_slow(&sql);
		text_add(&sql, " ORDER BY due_at, id LIMIT 1");

		struct query *q = ctx_query(ctx, sql.s, (struct bind[]){ { "due", v_int(c->now) }, { 0 } });

		if (!q)
			return false;
		if (db_next(q)) {
			c->id = db_int(q, 0);
			c->name = arena_dup(ctx->mem, db_text(q, 1));
			c->args = arena_dup(ctx->mem, db_text(q, 2));
			c->member = db_int(q, 3);
			c->attempts = db_int(q, 4) + 1;
			c->key = arena_dup(ctx->mem, db_text(q, 5));
		}
		db_done(q);
	}
	return true;
}

/*
 * Takes the next due job.  Committed before it runs, so that a run that kills the
 * process is counted.  Its key is free again from here on: who enqueues now
 * wants another run.  A scheduled job enters its next one.
 */
static bool take(struct ctx *ctx, void *arg)
{
	struct claim *c = arg;
	int64_t next;

	if (!find_due(ctx, c))
		return false;
	if (!c->id)
		return true;

	const char *schedule = schedule_of(impl_of(c->name));

	if (!record_update(ctx, "job", c->id, (struct cell[]){
	        { "state", v_text("running") }, { "leased_until", v_int(c->now + LEASE) },
	        { "started_at", v_int(ctx->now) },
	        { "attempts", v_int(c->attempts) }, { "key", v_null() }, { 0 } }))
		return false;
	return !c->key || !text_starts(c->key, scheduled) || !schedule ||
	       !job_next(schedule, c->now, &next) || job_add(ctx, c->name, NULL, next, c->key);
}

static bool mark_done(struct ctx *ctx, void *arg)
{
	struct claim *c = arg;

	return record_update(ctx, "job", c->id, (struct cell[]){
		{ "state", v_text("done") }, { "done_at", v_int(ctx->now) }, { "leased_until", v_null() },
		{ "error", v_null() }, { 0 } });
}

/* Again later, or for good. */
static bool mark_failed(struct ctx *ctx, void *arg)
{
	struct claim *c = arg;
	size_t n = (size_t)c->attempts;
	bool again = n <= LENGTH(delays) && (impl_of(c->name).job || impl_of(c->name).slow);

	return record_update(ctx, "job", c->id, (struct cell[]){
		{ "state", v_text(again ? "waiting" : "failed") },
		{ "due_at", v_int(c->now + (again ? delays[n - 1] : 0)) },
		{ "leased_until", v_null() }, { "error", v_text(c->error) }, { 0 } });
}

/* Interrupted by the end of the program: not its fault. */
static bool mark_waiting(struct ctx *ctx, void *arg)
{
	struct claim *c = arg;

	return record_update(ctx, "job", c->id, (struct cell[]){
		{ "state", v_text("waiting") }, { "leased_until", v_null() },
		{ "attempts", v_int(c->attempts - 1) }, { 0 } });
}

static const struct json *parse_args(struct arena *mem, const char *args)
{
	struct json_error error;

	return args ? json_parse(mem, args, strlen(args), &error) : NULL;
}

/* A job of the lane: its effects and "done" are one transaction. */
static bool run_in_lane(struct ctx *ctx, void *arg)
{
	struct claim *c = arg;
	struct impl i = impl_of(c->name);

	if (!i.job)
		return fail(ctx, ERR_INTERNAL, NULL, "没有名为“%s”的任务", "There is no job \"%s\"", c->name);
	return i.job->fn(ctx, parse_args(ctx->mem, c->args)) && mark_done(ctx, c);
}

static const char *errors_text(struct arena *mem, const struct error *errors)
{
	struct text t;

	text_init(&t, mem);
	for (; errors && t.len < 2000; errors = errors->next)
		text_addf(&t, "%s%s%s%s", t.len ? "\n" : "", errors->field ? errors->field : "",
		          errors->field ? ": " : "", errors->message);
	return t.len ? t.s : "failed without saying why; see the log";
}

bool slow_step(struct slow_call *call, bool (*fn)(struct ctx *ctx, void *arg), void *arg)
{
	struct work w = { .fn = fn, .arg = arg, .mem = call->mem, .actor = call->me ? call->me->id : 0, .deadline_ms = DEADLINE,
	                  .request = fmt(call->mem, "job-%" PRId64, call->job) };

	if (engine_wait(call->engine, &w))
		return true;
	call->error = errors_text(call->mem, w.errors);
	return false;
}

static void note_failure(struct claim *c, const char *error)
{
	struct work w;

	c->error = error;
	log_line(LOG_WARN, "job failed", "job", fmt(&c->mem, "%" PRId64, c->id), "name", c->name,
	         "attempt", fmt(&c->mem, "%" PRId64, c->attempts), "message", error, NULL);
	if (!run_work(c, mark_failed, &w))
		log_line(LOG_ERROR, "job: cannot note the failure", "name", c->name, "message",
		         errors_text(&c->mem, w.errors), NULL);
}

static void run_slow(struct claim *c, const struct slow_impl *impl)
{
	struct slow_call call = { .engine = c->engine, .job = c->id, .mem = &c->mem };
	struct work w;

	call.args = parse_args(&c->mem, c->args);
	if (c->member) {
		call.me = engine_member(c->engine, &c->mem, c->member);
		if (!call.me) {
			note_failure(c, "the member it runs for is not active");
			return;
		}
	}
	if (impl->fn(&call)) {
		if (!run_work(c, mark_done, &w))
			note_failure(c, errors_text(&c->mem, w.errors));
	} else if (job_stopping()) {
		run_work(c, mark_waiting, &w);
	} else {
		note_failure(c, call.error ? call.error : "failed without saying why; see the log");
	}
}

static void run_claim(struct claim *c)
{
	struct impl i = impl_of(c->name);
	struct work w;

	if (c->attempts > (int64_t)LENGTH(delays) + 1)
		note_failure(c, "the program ended each time this ran");
	else if (i.slow)
		run_slow(c, i.slow);
	else if (!run_work(c, run_in_lane, &w))
		note_failure(c, errors_text(&c->mem, w.errors));
}

static struct claim *claim_new(struct engine *e, int64_t now)
{
	struct claim *c = mem_alloc(sizeof *c);

	arena_init(&c->mem, 0);
	c->engine = e;
	c->now = now;
	return c;
}

static void claim_free(struct claim *c)
{
	struct arena mem = c->mem;

	arena_done(&mem);
	free(c);
}

bool job_run_due(struct engine *e, int64_t now, int64_t *ret_ran)
{
	for (*ret_ran = 0; *ret_ran < AT_ONCE; *ret_ran += 1) {
		struct claim *c = claim_new(e, now);
		struct work w;
		bool ok = run_work(c, take, &w);
		bool due = ok && c->id;

		if (due)
			run_claim(c);
		claim_free(c);
		if (!due)
			return ok;
	}
	return false;
}

/* The threads */

bool job_stopping(void)
{
	pthread_mutex_lock(&threads.lock);

	bool ret = threads.stopping;

	pthread_mutex_unlock(&threads.lock);
	return ret;
}

struct sign_of_life {
	int64_t job;
	int64_t progress;               /* -1: not known */
};

static bool keep_lease(struct ctx *ctx, void *arg)
{
	const struct sign_of_life *s = arg;
	struct cell cells[] = {
		{ "leased_until", v_int(ctx->now + LEASE) }, { "progress", v_int(s->progress) }, { 0 },
	};
	struct value state;

	if (s->progress < 0)
		cells[1] = (struct cell){ 0 };
	return record_get(ctx, "job", s->job, "state", &state) &&
	       (state.kind != V_TEXT || !text_eq(state.s, "running") ||
	        record_update(ctx, "job", s->job, cells));
}

static bool show_life(struct engine *e, struct sign_of_life s)
{
	struct arena mem;
	struct work w = { .fn = keep_lease, .arg = &s, .mem = &mem };

	arena_init(&mem, 0);

	bool ok = engine_wait(e, &w);

	arena_done(&mem);
	return ok;
}

bool job_progress(struct engine *e, int64_t job, int64_t progress)
{
	return show_life(e, (struct sign_of_life){ job, progress });
}

static void *worker_main(void *ptr)
{
	struct engine *e = ptr;

	pthread_mutex_lock(&threads.lock);
	for (;;) {
		while (!threads.slow && !threads.last)
			pthread_cond_wait(&threads.changed, &threads.lock);

		struct claim *c = threads.slow;

		if (!c)
			break;
		pthread_mutex_unlock(&threads.lock);
		run_claim(c);
		pthread_mutex_lock(&threads.lock);
		threads.slow = NULL;
		/* The next slow one may wait for it. */
		threads.poked = true;
		pthread_cond_broadcast(&threads.changed);
		claim_free(c);
	}
	pthread_mutex_unlock(&threads.lock);
	engine_thread_done(e);
	return NULL;
}

/* Once the clock has ended: what it claimed last is not left running. */
static void join_worker(void)
{
	pthread_mutex_lock(&threads.lock);
	threads.last = true;
	pthread_cond_broadcast(&threads.changed);
	pthread_mutex_unlock(&threads.lock);
	pthread_join(threads.worker, NULL);
}

/* The id of the slow job that runs, 0 if the worker is free. */
static int64_t slow_job(void)
{
	pthread_mutex_lock(&threads.lock);

	int64_t id = threads.slow ? threads.slow->id : 0;

	pthread_mutex_unlock(&threads.lock);
	return id;
}

/* Runs, or hands to the worker, what is due; false if there is nothing. */
static bool run_next(struct engine *e)
{
	struct claim *c = claim_new(e, date_now());
	struct work w = { .fn = find_due, .arg = c, .mem = &c->mem };

	c->no_slow = slow_job() != 0;

	/* Looking is cheap and disturbs nobody; only what is due goes to the lane. */
	bool due = engine_read(e, &w) && c->id && run_work(c, take, &w) && c->id;

	if (due && impl_of(c->name).slow) {
		pthread_mutex_lock(&threads.lock);
		threads.slow = c;
		pthread_cond_broadcast(&threads.changed);
		pthread_mutex_unlock(&threads.lock);
		return true;
	}
	if (due)
		run_claim(c);
	claim_free(c);
	return due;
}

/* Sleeps at most `ms`, less if a job is added.  True if one was. */
static bool sleep_for(int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (time_t)(ms / SECOND);
	until.tv_nsec += (long)(ms % SECOND) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&threads.lock);
	while (!threads.poked && !threads.stopping)
		if (pthread_cond_timedwait(&threads.changed, &threads.lock, &until) != 0)
			break;

	bool poked = threads.poked;

	threads.poked = false;
	pthread_mutex_unlock(&threads.lock);
	return poked;
}

static void *clock_main(void *ptr)
{
	enum { IDLE = SECOND / 4, EAGER = 20, LOOKS = 25 };
	struct engine *e = ptr;
	int64_t kept = date_ticks();
	int looks = 0;

	while (!job_stopping()) {
		while (!job_stopping() && run_next(e))
			;

		int64_t slow = slow_job();

		if (slow && date_ticks() - kept > LEASE / 5) {
			show_life(e, (struct sign_of_life){ slow, -1 });
			kept = date_ticks();
		}
		/* A job that was just added is not committed yet: look again soon. */
		if (sleep_for(looks ? EAGER : IDLE))
			looks = LOOKS;
		else if (looks)
			looks--;
	}
	engine_thread_done(e);
	return NULL;
}

/* Enters the schedules, and forgets those that are none any more. */
static bool enter(struct ctx *ctx, void *arg)
{
	const struct module *m;
	const struct object *o = schema_object(ctx->schema, "job");
	struct text sql;
	int n = 0;

	(void)arg;
	text_init(&sql, ctx->mem);
	text_addf(&sql, "DELETE FROM %s WHERE state = 'waiting' AND key LIKE 'schedule %%' AND key NOT IN (",
	          scope_table(ctx->mem, o));
	for (size_t i = 0; (m = module_at(i)); i++) {
		const struct job_impl *j = m->jobs;
		const struct slow_impl *s = m->slow;

		while ((j && j->name) || (s && s->name)) {
			bool is_job = j && j->name;
			const char *name = is_job ? j->name : s->name;
			const char *schedule = is_job ? j++->schedule : s++->schedule;
			const char *key = fmt(ctx->mem, "%s%s", scheduled, name);
			int64_t next;

			if (!schedule)
				continue;
			if (!job_next(schedule, ctx->now, &next))
				return fail(ctx, ERR_INTERNAL, NULL, "“%s”不是时间表", "\"%s\" is no schedule", schedule);
			if (!job_add(ctx, name, NULL, next, key))
				return false;
			text_addf(&sql, "%s'%s'", n++ ? ", " : "", key);
		}
	}
	text_add(&sql, ")");
	return ctx_exec(ctx, sql.s, NULL, NULL);
}

bool job_start(struct engine *e)
{
	struct arena mem;
	struct work w = { .fn = enter, .mem = &mem };

	arena_init(&mem, 0);

	bool ok = engine_wait(e, &w);

	if (!ok)
		log_line(LOG_ERROR, "jobs do not start", "message", errors_text(&mem, w.errors), NULL);
	arena_done(&mem);
	if (!ok)
		return false;
	assert(!threads.runs);
	threads.engine = e;
	threads.stopping = threads.last = false;
	threads.runs = pthread_create(&threads.worker, NULL, worker_main, e) == 0;
	if (threads.runs && pthread_create(&threads.clock, NULL, clock_main, e) != 0) {
		join_worker();
		threads.runs = false;
	}
	return threads.runs;
}

void job_stop(struct engine *e)
{
	if (!threads.runs || threads.engine != e)
		return;
	pthread_mutex_lock(&threads.lock);
	threads.stopping = true;
	pthread_cond_broadcast(&threads.changed);
	pthread_mutex_unlock(&threads.lock);
	pthread_join(threads.clock, NULL);
	join_worker();
	pthread_mutex_lock(&threads.lock);
	threads.runs = false;
	threads.stopping = false;
	pthread_mutex_unlock(&threads.lock);
}
