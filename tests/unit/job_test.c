#include "base/date.h"
#include "engine/job.h"
#include "tests/test.h"

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
