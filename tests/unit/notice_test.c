#include "engine/notice.h"

#include <stdlib.h>

#include "base/date.h"
#include "engine/setting.h"
#include "tests/unit/engine_stores.h"

/* The first value of a query, as text. */
static const char *seen(struct house *h, const char *what)
{
	return house_text(h, fmt(&h->mem, "SELECT %s", what));
}

struct telling {
	int64_t member, record;
	const char *now;
};

/* As if a team of the house had been given to the member at that moment. */
static bool tell(struct ctx *ctx, void *arg)
{
	const struct telling *t = arg;

	return instant_parse(t->now, &ctx->now) &&
	       notice_tell(ctx, t->member, &(struct news){
		       "assigned", schema_object(ctx->schema, "team"), t->record, 0, NULL });
}

static const char *due_after(struct house *h, struct telling *t, const char *now)
{
	static char out[26];

	t->now = now;
	house_write(h, NULL, tell, t);
	instant_format(strtoll(seen(h, "CAST(due_at AS TEXT) FROM t_notice"), NULL, 10), out);
	return out;
}

static bool sleep_at_night(struct ctx *ctx, void *arg)
{
	const struct telling *t = arg;

	return record_create(ctx, "preference", (struct cell[]){
		{ "member", v_int(t->member) }, { "quiet_from", v_text("22:00") },
		{ "quiet_to", v_text("07:30") }, { 0 } }, NULL);
}

TEST_ENGINE(notice_waits_for_the_end_of_quiet_hours)
{
	const struct member *me = house_member(h, "lilei", "rep");
	struct telling t = { me->id, house_record(h, "team", "{\"name\":\"夜班\"}"), NULL };

	CHECK(date_zone("Asia/Shanghai"));
	CHECK_TEXT(due_after(h, &t, "2026-11-25T23:30:00"), "2026-11-25T23:30:00+08:00");
	CHECK(house_write(h, NULL, sleep_at_night, &t));
	CHECK_TEXT(due_after(h, &t, "2026-11-25T21:59:00"), "2026-11-25T21:59:00+08:00");
	CHECK_TEXT(due_after(h, &t, "2026-11-25T22:00:00"), "2026-11-26T07:30:00+08:00");
	CHECK_TEXT(due_after(h, &t, "2026-11-26T07:29:59"), "2026-11-26T07:30:00+08:00");
	CHECK_TEXT(due_after(h, &t, "2026-11-26T07:30:00"), "2026-11-26T07:30:00+08:00");
	/* All of it is one notice as long as it is unread. */
	CHECK_TEXT(seen(h, "CAST(times AS TEXT) FROM t_notice"), "5");
}

static bool clean(struct ctx *ctx, void *arg)
{
	(void)arg;
	return notice_clean(ctx);
}

static bool keep_a_day(struct ctx *ctx, void *arg)
{
	(void)arg;
	return setting_set(ctx, "notice_days", "1");
}

TEST_ENGINE(notice_is_kept_for_the_days_of_the_setting)
{
	const struct member *me = house_member(h, "lilei", "rep");
	struct telling t = { me->id, house_record(h, "team", "{\"name\":\"夜班\"}"), "2000-01-01T08:00:00" };

	CHECK(house_write(h, NULL, tell, &t));
	CHECK(house_write(h, NULL, clean, NULL));
	CHECK_TEXT(seen(h, "CAST(count(*) AS TEXT) FROM t_notice"), "0");
	t.now = date_text(&h->mem, instant_day(date_now() - INT64_C(3 * 86400000)));
	t.now = fmt(&h->mem, "%sT08:00:00", t.now);
	CHECK(house_write(h, NULL, tell, &t));
	CHECK(house_write(h, NULL, clean, NULL));
	CHECK_TEXT(seen(h, "CAST(count(*) AS TEXT) FROM t_notice"), "1");
	CHECK(house_write(h, NULL, keep_a_day, NULL));
	CHECK(house_write(h, NULL, clean, NULL));
	CHECK_TEXT(seen(h, "CAST(count(*) AS TEXT) FROM t_notice"), "0");
}

struct state {
	int64_t id;
	const char *object, *state;
};

static bool set_state(struct ctx *ctx, void *arg)
{
	const struct state *s = arg;

	return record_update(ctx, s->object, s->id, (struct cell[]){ { "state", v_text(s->state) }, { 0 } });
}

TEST_ENGINE(notice_of_a_failed_job_goes_to_administrators)
{
	const struct member *admin = house_member(h, "root", "admin");
	int64_t job = house_record(h, "job", "{\"name\":\"nightly\",\"state\":\"running\"}");

	house_member(h, "lilei", "rep");
	CHECK(house_write(h, NULL, set_state, &(struct state){ job, "job", "failed" }));
	CHECK_TEXT(seen(h, "CAST(count(*) AS TEXT) FROM t_notice"), "1");
	CHECK_TEXT(seen(h, "kind FROM t_notice"), "job_failed");
	CHECK_TEXT(seen(h, "title FROM t_notice"), "nightly");
	CHECK_INT(strtoll(seen(h, "CAST(member AS TEXT) FROM t_notice"), NULL, 10), admin->id);
}

TEST_ENGINE(notice_of_an_import_goes_to_whoever_started_it)
{
	const struct member *me = house_member(h, "lilei", "rep");
	int64_t id = house_record(h, "import", fmt(&h->mem, "{\"object\":\"team\",\"file\":\"a.csv\","
	                                                    "\"owner\":\"%" PRId64 "\"}", me->id));

	CHECK(house_write(h, me, set_state, &(struct state){ id, "import", "running" }));
	CHECK_TEXT(seen(h, "CAST(count(*) AS TEXT) FROM t_notice"), "0");
	CHECK(house_write(h, me, set_state, &(struct state){ id, "import", "done" }));
	CHECK_TEXT(seen(h, "kind FROM t_notice"), "import_done");
	CHECK_TEXT(seen(h, "title FROM t_notice"), "a.csv");
}
