#include "engine/calendar.h"

#include <stdio.h>

#include "base/date.h"
#include "tests/unit/engine_stores.h"

static int64_t day(const char *s)
{
	int64_t days = 0;

	CHECK(date_parse(s, &days));
	return days;
}

static const char *text(int64_t days)
{
	static char out[11];

	date_format(days, out);
	return out;
}

enum { FIRST_YEAR = 2007, LAST_YEAR = 2026, DAYS = 678 };

/* The published days, as a test data set of its own if it is there. */
static size_t published(int64_t days[static DAYS], bool off[static DAYS])
{
	FILE *f = fopen("../shared/data/cn-holidays/holidays.csv", "r");
	char line[256];
	size_t n = 0;

	if (!f)
		return 0;
	while (n < DAYS && fgets(line, sizeof line, f)) {
		char date[11];
		char name[100];
		char flag;

		if (sscanf(line, "%10[0-9-],%99[^,],%c", date, name, &flag) != 3)
			continue;
		days[n] = day(date);
		off[n++] = flag == '1';
	}
	fclose(f);
	return n;
}

TEST(calendar_agrees_with_every_published_day)
{
	int64_t days[DAYS];
	bool off[DAYS];
	size_t n = published(days, off);

	if (!n) {
		test_skip("../shared/data/cn-holidays is not there");
		return;
	}
	CHECK_INT(n, DAYS);
	for (size_t i = 0; i < n; i++) {
		if (calendar_workday(days[i]) == off[i] ||
		    (calendar_holiday(days[i]) != NULL) != off[i])
			test_fail(__FILE__, __LINE__, "%s", text(days[i]));
	}

	/* And every other day of these years is what its weekday says. */
	for (int64_t d = day("2007-01-01"); d <= day("2026-12-31"); d++) {
		bool listed = false;

		for (size_t i = 0; i < n; i++)
			listed |= days[i] == d;
		if (!listed && calendar_workday(d) != (date_weekday(d) <= 5))
			test_fail(__FILE__, __LINE__, "%s", text(d));
	}
}

TEST(calendar_counts_the_working_days_of_a_year)
{
	static const int counts[] = { 250, 249, 250, 249, 249, 251, 248, 248 };

	for (int i = 0; i < (int)LENGTH(counts); i++) {
		int64_t before = date_days((struct ymd){ 2019 + i - 1, 12, 31 });
		int64_t last = date_days((struct ymd){ 2019 + i, 12, 31 });

		CHECK_INT(calendar_workdays_between(before, last), counts[i]);
		CHECK_INT(calendar_workdays_between(last, before), -counts[i]);
	}
}

TEST(calendar_knows_make_up_days)
{
	CHECK(calendar_workday(day("2024-02-09")));
	CHECK(!calendar_workday(day("2025-01-28")));
	CHECK_TEXT(calendar_holiday(day("2025-01-28")), "春节");
	CHECK(calendar_holiday(day("2024-02-18")) == NULL);
	CHECK_TEXT(text(calendar_add_workdays(day("2024-02-09"), 1)), "2024-02-18");
	CHECK_TEXT(text(calendar_add_workdays(day("2025-01-25"), 3)), "2025-02-05");
	CHECK_TEXT(text(calendar_add_workdays(day("2026-09-30"), 1)), "2026-10-08");
	CHECK_TEXT(text(calendar_add_workdays(day("2026-10-08"), -1)), "2026-09-30");
	CHECK_TEXT(text(calendar_add_workdays(day("2026-10-04"), 0)), "2026-10-04");
	/* The notice for 2007 made days of 2006 working days. */
	CHECK(calendar_workday(day("2006-12-30")));
	CHECK(!calendar_workday(day("2007-12-30")));
}

TEST(calendar_counting_undoes_adding)
{
	int64_t from = day("2025-12-22");

	for (int64_t n = -300; n <= 300; n++)
		CHECK_INT(calendar_workdays_between(from, calendar_add_workdays(from, n)), n);
}

TEST(calendar_says_which_years_it_knows)
{
	CHECK(!calendar_known(2006));
	CHECK(calendar_known(FIRST_YEAR));
	CHECK(calendar_known(LAST_YEAR));
	CHECK(!calendar_known(LAST_YEAR + 1));
	CHECK(!calendar_known(0));
	CHECK(!calendar_known(99999));
	CHECK(calendar_workday(day("2027-10-01")));
	CHECK(!calendar_workday(day("2027-10-02")));
}

static const char *lunar(struct arena *mem, const char *date)
{
	struct lunar l;

	if (!lunar_of(day(date), &l))
		return NULL;
	return fmt(mem, "%d %s", l.year, lunar_text(mem, &l));
}

