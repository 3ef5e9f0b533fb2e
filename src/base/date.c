#include "base/date.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { MS_HOUR = 3600 * 1000, MS_DAY = 24 * MS_HOUR };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Goes up when the zone changes, so that no thread uses offsets of the old one. */
static unsigned zone_number;

/* Only what the system knows as a zone: its files begin with these letters. */
static bool is_zone_file(const char *path)
{
	char magic[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;

	ssize_t n = read(fd, magic, sizeof magic);

	close(fd);
	return n == (ssize_t)sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

bool date_zone(const char *name)
{
	if (!*name || *name == '/' || strstr(name, "..") ||
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") !=
	            strlen(name))
		return false;

	char path[256] = "/usr/share/zoneinfo/";

	if (strlen(name) > sizeof path - 32)
		return false;
	memcpy(path + strlen(path), name, strlen(name) + 1);
	if (!is_zone_file(path))
		return false;
	setenv("TZ", name, 1);
	tzset();
	__atomic_fetch_add(&zone_number, 1, __ATOMIC_RELEASE);
	return true;
}

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t date_ticks(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

/* A clock set right by hand or over the network steps back; a small step must not turn what follows around. */
enum { STEP_BACK = 10000 };     /* ms: a larger one is a clock that had been wrong */

static const int64_t *shift;

/* By how many ms the clock is off, as LOUDOU_NOW says: an instant from which it runs on, or a file of eight bytes that moves it. */
static void ask_shift(void)
{
	static int64_t fixed;
	const char *wanted = getenv("LOUDOU_NOW");
	int64_t at;

	if (wanted && *wanted == '/') {
		int fd = open(wanted, O_RDONLY | O_CLOEXEC);
		void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof fixed, PROT_READ, MAP_SHARED, fd, 0);

		if (fd >= 0)
			close(fd);
		if (map != MAP_FAILED) {
			shift = map;
			return;
		}
	} else if (wanted && instant_parse(wanted, &at)) {
		fixed = at - clock_ms(CLOCK_REALTIME);
	}
	shift = &fixed;
}

int64_t date_now(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static int64_t latest;
	int64_t now, seen;

	pthread_once(&once, ask_shift);
	now = clock_ms(CLOCK_REALTIME) + __atomic_load_n(shift, __ATOMIC_RELAXED);
	seen = __atomic_load_n(&latest, __ATOMIC_RELAXED);
	do {
		if (now <= seen && now > seen - STEP_BACK)
			return seen;
	} while (!__atomic_compare_exchange_n(&latest, &seen, now, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return now;
}

/* Days of the civil calendar, counted in years that begin in March. */
int64_t date_days(struct ymd d)
{
	int64_t y = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct ymd date_ymd(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct ymd){ (int)(yoe + era * 400 + (month <= 2)), month,
	                     (int)(doy - (153 * mp + 2) / 5 + 1) };
}

static int month_days(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap);
}

bool date_ok(struct ymd d)
{
	return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	       d.day <= month_days(d.year, d.month);
}

int date_weekday(int64_t days)
{
	int64_t n = (days + 3) % 7;     /* 1970-01-01 was a Thursday */

	return (int)(n < 0 ? n + 7 : n) + 1;
}

struct ymd date_add_months(struct ymd d, int n)
{
	int64_t months = (int64_t)d.year * 12 + d.month - 1 + n;

	d.year = (int)floor_div(months, 12);
	d.month = (int)(months - (int64_t)d.year * 12) + 1;

	int last = month_days(d.year, d.month);

	if (d.day > last)
		d.day = last;
	return d;
}

/* `n` digits at `s` as a number; −1 if they are not. */
static int digits(const char *s, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + s[i] - '0';
	}
	return value;
}

/* The date in the first ten characters. */
static bool read_ymd(const char *s, int64_t *ret_days)
{
	if (strnlen(s, 10) < 10 || s[4] != '-' || s[7] != '-')
		return false;

	struct ymd d = { digits(s, 4), digits(s + 5, 2), digits(s + 8, 2) };

	if (!date_ok(d) || d.year < 1900 || d.year > 2999)
		return false;
	*ret_days = date_days(d);
	return true;
}

bool date_parse(const char *s, int64_t *ret_days)
{
	return strlen(s) == 10 && read_ymd(s, ret_days);
}

static void put(char *out, int value, int n)
{
	while (n-- > 0) {
		out[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

void date_format(int64_t days, char out[static 11])
{
	struct ymd d = date_ymd(days);

	put(out, d.year, 4);
	out[4] = '-';
	put(out + 5, d.month, 2);
	out[7] = '-';
	put(out + 8, d.day, 2);
	out[10] = '\0';
}

char *date_text(struct arena *mem, int64_t days)
{
	char *out = arena_alloc(mem, 11);

	date_format(days, out);
	return out;
}

/* What the system says the company's offset from UTC is at an instant, in ms. */
static int64_t ask_offset(int64_t instant)
{
	time_t seconds = (time_t)floor_div(instant, 1000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	return (int64_t)tm.tm_gmtoff * 1000;
}

/*
 * The same, fast: each thread remembers hours in which the offset does not
 * change.  Hours in which it does are asked for every time.
 */
static int64_t offset_at(int64_t instant)
{
	enum { SLOTS = 1024 };          /* six weeks, or that many scattered hours */
	static _Thread_local struct {
		int64_t hour;
		int64_t offset;
		unsigned zone;          /* zone_number + 1; 0 is an empty slot */
	} cache[SLOTS];
	unsigned zone = __atomic_load_n(&zone_number, __ATOMIC_ACQUIRE) + 1;
	int64_t hour = floor_div(instant, MS_HOUR);
	size_t slot = (size_t)hour % SLOTS;

	if (cache[slot].hour == hour && cache[slot].zone == zone)
		return cache[slot].offset;

	int64_t offset = ask_offset(hour * MS_HOUR);

	if (ask_offset((hour + 1) * MS_HOUR - 1) != offset)
		return ask_offset(instant);
	cache[slot].hour = hour;
	cache[slot].offset = offset;
	cache[slot].zone = zone;
	return offset;
}

/*
 * Company time as if it were UTC, to an instant: the first, if the clock shows
 * it twice.  What it skips is taken as before the jump: 02:30 becomes 03:30.
 */
static int64_t from_local(int64_t local)
{
	int64_t before = offset_at(local - MS_DAY);
	int64_t after = offset_at(local + MS_DAY);

	if (offset_at(local - before) != before && offset_at(local - after) == after)
		return local - after;
	return local - before;
}

/* Z, +08, +0800, +08:00; "" is company time.  Offset in minutes. */
static bool read_offset(const char *s, bool *ret_given, int *ret_minutes)
{
	*ret_given = *s != '\0';
	*ret_minutes = 0;
	if (!*s || text_eq(s, "Z") || text_eq(s, "z"))
		return true;
	if (*s != '+' && *s != '-')
		return false;

	size_t n = strlen(s);
	int hours = n >= 3 ? digits(s + 1, 2) : -1;
	int minutes = -1;

	if (n == 3)
		minutes = 0;
	else if (n == 5)
		minutes = digits(s + 3, 2);
	else if (n == 6 && s[3] == ':')
		minutes = digits(s + 4, 2);

	if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59)
		return false;
	*ret_minutes = (hours * 60 + minutes) * (*s == '-' ? -1 : 1);
	return true;
}

bool instant_parse(const char *s, int64_t *ret_instant)
{
	int64_t days;
	int64_t ms;
	bool given;
	int offset;

	if (!read_ymd(s, &days))
		return false;
	s += 10;
	if (!*s) {
		*ret_instant = day_start(days);
		return true;
	}
	if ((*s != 'T' && *s != 't' && *s != ' ') || strnlen(s, 6) < 6 || s[3] != ':')
		return false;

	int hour = digits(s + 1, 2);
	int minute = digits(s + 4, 2);
	int second = 0;
	int thousandth = 0;

	s += 6;
	if (*s == ':') {
		second = strnlen(s, 3) == 3 ? digits(s + 1, 2) : -1;
		s += second < 0 ? 0 : 3;
		if (*s == '.' && second >= 0) {
			int power = 100;

			second = digits(s + 1, 1) < 0 ? -1 : second;
			for (s++; *s >= '0' && *s <= '9'; s++, power /= 10)
				thousandth += (*s - '0') * power;
		}
	}
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
	    !read_offset(s, &given, &offset))
		return false;
	ms = days * MS_DAY + ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + thousandth;
	*ret_instant = given ? ms - offset * INT64_C(60000) : from_local(ms);
	return true;
}

void instant_format(int64_t instant, char out[static 26])
{
	/* Whole minutes: before 1901 the sun gave seconds too, which ISO 8601 cannot say. */
	int minutes = (int)(offset_at(instant) / 60000);
	int64_t local = instant + minutes * INT64_C(60000);
	int64_t day = floor_div(local, MS_DAY);
	int seconds = (int)((local - day * MS_DAY) / 1000);

	date_format(day, out);
	out[10] = 'T';
	put(out + 11, seconds / 3600, 2);
	out[13] = ':';
	put(out + 14, seconds / 60 % 60, 2);
	out[16] = ':';
	put(out + 17, seconds % 60, 2);
	out[19] = minutes < 0 ? '-' : '+';
	if (minutes < 0)
		minutes = -minutes;
	put(out + 20, minutes / 60, 2);
	out[22] = ':';
	put(out + 23, minutes % 60, 2);
	out[25] = '\0';
}

int64_t instant_day(int64_t instant)
{
	return floor_div(instant + offset_at(instant), MS_DAY);
}

int64_t day_start(int64_t days)
{
	return from_local(days * MS_DAY);
}

int instant_minute(int64_t instant)
{
	int64_t local = instant + offset_at(instant);

	return (int)((local - floor_div(local, MS_DAY) * MS_DAY) / 60000);
}

int clock_minutes(const char *s)
{
	if (!s || strlen(s) != 5 || s[2] != ':' || strspn(s, "0123456789") != 2 ||
	    strspn(s + 3, "0123456789") != 2)
		return -1;

	int hour = (s[0] - '0') * 10 + s[1] - '0';
	int minute = (s[3] - '0') * 10 + s[4] - '0';

	return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

int64_t day_clock(int64_t days, const char *clock)
{
	char text[17];
	int64_t at;

	date_format(days, text);
	text[10] = 'T';
	memcpy(text + 11, clock, 6);
	return instant_parse(text, &at) ? at : day_start(days) + clock_minutes(clock) * INT64_C(60000);
}
