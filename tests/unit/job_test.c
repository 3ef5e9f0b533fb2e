#include "engine/job.h"

#include <unistd.h>

#include "base/date.h"
#include "tests/unit/engine_stores.h"

/* The time a schedule is due next, as text. */
static const char *next(const char *schedule, const char *now)
{
	static char out[26];
	int64_t at = 0;

	CHECK(date_zone("Asia/Shanghai"));
	CHECK(instant_parse(now, &at));
	if (!job_next(schedule, at, &at))
		return NULL;
	instant_format(at, out);
	return out;
}

TEST(job_schedules)
{
	/* 2026-11-25 is a Wednesday. */
	static const struct {
		const char *schedule, *now, *next;
	} cases[] = {
		{ "daily 06:00", "2026-11-25T05:59:59", "2026-11-25T06:00:00+08:00" },
		{ "daily 06:00", "2026-11-25T06:00:00", "2026-11-26T06:00:00+08:00" },
		{ "daily 00:00", "2026-12-31T23:59:00", "2027-01-01T00:00:00+08:00" },
		{ "daily 23:59", "2026-02-28T23:59:30", "2026-03-01T23:59:00+08:00" },
		{ "hourly", "2026-11-25T09:00:00", "2026-11-25T10:00:00+08:00" },
		{ "hourly", "2026-11-25T09:59:59", "2026-11-25T10:00:00+08:00" },
		{ "every 10m", "2026-11-25T09:09:00", "2026-11-25T09:10:00+08:00" },
		{ "every 10m", "2026-11-25T09:10:00", "2026-11-25T09:20:00+08:00" },
		{ "every 1m", "2026-11-25T09:09:30", "2026-11-25T09:10:00+08:00" },
		{ "every 2h", "2026-11-25T09:09:30", "2026-11-25T10:00:00+08:00" },
		{ "monday 00:00", "2026-11-25T09:00:00", "2026-11-30T00:00:00+08:00" },
		{ "monday 00:00", "2026-11-30T00:00:00", "2026-12-07T00:00:00+08:00" },
		{ "wednesday 09:30", "2026-11-25T09:00:00", "2026-11-25T09:30:00+08:00" },
		{ "wednesday 08:30", "2026-11-25T09:00:00", "2026-12-02T08:30:00+08:00" },
		{ "sunday 12:00", "2026-11-25T09:00:00", "2026-11-29T12:00:00+08:00" },
		{ "daily", "2026-11-25T09:00:00", NULL },
		{ "daily 24:00", "2026-11-25T09:00:00", NULL },
		{ "daily 6:00", "2026-11-25T09:00:00", NULL },
		{ "daily 06:60", "2026-11-25T09:00:00", NULL },
		{ "daily 06:00 ", "2026-11-25T09:00:00", NULL },
		{ "every 0m", "2026-11-25T09:00:00", NULL },
		{ "every 1441m", "2026-11-25T09:00:00", NULL },
		{ "every 99999999999999999999m", "2026-11-25T09:00:00", NULL },
		{ "every m", "2026-11-25T09:00:00", NULL },
		{ "every 10", "2026-11-25T09:00:00", NULL },
		{ "every 10s", "2026-11-25T09:00:00", NULL },
		{ "someday 09:00", "2026-11-25T09:00:00", NULL },
		{ "", "2026-11-25T09:00:00", NULL },
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		CHECK_TEXT(next(cases[i].schedule, cases[i].now), cases[i].next);
}

/* Where clocks are put forward from 02:00 to 03:00, a job of 02:30 still runs, once a day. */
TEST(job_schedules_where_clocks_change)
{
	int64_t at = 0;
	int64_t before;
	int64_t days = 0;

	CHECK(date_zone("Europe/Berlin"));
	CHECK(instant_parse("2026-03-27T12:00:00", &at));
	for (int i = 0; i < 5; i++) {
		before = at;
		CHECK(job_next("daily 02:30", before, &at));
		CHECK(at > before);
		CHECK_INT(instant_day(at), i ? days + 1 : instant_day(at));
		days = instant_day(at);
	}
	CHECK(date_zone("Asia/Shanghai"));
}

/* Jobs for the tests below, and what they did. */
static int ran, failures_left, slow_ran;
static bool hold;
static char last_text[40];              /* of the arguments; the job's own memory goes with it */
static int64_t last_actor;

static bool good(struct ctx *ctx, const struct json *args)
{
	ran++;
	snprintf(last_text, sizeof last_text, "%s", json_text(args, "text", ""));
	last_actor = ctx->actor;
	return ctx->me->system;
}

static bool shaky(struct ctx *ctx, const struct json *args)
{
	(void)args;
	if (!record_create(ctx, "team", (struct cell[]){ { "name", v_text("影子") }, { 0 } }, NULL))
		return false;
	if (failures_left-- <= 0)
		return true;
	return fail(ctx, ERR_INVALID, "name", "还不行", "not yet");
}

static bool slow(struct slow_call *call)
{
	slow_ran++;
	snprintf(last_text, sizeof last_text, "%s", json_text(call->args, "text", ""));
	last_actor = call->me ? call->me->id : 0;
	if (!job_progress(call->engine, call->job, 7))
		return false;
	while (__atomic_load_n(&hold, __ATOMIC_SEQ_CST) && !job_stopping())
		usleep(1000);
	call->error = "did not want to";
	return !job_stopping() && failures_left-- <= 0;
}

static const struct module test_module = {
	.name = "test",
	.jobs = (const struct job_impl[]){
		{ "test_good", NULL, good, { "好", "good" } }, { "test_shaky", NULL, shaky, { "不稳", "shaky" } },
		{ "test_daily", "daily 06:00", good, { "每天", "daily" } }, { 0 },
	},
	.slow = (const struct slow_impl[]){ { "test_slow", NULL, slow, { "慢", "slow" } }, { 0 } },
};

struct new_job {
	const char *name, *args;
	int64_t due_at;
	const char *key;
};

static bool add(struct ctx *ctx, void *arg)
{
	const struct new_job *n = arg;

	return job_add(ctx, n->name, n->args, n->due_at, n->key);
}

static bool add_and_fail(struct ctx *ctx, void *arg)
{
	return add(ctx, arg) && fail(ctx, ERR_INVALID, NULL, "不", "no");
}

/* The first value of a query over the jobs' table, as text. */
static const char *jobs(struct house *h, const char *what)
{
	return house_text(h, fmt(&h->mem, "SELECT %s", what));
}

static bool retry(struct ctx *ctx, void *arg)
{
	int64_t id;

	(void)arg;
	return record_need(ctx, "job", "name=eq.test_shaky", &id) && job_retry(ctx, id);
}

static int64_t due(struct house *h, int64_t now)
{
	int64_t n = -1;

	CHECK(job_run_due(h->e, now, &n));
	return n;
}

TEST_ENGINE(job_runs_when_due)
{
	int64_t now = date_now();
	const struct member *me = house_member(h, "lilei", "rep");
	struct new_job n = { "test_good", "{\"text\":\"你好\"}", now + 5000, NULL };

	job_also(&test_module);
	ran = 0;
	CHECK(house_write(h, me, add, &n));
	CHECK_INT(due(h, now), 0);
	CHECK_INT(due(h, now + 5000), 1);
	CHECK_INT(ran, 1);
	CHECK_TEXT(last_text, "你好");
	CHECK_INT(last_actor, me->id);
	CHECK_TEXT(jobs(h, "state FROM t_job"), "done");
	CHECK_INT(due(h, now + 10000), 0);

	/* What is not committed does not run. */
	CHECK_TEXT(house_refused(h, NULL, add_and_fail, &n), "不");
	CHECK_INT(due(h, now + 10000), 0);
	job_also(NULL);
}

TEST_ENGINE(job_key_keeps_one_waiting)
{
	int64_t now = date_now();
	struct new_job n = { "test_good", NULL, now + 9000, "one" };

	job_also(&test_module);
	ran = 0;
	CHECK(house_write(h, NULL, add, &n));
	n.due_at = now + 5000;
	CHECK(house_write(h, NULL, add, &n));
	n.due_at = now + 7000;
	CHECK(house_write(h, NULL, add, &n));
	CHECK_TEXT(jobs(h, "CAST(count(*) AS TEXT) FROM t_job"), "1");
	CHECK_INT(due(h, now + 5000), 1);
	CHECK_INT(ran, 1);
	/* Once it runs the key is free for the next. */
	CHECK(house_write(h, NULL, add, &n));
	CHECK_INT(due(h, now + 7000), 1);
	CHECK_INT(ran, 2);
	job_also(NULL);
}

TEST_ENGINE(job_is_tried_again_and_stays_visible)
{
	static const int64_t minutes[] = { 1, 5, 25, 125 };
	int64_t now = date_now();
	struct new_job n = { "test_shaky", NULL, now, NULL };

	job_also(&test_module);
	failures_left = 5;
	CHECK(house_write(h, NULL, add, &n));
	for (size_t i = 0; i < LENGTH(minutes); i++) {
		CHECK_INT(due(h, now), 1);
		CHECK_TEXT(jobs(h, "state FROM t_job"), "waiting");
		CHECK_TEXT(jobs(h, "error FROM t_job"), "name: 还不行");
		now += minutes[i] * 60000 - 1;
		CHECK_INT(due(h, now), 0);
		now++;
	}
	CHECK_INT(due(h, now), 1);
	CHECK_TEXT(jobs(h, "state FROM t_job"), "failed");
	CHECK_TEXT(jobs(h, "CAST(attempts AS TEXT) FROM t_job"), "5");
	CHECK_INT(due(h, now + INT64_C(1000000000)), 0);
	/* Nothing of the failed runs stayed. */
	CHECK_TEXT(jobs(h, "CAST(count(*) AS TEXT) FROM t_team WHERE name = '影子'"), "0");

	CHECK(house_write(h, NULL, retry, NULL));
	CHECK_INT(due(h, date_now() + 1000), 1);
	CHECK_TEXT(jobs(h, "state FROM t_job"), "done");
	CHECK_TEXT(jobs(h, "CAST(count(*) AS TEXT) FROM t_team WHERE name = '影子'"), "1");
	CHECK_TEXT(house_refused(h, NULL, retry, NULL), "只有失败的任务可以重试");
	job_also(NULL);
}

static bool add_unknown(struct ctx *ctx, void *arg)
{
	(void)arg;
	return record_create(ctx, "job", (struct cell[]){
		{ "name", v_text("gone") }, { "state", v_text("waiting") }, { "due_at", v_int(ctx->now) },
		{ 0 } }, NULL);
}

static bool claim_and_die(struct ctx *ctx, void *arg)
{
	return ctx_exec(ctx, "UPDATE t_job SET state = 'running', leased_until = $until, attempts = attempts + 1"
	                     " WHERE state <> 'done'",
	                (struct bind[]){ { "until", v_int(*(const int64_t *)arg) }, { 0 } }, NULL);
}

TEST_ENGINE(job_is_claimed_again_when_its_process_died)
{
	int64_t now = date_now();
	int64_t until = now + 60000;
	struct new_job n = { "test_good", NULL, now, NULL };

	job_also(&test_module);
	ran = 0;
	CHECK(house_write(h, NULL, add, &n));
	CHECK(house_write(h, NULL, claim_and_die, &until));
	CHECK_INT(due(h, now + 59999), 0);
	CHECK_INT(due(h, now + 60000), 1);
	CHECK_INT(ran, 1);
	CHECK_TEXT(jobs(h, "state FROM t_job"), "done");

	/* If it kills each process that runs it, it ends. */
	CHECK(house_write(h, NULL, add, &n));
	for (int i = 0; i < 5; i++)
		CHECK(house_write(h, NULL, claim_and_die, &until));
	CHECK_INT(due(h, now + 60000), 1);
	CHECK_TEXT(jobs(h, "CAST(count(*) AS TEXT) FROM t_job WHERE state = 'failed'"), "1");
	CHECK_INT(ran, 1);
	job_also(NULL);
}

TEST_ENGINE(job_without_code_fails_at_once)
{
	CHECK(house_write(h, NULL, add_unknown, NULL));
	CHECK_INT(due(h, date_now() + 1000), 1);
	CHECK_TEXT(jobs(h, "state FROM t_job"), "failed");
	CHECK_TEXT(jobs(h, "error FROM t_job"), "没有名为“gone”的任务");
}

/* Waits until a query over t_job gives a value; false after five seconds. */
static bool wait_for(struct house *h, const char *what, const char *value)
{
	for (int i = 0; i < 500; i++) {
		if (text_eq(jobs(h, what), value))
			return true;
		usleep(10000);
	}
	return false;
}

TEST_ENGINE(job_threads_run_quick_and_slow_work)
{
	const struct member *me = house_member(h, "lilei", "rep");
	struct new_job n = { "test_slow", "{\"text\":\"x\"}", date_now(), NULL };
	struct new_job quick = { "test_good", NULL, date_now(), NULL };

	job_also(&test_module);
	ran = slow_ran = failures_left = 0;
	__atomic_store_n(&hold, true, __ATOMIC_SEQ_CST);
	CHECK(job_start(h->e));
	CHECK(wait_for(h, "state FROM t_job WHERE key = 'schedule test_daily'", "waiting"));
	CHECK(house_write(h, me, add, &n));
	CHECK(wait_for(h, "CAST(progress AS TEXT) FROM t_job WHERE name = 'test_slow'", "7"));

	/* While it goes on, others are served. */
	CHECK(house_write(h, NULL, add, &quick));
	CHECK(wait_for(h, "state FROM t_job WHERE name = 'test_good'", "done"));
	CHECK_TEXT(jobs(h, "state FROM t_job WHERE name = 'test_slow'"), "running");
	__atomic_store_n(&hold, false, __ATOMIC_SEQ_CST);
	CHECK(wait_for(h, "state FROM t_job WHERE name = 'test_slow'", "done"));
	CHECK_INT(last_actor, 0);               /* of the quick one, which came last */
	CHECK_INT(slow_ran, 1);

	/* Asked to stop it waits for the next start, and that was no failure. */
	__atomic_store_n(&hold, true, __ATOMIC_SEQ_CST);
	CHECK(house_write(h, NULL, add, &n));
	CHECK(wait_for(h, "state FROM t_job WHERE name = 'test_slow' AND progress = 7 AND state = 'running'",
	               "running"));
	job_stop(h->e);
	CHECK_TEXT(jobs(h, "state FROM t_job WHERE name = 'test_slow' AND state <> 'done'"), "waiting");
	CHECK_TEXT(jobs(h, "CAST(attempts AS TEXT) FROM t_job WHERE state = 'waiting' AND name = 'test_slow'"),
	           "0");
	__atomic_store_n(&hold, false, __ATOMIC_SEQ_CST);
	failures_left = 1;
	CHECK_INT(due(h, date_now() + 1000), 1);
	CHECK_TEXT(jobs(h, "error FROM t_job WHERE state = 'waiting' AND name = 'test_slow'"),
	           "did not want to");
	job_also(NULL);
}

TEST_ENGINE(job_schedules_go_on)
{
	int64_t now = 0;
	int64_t at = 0;

	job_also(&test_module);
	ran = 0;
	CHECK(job_start(h->e));
	job_stop(h->e);
	CHECK(job_next("daily 06:00", date_now(), &at));
	CHECK_TEXT(jobs(h, "CAST(due_at AS TEXT) FROM t_job WHERE name = 'test_daily'"),
	           fmt(&h->mem, "%" PRId64, at));

	/* A day later it has run once, and waits for the day after. */
	now = at + 1000;
	CHECK(due(h, now) >= 1);
	CHECK_INT(ran, 1);
	CHECK(job_next("daily 06:00", now, &at));
	CHECK_TEXT(jobs(h, "CAST(due_at AS TEXT) FROM t_job WHERE name = 'test_daily' AND state = 'waiting'"),
	           fmt(&h->mem, "%" PRId64, at));

	/* A second start does not double it; one that is no schedule any more goes. */
	CHECK(job_start(h->e));
	job_stop(h->e);
	CHECK_TEXT(jobs(h, "CAST(count(*) AS TEXT) FROM t_job WHERE name = 'test_daily' AND state = 'waiting'"),
	           "1");
	job_also(NULL);
	CHECK(job_start(h->e));
	job_stop(h->e);
	CHECK_TEXT(jobs(h, "CAST(count(*) AS TEXT) FROM t_job WHERE name = 'test_daily' AND state = 'waiting'"),
	           "0");
}
