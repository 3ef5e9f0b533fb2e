/*
 * calendar: working days, public holidays, lunar dates.
 *
 * The notices of the State Council (data/holidays.txt) say which days are off and which
 * weekend days are worked instead; any other day is worked from Monday to
 * Friday.  Each day is also a record of the object calendar_day, so that
 * reports join instead of computing, and an administrator may change one: what
 * he changed counts here too (calendar_load).  A day is a count of days since
 * 1970-01-01, as in base/date.h.
 */
#ifndef ENGINE_CALENDAR_H
#define ENGINE_CALENDAR_H

#include "engine/ctx.h"

struct change;

bool calendar_workday(int64_t days);
/* Why it is off: "国庆节"; NULL for working days and ordinary weekends. */
const char *calendar_holiday(int64_t days);

/*
 * Is there a notice for this year (or has the administrator entered its days)?
 * If not, holidays fall on working days here; say so wherever it matters.
 */
bool calendar_known(int year);

/* The n-th working day after `days`, before it if n is negative; `days` itself if n is 0. */
int64_t calendar_add_workdays(int64_t days, int64_t n);
/* Working days after `from` up to and including `to`; negative if `to` is earlier. */
int64_t calendar_workdays_between(int64_t from, int64_t to);

/* A date of the Chinese calendar.  Years are those in which they begin: 2026 began on 2026-02-17. */
struct lunar {
	int year, month, day;           /* month and day from 1 */
	bool leap;                      /* the second month of this number: 闰 */
};

/* Lunar years 1900 to 2100: 1900-01-31 to 2101-01-28.  False outside. */
bool lunar_of(int64_t days, struct lunar *ret);
/* False if there is no such day: another leap month, the 30th of a short month. */
bool lunar_to_days(int year, int month, bool leap, int day, int64_t *ret_days);
/*
 * The day on which a lunar date is kept in another lunar year: where there is
 * no such leap month in the plain one, where there is no 30th on the 29th.
 */
bool lunar_anniversary(const struct lunar *of, int year, int64_t *ret_days);
/* "腊月初八", "闰六月廿三" */
char *lunar_text(struct arena *mem, const struct lunar *l);

/*
 * Adds the missing days of these years to calendar_day and brings the others
 * up to date (a new notice, another start of the week); working day and
 * holiday of days an administrator changed stay.  In the write lane.
 */
bool calendar_fill(struct ctx *ctx, int from_year, int to_year);

/* Reads again what administrators changed: at start. */
bool calendar_load(struct ctx *ctx);

/* The job that goes with time (another year) and follows changes: all days so far, and ten years ahead. */
bool calendar_job(struct ctx *ctx, const struct json *args);

/* The after hook of calendar_day: working days are counted again soon, by that job. */
bool calendar_changed(struct ctx *ctx, struct change *c);

/*
 * Working time: workdays between the settings work_from and work_to.  Minutes from one instant to another (0 if it is
 * not later), and the instant so many minutes after one.
 */
int64_t calendar_working_minutes(struct ctx *ctx, int64_t start, int64_t end);
int64_t calendar_after_working(struct ctx *ctx, int64_t start, int64_t minutes);

#endif