TEST(lunar_dates_of_days)
{
	static const struct {
		const char *day, *lunar;
	} cases[] = {
		{ "1900-01-31", "1900 正月初一" }, { "1900-02-28", "1900 正月廿九" },
		{ "1906-04-23", "1906 三月三十" }, { "1906-04-24", "1906 四月初一" },
		{ "1949-10-01", "1949 八月初十" }, { "1976-10-01", "1976 闰八月初八" },
		{ "2000-02-04", "1999 腊月廿九" }, { "2000-02-05", "2000 正月初一" },
		{ "2012-08-17", "2012 七月初一" }, { "2018-11-07", "2018 九月三十" },
		{ "2020-05-23", "2020 闰四月初一" }, { "2025-07-25", "2025 闰六月初一" },
		{ "2025-08-22", "2025 闰六月廿九" }, { "2026-01-26", "2025 腊月初八" },
		{ "2026-02-17", "2026 正月初一" }, { "2026-12-09", "2026 冬月初一" },
		{ "2027-02-05", "2026 腊月廿九" }, { "2027-02-06", "2027 正月初一" },
		{ "2030-02-02", "2029 腊月三十" }, { "2030-02-03", "2030 正月初一" },
		{ "2033-12-22", "2033 闰冬月初一" }, { "2034-02-19", "2034 正月初一" },
		{ "2057-09-29", "2057 九月初一" }, { "2089-09-04", "2089 八月初一" },
		{ "2100-02-09", "2100 正月初一" }, { "2101-01-28", "2100 腊月廿九" },
		{ "1900-01-30", NULL }, { "2101-01-29", NULL }, { "2999-12-31", NULL },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		CHECK_TEXT(lunar(&mem, cases[i].day), cases[i].lunar);
	arena_done(&mem);
}

/* Mid-Autumn and Dragon Boat were public holidays on these days. */
TEST(lunar_festivals_lie_in_their_holidays)
{
	for (int year = 2008; year <= LAST_YEAR; year++) {
		int64_t d = 0;

		CHECK(lunar_to_days(year, 8, false, 15, &d));
		CHECK(!calendar_workday(d));
		CHECK(lunar_to_days(year, 5, false, 5, &d));
		CHECK(!calendar_workday(d));
		CHECK(lunar_to_days(year, 1, false, 1, &d));
		CHECK_TEXT(calendar_holiday(d), "春节");
	}
}

TEST(lunar_there_and_back_for_every_day)
{
	struct lunar before = { 0 };
	int days = 0;

	for (int64_t d = day("1900-01-31"); d <= day("2101-01-28"); d++, days++) {
		struct lunar l;
		int64_t back = 0;

		if (!lunar_of(d, &l) || !lunar_to_days(l.year, l.month, l.leap, l.day, &back) ||
		    back != d)
			test_fail(__FILE__, __LINE__, "%s", text(d));
		/* Days follow each other; a month ends with its 29th or 30th. */
		if (days && l.day != before.day + 1 && (l.day != 1 || before.day < 29))
			test_fail(__FILE__, __LINE__, "%s", text(d));
		if (days && l.day == 1 && l.month == before.month && (before.leap || !l.leap))
			test_fail(__FILE__, __LINE__, "%s", text(d));
		before = l;
	}
	CHECK_INT(days, 73412);
}

TEST(lunar_days_that_do_not_exist)
{
	int64_t d = -1;

	CHECK(!lunar_to_days(1899, 12, false, 1, &d));
	CHECK(!lunar_to_days(2101, 1, false, 1, &d));
	CHECK(!lunar_to_days(2026, 6, true, 1, &d));
	CHECK(!lunar_to_days(2025, 5, true, 1, &d));
	CHECK(!lunar_to_days(2025, 6, true, 30, &d));
	CHECK(!lunar_to_days(2025, 13, false, 1, &d));
	CHECK(!lunar_to_days(2025, 0, false, 1, &d));
	CHECK(!lunar_to_days(2025, 1, false, 0, &d));
	CHECK(!lunar_to_days(2025, 1, false, 31, &d));
	CHECK_INT(d, -1);
	CHECK(lunar_to_days(2025, 6, true, 29, &d));
	CHECK_TEXT(text(d), "2025-08-22");
}

static const char *kept_on(const char *born, int year)
{
	struct lunar l;
	int64_t d = 0;

	if (!lunar_of(day(born), &l) || !lunar_anniversary(&l, year, &d))
		return NULL;
	return text(d);
}

TEST(lunar_birthdays)
{
	/* 1988 腊月初八 */
	CHECK_TEXT(kept_on("1989-01-15", 2025), "2026-01-26");
	/* Born in the leap eighth month of 1995: kept in the eighth, or in the leap one of 2052. */
	CHECK_TEXT(kept_on("1995-09-25", 2026), "2026-09-11");
	CHECK_TEXT(kept_on("1995-09-25", 2052), "2052-09-23");
	/* Born in a plain sixth month: not in the leap one of 2025. */
	CHECK_TEXT(kept_on("1990-07-22", 2025), "2025-06-25");
	/* New Year's Eve on a 30th (2024 had one): on the 29th where the month is short. */
	CHECK_TEXT(kept_on("2024-02-09", 2026), "2027-02-05");
	CHECK_TEXT(kept_on("2024-02-09", 2023), "2024-02-09");
	CHECK_TEXT(kept_on("2024-02-09", 2100), "2101-01-28");
	CHECK(kept_on("2024-02-09", 2101) == NULL);
	CHECK(kept_on("2024-02-09", 1899) == NULL);
}

/* What stands in a column of a day's record, as text. */
static const char *stored(struct house *h, const char *column, const char *of)
{
	return house_text(h, fmt(&h->mem, "SELECT CAST(%s AS TEXT) FROM t_calendar_day WHERE day = '%s'",
	                         column, of));
}

static const char *total(struct house *h, const char *what)
{
	return house_text(h, fmt(&h->mem, "SELECT CAST(%s AS TEXT) FROM t_calendar_day"
	                                  " WHERE day >= '2026-01-01' AND day <= '2026-12-31'", what));
}

static bool run_job(struct ctx *ctx, void *arg)
{
	(void)arg;
	return calendar_job(ctx, NULL);
}

struct changed_day {
	const char *day;
	int64_t workday;
	const char *holiday;
};

static bool change_day(struct ctx *ctx, void *arg)
{
	const struct changed_day *c = arg;
	int64_t id;

	return record_need(ctx, "calendar_day", fmt(ctx->mem, "day=eq.%s", c->day), &id) &&
	       record_update(ctx, "calendar_day", id, (struct cell[]){
		       { "workday", v_int(c->workday) }, { "holiday", v_text(c->holiday) }, { 0 } });
}

static bool spoil(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "UPDATE t_calendar_day SET workday = 1, holiday = NULL, week = NULL"
	                     " WHERE day = '2026-10-01' OR day = '2027-10-01'", NULL, NULL) &&
	       ctx_exec(ctx, "DELETE FROM t_calendar_day WHERE day = '2026-03-01'", NULL, NULL);
}

