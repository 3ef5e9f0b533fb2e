#include "base/date.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

enum { MS_HOUR = 3600 * 1000, MS_DAY = 24 * MS_HOUR };

static char zone_before[64];

/* Other tests may have a zone of their own: each test here gives it back. */
static void zone(const char *name)
{
	const char *now = getenv("TZ");

	snprintf(zone_before, sizeof zone_before, "%s", now ? now : "");
	CHECK(date_zone(name));
}

static void zone_back(void)
{
	if (date_zone(zone_before))
		return;
	date_zone("Etc/UTC");
	if (*zone_before)
		setenv("TZ", zone_before, 1);
	else
		unsetenv("TZ");
	tzset();
}

/* The instant of `s`, −1 if it is refused. */
static int64_t at(const char *s)
{
	int64_t instant = -777;

	if (instant_parse(s, &instant))
		return instant;
	CHECK_INT(instant, -777);
	return -1;
}

/* `s` as the company's clock shows it. */
static const char *shown(int64_t instant)
{
	static char out[26];

	instant_format(instant, out);
	return out;
}

static int64_t day(const char *s)
{
	int64_t days = -777;

	if (date_parse(s, &days))
		return days;
	CHECK_INT(days, -777);
	return -999999;
}

TEST(date_agrees_with_the_system_from_1900_to_2999)
{
	int64_t last = date_days((struct ymd){ 2999, 12, 31 });
	size_t wrong = 0;

	for (int64_t n = date_days((struct ymd){ 1900, 1, 1 }); n <= last; n++) {
		time_t seconds = (time_t)(n * 86400);
		struct tm tm;
		struct ymd d = date_ymd(n);
		char out[11];
		int64_t back;

		gmtime_r(&seconds, &tm);
		wrong += d.year != tm.tm_year + 1900 || d.month != tm.tm_mon + 1 || d.day != tm.tm_mday;
		wrong += date_days(d) != n || !date_ok(d);
		wrong += date_weekday(n) != (tm.tm_wday ? tm.tm_wday : 7);
		date_format(n, out);
		wrong += !date_parse(out, &back) || back != n;
	}
	CHECK_INT(wrong, 0);
}

TEST(date_counts_any_year)
{
	CHECK_INT(date_days((struct ymd){ 1970, 1, 1 }), 0);
	CHECK_INT(date_days((struct ymd){ 1, 1, 1 }), -719162);
	CHECK_INT(date_days((struct ymd){ 9999, 12, 31 }), 2932896);
	CHECK_INT(date_weekday(date_days((struct ymd){ 1, 1, 1 })), 1);
	for (int64_t n = -719162; n <= 2932896; n += 13)
		if (date_days(date_ymd(n)) != n)
			test_fail(__FILE__, __LINE__, "day %" PRId64, n);
}

TEST(date_knows_leap_days)
{
	CHECK(date_ok((struct ymd){ 2024, 2, 29 }));
	CHECK(date_ok((struct ymd){ 2000, 2, 29 }));
	CHECK(!date_ok((struct ymd){ 1900, 2, 29 }));
	CHECK(!date_ok((struct ymd){ 2100, 2, 29 }));
	CHECK(!date_ok((struct ymd){ 2026, 2, 29 }));
	CHECK(!date_ok((struct ymd){ 2026, 4, 31 }));
	CHECK(!date_ok((struct ymd){ 2026, 0, 1 }) && !date_ok((struct ymd){ 2026, 13, 1 }));
	CHECK(!date_ok((struct ymd){ 2026, 1, 0 }) && !date_ok((struct ymd){ 2026, 1, 32 }));
	CHECK(!date_ok((struct ymd){ 0, 1, 1 }) && !date_ok((struct ymd){ 10000, 1, 1 }));
	CHECK_INT(day("2024-03-01") - day("2024-02-28"), 2);
	CHECK_INT(day("2100-03-01") - day("2100-02-28"), 1);
}

static const char *months_later(const char *s, int n)
{
	static struct arena mem;

	arena_reset(&mem);
	return date_text(&mem, date_days(date_add_months(date_ymd(day(s)), n)));
}

