/*
 * date: days, instants and the company's clock.
 *
 * A day is a count of days since 1970-01-01 while computing and the text
 * "YYYY-MM-DD" when stored.  An instant is milliseconds UTC since 1970.  The
 * company has one time zone; a day there is what its people call today.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/text.h"

struct ymd {
	int year, month, day;       /* month and day from 1 */
};

/* Sets the zone (an IANA name) once at start; false if the name is unknown. */
bool date_zone(const char *name);

/*
 * Instant; the only clock.  Tests may set LOUDOU_NOW: to an instant, or to the path of a file of eight
 * bytes, by how many ms the clock is off, which they may write while it runs.  Within a process it does not go
 * back, unless the machine's clock is set back by more than ten seconds.
 */
int64_t date_now(void);
int64_t date_ticks(void);                          /* monotonic milliseconds, for lifetimes */

int64_t date_days(struct ymd d);                   /* proleptic Gregorian, any year 1–9999 */
struct ymd date_ymd(int64_t days);
bool date_ok(struct ymd d);
int date_weekday(int64_t days);                    /* 1 Monday … 7 Sunday */
struct ymd date_add_months(struct ymd d, int n);   /* 31 Jan + 1 month = last of February */

/* "YYYY-MM-DD" only, years 1900–2999.  False if not exactly that or no such day. */
bool date_parse(const char *s, int64_t *ret_days);
/* Writes 11 bytes incl. the terminator. */
void date_format(int64_t days, char out[static 11]);
char *date_text(struct arena *mem, int64_t days);

/*
 * ISO 8601: "2026-11-25T09:30", with optional seconds, fraction, and Z or
 * offset; a blank may stand for T; without offset it is company time; a date
 * alone is its first moment.  False if malformed.
 */
bool instant_parse(const char *s, int64_t *ret_instant);
/* "2026-11-25T09:30:00+08:00" in company time, 26 bytes. */
void instant_format(int64_t instant, char out[static 26]);

int64_t instant_day(int64_t instant);              /* the company's day of it */
int64_t day_start(int64_t days);                   /* first instant of that day */
int instant_minute(int64_t instant);               /* minutes since midnight, company time */
/* "20:00" → 1200, minutes since midnight; −1 if it is not exactly that. */
int clock_minutes(const char *s);
/* The moment of a day at which the company's clocks show "06:00" (or the first after, where it is skipped). */
int64_t day_clock(int64_t days, const char *clock);

#endif