TEST_ENGINE(calendar_days_are_records)
{
	CHECK_TEXT(total(h, "count(*)"), "365");
	CHECK_TEXT(total(h, "sum(workday)"), "248");
	CHECK_TEXT(total(h, "max(workday_number) - min(workday_number)"), "248");
	CHECK_TEXT(total(h, "count(DISTINCT month)"), "12");
	CHECK_TEXT(stored(h, "week", "2026-11-25"), "2026-W48");
	CHECK_TEXT(stored(h, "week_start", "2026-11-25"), "2026-11-23");
	CHECK_TEXT(stored(h, "quarter", "2026-11-25"), "2026-Q4");
	CHECK_TEXT(stored(h, "weekday", "2026-11-25"), "3");
	CHECK_TEXT(stored(h, "year", "2026-11-25"), "2026");
	CHECK_TEXT(stored(h, "lunar", "2026-01-26"), "腊月初八");
	CHECK_TEXT(stored(h, "holiday", "2026-10-01"), "国庆节");
	/* Weeks at the turn of a year. */
	CHECK_TEXT(stored(h, "week", "2027-01-03"), "2026-W53");
	CHECK_TEXT(stored(h, "week", "2027-01-04"), "2027-W01");
	CHECK_TEXT(stored(h, "week", "2024-12-30"), "2025-W01");

	/* What was lost or spoilt comes back. */
	CHECK(house_write(h, NULL, spoil, NULL));
	CHECK(house_write(h, NULL, run_job, NULL));
	CHECK_TEXT(total(h, "count(*)"), "365");
	CHECK_TEXT(stored(h, "week", "2026-10-01"), "2026-W40");
	CHECK_TEXT(stored(h, "holiday", "2026-10-01"), "国庆节");
}

TEST_ENGINE(calendar_keeps_what_an_administrator_entered)
{
	struct changed_day off = { "2027-10-01", 0, "国庆节" };
	struct changed_day back = { "2027-10-01", 1, NULL };

	CHECK(!calendar_known(2027));
	CHECK(house_write(h, NULL, change_day, &off));
	CHECK(house_write(h, NULL, run_job, NULL));
	CHECK_TEXT(stored(h, "workday", "2027-10-01"), "0");
	CHECK_TEXT(stored(h, "holiday", "2027-10-01"), "国庆节");
	CHECK_TEXT(stored(h, "workday_number", "2027-10-01"), stored(h, "workday_number", "2027-09-30"));
	CHECK(!calendar_workday(day("2027-10-01")));
	CHECK_TEXT(calendar_holiday(day("2027-10-01")), "国庆节");
	CHECK(calendar_known(2027));
	CHECK_TEXT(text(calendar_add_workdays(day("2027-09-30"), 1)), "2027-10-04");

	CHECK(house_write(h, NULL, change_day, &back));
	CHECK(house_write(h, NULL, run_job, NULL));
	CHECK(calendar_workday(day("2027-10-01")));
	CHECK(!calendar_known(2027));
}