TEST(date_add_months_ends_with_the_month)
{
	CHECK_TEXT(months_later("2026-01-31", 1), "2026-02-28");
	CHECK_TEXT(months_later("2024-01-31", 1), "2024-02-29");
	CHECK_TEXT(months_later("2024-02-29", 12), "2025-02-28");
	CHECK_TEXT(months_later("2024-02-29", 48), "2028-02-29");
	CHECK_TEXT(months_later("2026-11-30", 3), "2027-02-28");
	CHECK_TEXT(months_later("2026-12-15", 1), "2027-01-15");
	CHECK_TEXT(months_later("2026-01-15", -1), "2025-12-15");
	CHECK_TEXT(months_later("2026-03-31", -1), "2026-02-28");
	CHECK_TEXT(months_later("2026-03-31", -25), "2024-02-29");
	CHECK_TEXT(months_later("2026-03-31", 0), "2026-03-31");
}

TEST(date_parse_takes_one_form_only)
{
	static const char *const bad[] = {
		"", "2026", "2026-1-1", "2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10",
		"2026-10-00", "1899-12-31", "3000-01-01", "26-01-01", "2026/01/01", "20260101",
		"2026-01-01 ", " 2026-01-01", "2026-01-01T", "2026-0１-1", "+026-01-01", "2026-01-1x",
		"-026-01-01", "2026-01",
	};

	for (size_t i = 0; i < LENGTH(bad); i++)
		if (day(bad[i]) != -999999)
			test_fail(__FILE__, __LINE__, "\"%s\" was taken", bad[i]);
	CHECK_INT(day("1970-01-01"), 0);
	CHECK_INT(day("1900-01-01"), -25567);
	CHECK_INT(day("2999-12-31"), 376199);
}

TEST(date_zone_refuses_what_is_no_zone)
{
	static const char *const bad[] = {
		"", "Mars/Olympus", "/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin",
		"../zoneinfo/Europe/Berlin", "Europe/../Europe/Berlin", "Europe", "Europe/", "zone.tab",
		"tzdata.zi", "Europe/Berlin\n", "Europe/Ber lin", "CET-1CEST", ":Europe/Berlin", ".",
	};
	static char endless[400];

	zone("Europe/Berlin");
	for (size_t i = 0; i < LENGTH(bad); i++)
		if (date_zone(bad[i]))
			test_fail(__FILE__, __LINE__, "\"%s\" was taken", bad[i]);
	memset(endless, 'x', sizeof endless - 1);
	CHECK(!date_zone(endless));
	/* A refusal leaves the zone as it was. */
	CHECK_TEXT(shown(0), "1970-01-01T01:00:00+01:00");
	zone_back();
}

TEST(instant_crosses_daylight_saving_in_berlin)
{
	zone("Europe/Berlin");

	/* 2026-03-29 01:00 UTC: 02:00 becomes 03:00. */
	CHECK_TEXT(shown(INT64_C(1774745999000)), "2026-03-29T01:59:59+01:00");
	CHECK_TEXT(shown(INT64_C(1774746000000)), "2026-03-29T03:00:00+02:00");
	CHECK_INT(at("2026-03-29T01:59:59"), INT64_C(1774745999000));
	CHECK_INT(at("2026-03-29T03:00"), INT64_C(1774746000000));
	CHECK_TEXT(shown(at("2026-03-29T02:30")), "2026-03-29T03:30:00+02:00");
	CHECK_INT(day_start(day("2026-03-30")) - day_start(day("2026-03-29")), 23 * MS_HOUR);

	/* 2026-10-25 01:00 UTC: 03:00 becomes 02:00; what comes twice means the first. */
	CHECK_TEXT(shown(INT64_C(1792889999000)), "2026-10-25T02:59:59+02:00");
	CHECK_TEXT(shown(INT64_C(1792890000000)), "2026-10-25T02:00:00+01:00");
	CHECK_TEXT(shown(at("2026-10-25T02:30")), "2026-10-25T02:30:00+02:00");
	CHECK_TEXT(shown(at("2026-10-25T02:30+01:00")), "2026-10-25T02:30:00+01:00");
	CHECK_TEXT(shown(at("2026-10-25T03:00")), "2026-10-25T03:00:00+01:00");
	CHECK_INT(day_start(day("2026-10-26")) - day_start(day("2026-10-25")), 25 * MS_HOUR);

	/* On midnight itself: 6 April 1980 began at 01:00. */
	CHECK_TEXT(shown(at("2026-07-01")), "2026-07-01T00:00:00+02:00");
	CHECK_TEXT(shown(at("2026-12-01")), "2026-12-01T00:00:00+01:00");
	CHECK_INT(instant_minute(at("2026-03-29T03:00")), 180);
	CHECK_INT(instant_minute(INT64_C(1774745999000)), 119);
	zone_back();
}

TEST(day_start_is_the_first_instant_where_clocks_change_at_midnight)
{
	/* Havana and Amman show 00:00 twice, Sao Paulo and Beirut not at all. */
	zone("America/Havana");
	CHECK_TEXT(shown(day_start(day("2026-11-01"))), "2026-11-01T00:00:00-04:00");
	CHECK(date_zone("Asia/Amman"));
	CHECK_TEXT(shown(day_start(day("2021-10-29"))), "2021-10-29T00:00:00+03:00");
	CHECK(date_zone("America/Sao_Paulo"));
	CHECK_TEXT(shown(day_start(day("2018-11-04"))), "2018-11-04T01:00:00-02:00");
	CHECK(date_zone("Asia/Beirut"));
	CHECK_TEXT(shown(day_start(day("2024-03-31"))), "2024-03-31T01:00:00+03:00");
	zone_back();
}

TEST(day_start_and_instant_day_agree_on_every_day)
{
	static const char *const zones[] = {
		"Asia/Shanghai", "Europe/Berlin", "America/Havana", "Asia/Amman", "America/Sao_Paulo",
		"Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns",
	};
	size_t wrong = 0;

	zone(zones[0]);
	for (size_t i = 0; i < LENGTH(zones); i++) {
		CHECK(date_zone(zones[i]));
		for (int64_t n = day("1902-01-01"); n < day("2060-01-01"); n++) {
			int64_t start = day_start(n);
			int64_t back;

			wrong += instant_day(start) != n || instant_day(start - 1) != n - 1;
			start += (n + 30000) * 7919 % 86400 * 1000;
			wrong += !instant_parse(shown(start), &back) || back != start;
		}
	}
	CHECK_INT(wrong, 0);
	zone_back();
}

TEST(instant_agrees_with_the_system_clock)
{
	size_t wrong = 0;

	/* Also just before and after changes, in an order that fills and empties the cache. */
	zone("Europe/Berlin");
	for (int64_t n = -2000000; n < 2000000; n++) {
		int64_t instant = n % 2 ? n * 2273 * INT64_C(1000)
		                        : INT64_C(1774746000000) + n / 2 % 5000 * 1000;
		time_t seconds = (time_t)(instant / 1000);
		struct tm tm;

		if (n % 16 > 1)
			continue;
		localtime_r(&seconds, &tm);
		wrong += instant_minute(instant) != tm.tm_hour * 60 + tm.tm_min;
		wrong += date_ymd(instant_day(instant)).day != tm.tm_mday;
	}
	CHECK_INT(wrong, 0);
	zone_back();
}

static pthread_barrier_t step;

/* Asks before and after the zone changes: minutes of the epoch, times 10,000. */
static void *asks_twice(void *ret)
{
	int before = instant_minute(0);

	pthread_barrier_wait(&step);
	pthread_barrier_wait(&step);
	*(int *)ret = before * 10000 + instant_minute(0);
	return NULL;
}

TEST(instant_follows_a_change_of_zone_in_every_thread)
{
	pthread_t thread;
	int minutes = 0;

	zone("Asia/Shanghai");
	CHECK_TEXT(shown(0), "1970-01-01T08:00:00+08:00");
	CHECK_INT(pthread_barrier_init(&step, NULL, 2), 0);
	CHECK_INT(pthread_create(&thread, NULL, asks_twice, &minutes), 0);
	pthread_barrier_wait(&step);
	CHECK(date_zone("America/New_York"));
	pthread_barrier_wait(&step);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&step);
	CHECK_INT(minutes, 480 * 10000 + 19 * 60);
	CHECK_TEXT(shown(0), "1969-12-31T19:00:00-05:00");
	CHECK_INT(instant_day(0), -1);
	zone_back();
}

TEST(instant_parse_reads_iso_8601)
{
	int64_t half_past = INT64_C(1795570200000);  /* 2026-11-25 01:30 UTC */

	zone("Asia/Shanghai");
	CHECK_INT(at("2026-11-25T01:30Z"), half_past);
	CHECK_INT(at("2026-11-25T09:30"), half_past);
	CHECK_INT(at("2026-11-25 09:30"), half_past);
	CHECK_INT(at("2026-11-25t09:30:00z") - 8 * MS_HOUR, half_past);
	CHECK_INT(at("2026-11-25T09:30:00+08:00"), half_past);
	CHECK_INT(at("2026-11-25T09:30:00+0800"), half_past);
	CHECK_INT(at("2026-11-25T09:30+08"), half_past);
	CHECK_INT(at("2026-11-24T20:00:00-05:30"), half_past);
	CHECK_INT(at("2026-11-25T09:30:07.5"), half_past + 7500);
	CHECK_INT(at("2026-11-25T09:30:07.123456789Z"), half_past + 8 * MS_HOUR + 7123);
	CHECK_INT(at("2026-11-25"), half_past - 9 * MS_HOUR - MS_HOUR / 2);
	CHECK_INT(at("2038-01-19T03:14:08Z"), INT64_C(2147483648000));
	CHECK_INT(at("1900-01-01T00:00:00Z"), INT64_C(-2208988800000));
	CHECK_INT(at("2999-12-31T23:59:59.999Z"), INT64_C(32503679999999));
	zone_back();
}

TEST(instant_parse_refuses_the_rest)
{
	static const char *const bad[] = {
		"", "now", "2026-11-25T", "2026-11-25T9:30", "2026-11-25T09", "2026-11-25T09:3",
		"2026-11-25T24:00", "2026-11-25T09:60", "2026-11-25T09:30:60", "2026-11-25T09:30:",
		"2026-11-25T09:30:5", "2026-11-25T09:30:05.", "2026-11-25T09:30:05.Z",
		"2026-11-25T09:30.5", "2026-11-25T09:30 Z", "2026-11-25T09:30ZZ", "2026-11-25T09:30+8",
		"2026-11-25T09:30+080", "2026-11-25T09:30+08:0", "2026-11-25T09:30+08:60",
		"2026-11-25T09:30+19:00", "2026-11-25T09:30+08:00x", "2026-11-25X09:30",
		"2026-11-25T-1:30", "2026-02-29T09:30", "2026-11-25  09:30", "1795570200000",
		"2026-11-25T09:30+08:00:00",
	};

	for (size_t i = 0; i < LENGTH(bad); i++)
		if (at(bad[i]) != -1)
			test_fail(__FILE__, __LINE__, "\"%s\" was taken", bad[i]);
}

TEST(instant_of_solar_time_reads_back)
{
	/* Shanghai kept 8:05:43 until 1901: the text has whole minutes and means the same. */
	zone("Asia/Shanghai");
	for (int64_t n = day("1900-01-02"); n < day("1902-01-01"); n++) {
		int64_t instant = n * MS_DAY + 12345 * 1000;

		CHECK_INT(at(shown(instant)), instant);
	}
	zone_back();
}

TEST(date_ticks_never_go_back)
{
	int64_t last = date_ticks();

	for (int i = 0; i < 10000; i++) {
		int64_t now = date_ticks();

		CHECK(now >= last);
		last = now;
	}
}

/* Runs this very test in a process of its own that starts with LOUDOU_NOW. */
static int run_with_now(const char *test, const char *now)
{
	int status = -1;

	fflush(NULL);

	pid_t child = fork();

	if (child == 0) {
		setenv("LOUDOU_NOW", now, 1);
		if (freopen("/dev/null", "w", stdout))
			execl("/proc/self/exe", "unit", test, (char *)NULL);
		_exit(99);
	}
	CHECK(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(date_now_starts_where_told_and_runs_on)
{
	const char *told = getenv("LOUDOU_NOW");
	int64_t now = date_now();
	struct timespec pause = { .tv_nsec = 30 * 1000 * 1000 };

	nanosleep(&pause, NULL);
	CHECK(date_now() >= now + 30 && date_now() < now + 10000);
	if (told) {
		CHECK(now >= at(told) && now < at(told) + 10 * 60 * 1000);
		return;
	}
	CHECK(now / 1000 - (int64_t)time(NULL) <= 0 && now / 1000 - (int64_t)time(NULL) > -2);
	CHECK_INT(run_with_now("date_now_starts_where_told", "2031-02-28T23:59:59Z"), 0);
}

TEST(date_now_follows_the_file_that_moves_it)
{
	enum { DAY = 86400000 };
	const char *told = getenv("LOUDOU_NOW");
	char path[] = "/tmp/loudou-clock-XXXXXX";
	int64_t off = 0;
	int fd;

	if (told) {
		int64_t before = date_now();

		off = DAY;
		fd = open(told, O_WRONLY);
		CHECK(fd >= 0 && pwrite(fd, &off, sizeof off, 0) == sizeof off);
		CHECK(date_now() >= before + DAY && date_now() < before + DAY + 60000);
		close(fd);
		return;
	}
	fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, &off, sizeof off) == sizeof off);
	CHECK_INT(run_with_now("date_now_follows_the_file", path), 0);
	close(fd);
	unlink(path);
}
