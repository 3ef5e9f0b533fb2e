#include "engine/calendar.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/embed.h"
#include "base/number.h"
#include "engine/job.h"
#include "engine/scope.h"
#include "engine/setting.h"

enum { LUNAR_FIRST = 1900, LUNAR_LAST = 2100, LUNAR_START = -25537 /* 1900-01-31 */ };

/*
 * Lunar years: bits 0–12 are its months in order, 1 for 30 days and 0 for 29;
 * the bits from 13 are the number of the leap month, 0 for none.
 *
 * Computed from the moments of new moons and solar terms by the rules of GB/T
 * 33661-2017 (until 1928 in Beijing's local time), except that the third month of 1906 is as it was
 * kept then.  New moons of 2057-09, 2089-09 and 2097-08 fall within two minutes of
 * midnight, which nobody can yet predict with certainty.
 */
static const uint32_t lunar_years[LUNAR_LAST - LUNAR_FIRST + 1] = {
	0x116d2, 0x00752, 0x00ea5, 0x0b64a, 0x0064b, 0x00a9b, 0x09556, 0x0056a, 0x00b59, 0x05752,    /* 1900 */
	0x00752, 0x0db25, 0x00b25, 0x00a4b, 0x0b4ab, 0x002ad, 0x0056b, 0x04b69, 0x00da9, 0x0fd92,    /* 1910 */
	0x00e92, 0x00d25, 0x0ba4d, 0x00a56, 0x002b6, 0x095b5, 0x006d4, 0x00ea9, 0x05e92, 0x00e92,    /* 1920 */
	0x0cd26, 0x0052b, 0x00a57, 0x0b2b6, 0x00b5a, 0x006d4, 0x06ec9, 0x00749, 0x0f693, 0x00a93,    /* 1930 */
	0x0052b, 0x0ca5b, 0x00aad, 0x0056a, 0x09b55, 0x00ba4, 0x00b49, 0x05a93, 0x00a95, 0x0f52d,    /* 1940 */
	0x00536, 0x00aad, 0x0b5aa, 0x005b2, 0x00da5, 0x07d4a, 0x00d4a, 0x10a95, 0x00a97, 0x00556,    /* 1950 */
	0x0cab5, 0x00ad5, 0x006d2, 0x08ea5, 0x00ea5, 0x0064a, 0x06c97, 0x00a9b, 0x0f55a, 0x0056a,    /* 1960 */
	0x00b69, 0x0b752, 0x00b52, 0x00b25, 0x0964b, 0x00a4b, 0x114ab, 0x002ad, 0x0056d, 0x0cb69,    /* 1970 */
	0x00da9, 0x00d92, 0x09d25, 0x00d25, 0x15a4d, 0x00a56, 0x002b6, 0x0c5b5, 0x006d5, 0x00ea9,    /* 1980 */
	0x0be92, 0x00e92, 0x00d26, 0x06a56, 0x00a57, 0x114d6, 0x0035a, 0x006d5, 0x0b6c9, 0x00749,    /* 1990 */
	0x00693, 0x0952b, 0x0052b, 0x00a5b, 0x0555a, 0x0056a, 0x0fb55, 0x00ba4, 0x00b49, 0x0ba93,    /* 2000 */
	0x00a95, 0x0052d, 0x08aad, 0x00ab5, 0x135aa, 0x005d2, 0x00da5, 0x0dd4a, 0x00d4a, 0x00c95,    /* 2010 */
	0x0952e, 0x00556, 0x00ab5, 0x055b2, 0x006d2, 0x0cea5, 0x00725, 0x0064b, 0x0ac97, 0x00cab,    /* 2020 */
	0x0055a, 0x06ad6, 0x00b69, 0x17752, 0x00b52, 0x00b25, 0x0da4b, 0x00a4b, 0x004ab, 0x0a55b,    /* 2030 */
	0x005ad, 0x00b6a, 0x05b52, 0x00d92, 0x0fd25, 0x00d25, 0x00a55, 0x0b4ad, 0x004b6, 0x005b5,    /* 2040 */
	0x06daa, 0x00ec9, 0x11e92, 0x00e92, 0x00d26, 0x0ca56, 0x00a57, 0x004d6, 0x086d5, 0x00755,    /* 2050 */
	0x00749, 0x06e93, 0x00693, 0x0f52b, 0x0052b, 0x00a5b, 0x0b55a, 0x0056a, 0x00b65, 0x0974a,    /* 2060 */
	0x00b4a, 0x11a95, 0x00a95, 0x0052d, 0x0caad, 0x00ab5, 0x005aa, 0x08ba5, 0x00da5, 0x00d4a,    /* 2070 */
	0x07c95, 0x00c96, 0x0f94e, 0x00556, 0x00ab5, 0x0b5b2, 0x006d2, 0x00ea5, 0x08e4a, 0x0068b,    /* 2080 */
	0x10c97, 0x004ab, 0x0055b, 0x0cad6, 0x00b6a, 0x00752, 0x09725, 0x00b25, 0x00a8b, 0x0549b,    /* 2090 */
	0x004ab,    /* 2100 */
};

/* A day that is not what its weekday says, or has a name. */
struct special {
	int64_t day;
	bool off;
	const char *name;               /* NULL for days worked */
};

struct specials {
	struct special *list;           /* by day */
	size_t n, cap;
	bool *years;                    /* years with a notice, from 1900; NULL: none */
};

enum { YEARS = 1200 };                  /* base/date.h: 1900 to 2999 and some */

/* What the notices say: read once, never changed. */
static struct arena notice_mem;
static struct specials notices;
static pthread_once_t notices_once = PTHREAD_ONCE_INIT;

/* What administrators changed.  Their names for days stay: callers keep the pointers. */
static pthread_rwlock_t custom_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct arena custom_mem;
static struct specials custom;
static struct arena name_mem;
static const char **kept_names;
static size_t n_kept, cap_kept;

static void special_add(struct arena *mem, struct specials *s, struct special day)
{
	s->list = arena_grow(mem, s->list, &s->cap, s->n + 1, sizeof *s->list);
	s->list[s->n++] = day;
}

static int by_day(const void *a, const void *b)
{
	const struct special *x = a;
	const struct special *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

static void specials_sort(struct specials *s)
{
	if (s->n)
		qsort(s->list, s->n, sizeof *s->list, by_day);
}

static const struct special *specials_find(const struct specials *s, int64_t day)
{
	struct special key = { .day = day };

	return array_find(&key, s->list, s->n, sizeof *s->list, by_day);
}

static void year_mark(struct arena *mem, struct specials *s, int year)
{
	if (!s->years)
		s->years = arena_array(mem, YEARS, sizeof *s->years);
	if (year >= 1900 && year < 1900 + YEARS)
		s->years[year - 1900] = true;
}

static bool year_marked(const struct specials *s, int year)
{
	return s->years && year >= 1900 && year < 1900 + YEARS && s->years[year - 1900];
}

/* "05-01" of the notice's year, or "2006-12-30".  The file is ours: anything else is a mistake. */
static int64_t notice_day(struct arena *mem, int year, const char *s)
{
	int64_t days = 0;
	bool ok = date_parse(strlen(s) == 5 ? fmt(mem, "%04d-%s", year, s) : s, &days);

	assert(ok);
	(void)ok;
	return days;
}

/* "春节 02-15..02-23 + 02-14 02-28" */
static void read_holiday(struct arena *mem, int year, const char *line)
{
	char **words;
	size_t n = text_split(mem, line, ' ', &words);
	bool off = true;

	for (size_t i = 1; i < n; i++) {
		if (text_eq(words[i], "+")) {
			off = false;
			continue;
		}

		char *to = strstr(words[i], "..");

		if (to)
			*to = '\0';

		int64_t first = notice_day(mem, year, words[i]);
		int64_t last = to ? notice_day(mem, year, to + 2) : first;

		for (int64_t day = first; day <= last; day++)
			special_add(mem, &notices, (struct special){ day, off, off ? words[0] : NULL });
	}
}

static void read_notices(void)
{
	const struct embedded_file *file = embedded_find("src/engine/data/holidays.txt");
	char **lines;
	int64_t year = 0;

	assert(file);
	arena_init(&notice_mem, 0);

	size_t n = text_split(&notice_mem, file->data, '\n', &lines);

	for (size_t i = 0; i < n; i++) {
		if (lines[i][0] == '#' || lines[i][0] == '\0')
			continue;
		if (int_parse(lines[i], &year))
			year_mark(&notice_mem, &notices, (int)year);
		else
			read_holiday(&notice_mem, (int)year, lines[i]);
	}
	specials_sort(&notices);
}

/* What the notice says, or the weekday. */
static struct special notice_of(int64_t day)
{
	pthread_once(&notices_once, read_notices);

	const struct special *s = specials_find(&notices, day);

	return s ? *s : (struct special){ day, date_weekday(day) > 5, NULL };
}

static struct special day_of(int64_t day)
{
	struct special ret = notice_of(day);

	pthread_rwlock_rdlock(&custom_lock);

	const struct special *s = specials_find(&custom, day);

	if (s)
		ret = *s;
	pthread_rwlock_unlock(&custom_lock);
	return ret;
}

bool calendar_workday(int64_t days)
{
	return !day_of(days).off;
}

const char *calendar_holiday(int64_t days)
{
	struct special s = day_of(days);

	return s.off ? s.name : NULL;
}

bool calendar_known(int year)
{
	pthread_once(&notices_once, read_notices);
	pthread_rwlock_rdlock(&custom_lock);

	bool known = year_marked(&notices, year) || year_marked(&custom, year);

	pthread_rwlock_unlock(&custom_lock);
	return known;
}

int64_t calendar_add_workdays(int64_t days, int64_t n)
{
	int64_t step = n < 0 ? -1 : 1;

	while (n != 0) {
		days += step;
		if (calendar_workday(days))
			n -= step;
	}
	return days;
}

int64_t calendar_workdays_between(int64_t from, int64_t to)
{
	int64_t n = 0;

	if (to < from)
		return -calendar_workdays_between(to, from);
	for (int64_t day = from + 1; day <= to; day++)
		n += calendar_workday(day);
	return n;
}

static int lunar_leap(int year)
{
	return (int)(lunar_years[year - LUNAR_FIRST] >> 13);
}

/* Days of the i-th month from 0; 0 if the year has no such month. */
static int lunar_month_days(int year, int i)
{
	if (i >= (lunar_leap(year) ? 13 : 12))
		return 0;
	return 29 + (int)(lunar_years[year - LUNAR_FIRST] >> i & 1);
}

/* A month has 29 days, those whose bit is set 30. */
static int lunar_year_days(int year)
{
	int months = lunar_leap(year) ? 13 : 12;

	return 29 * months + __builtin_popcount(lunar_years[year - LUNAR_FIRST] & ((1U << months) - 1));
}

bool lunar_of(int64_t days, struct lunar *ret)
{
	int64_t left = days - LUNAR_START;
	int year = LUNAR_FIRST;
	int i = 0;

	if (left < 0)
		return false;
	for (int n; year <= LUNAR_LAST && left >= (n = lunar_year_days(year)); year++)
		left -= n;
	if (year > LUNAR_LAST)
		return false;
	while (left >= lunar_month_days(year, i))
		left -= lunar_month_days(year, i++);

	int leap = lunar_leap(year);
	bool after = leap && i >= leap;         /* the leap month or one behind it */

	*ret = (struct lunar){ year, i + 1 - after, (int)left + 1, leap && i == leap };
	return true;
}

/* Which month of the year, from 0; -1 if it has no such month. */
static int lunar_index(int year, int month, bool leap)
{
	if (year < LUNAR_FIRST || year > LUNAR_LAST || month < 1 || month > 12)
		return -1;

	int at = lunar_leap(year);

	if (leap)
		return month == at ? month : -1;
	return month - 1 + (at && month > at);
}

bool lunar_to_days(int year, int month, bool leap, int day, int64_t *ret_days)
{
	int index = lunar_index(year, month, leap);
	int64_t days = LUNAR_START;

	if (index < 0 || day < 1 || day > lunar_month_days(year, index))
		return false;
	for (int y = LUNAR_FIRST; y < year; y++)
		days += lunar_year_days(y);
	for (int i = 0; i < index; i++)
		days += lunar_month_days(year, i);
	*ret_days = days + day - 1;
	return true;
}

bool lunar_anniversary(const struct lunar *of, int year, int64_t *ret_days)
{
	bool leap = of->leap && lunar_index(year, of->month, true) >= 0;
	int index = lunar_index(year, of->month, leap);

	if (index < 0)
		return false;

	int last = lunar_month_days(year, index);

	return lunar_to_days(year, of->month, leap, of->day < last ? of->day : last, ret_days);
}

char *lunar_text(struct arena *mem, const struct lunar *l)
{
	static const char *const months[] = { "正", "二", "三", "四", "五", "六",
	                                      "七", "八", "九", "十", "冬", "腊" };
	static const char *const tens[] = { "初", "十", "廿", "三" };
	static const char *const ones[] = { "十", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
	const char *ten = l->day == 20 ? "二" : tens[l->day / 10];

	if (l->day == 10)
		ten = "初";
	return fmt(mem, "%s%s月%s%s", l->leap ? "闰" : "", months[l->month - 1], ten,
	           ones[l->day % 10]);
}

/*
 * The records
 */

enum { NUMBER_FROM = 10957 /* 2000-01-01 */ };

/* What a record of calendar_day holds, in this order. */
enum part {
	DAY, WORKDAY, HOLIDAY, LUNAR, WEEK, WEEK_START, MONTH, QUARTER, YEAR, WEEKDAY, NUMBER,
	DAY_NUMBER, STARTS_AT, COLUMNS
};

static const char *const column_names[COLUMNS] = {
	[DAY]        = "day",
	[WORKDAY]    = "workday",
	[HOLIDAY]    = "holiday",
	[LUNAR]      = "lunar",
	[WEEK]       = "week",
	[WEEK_START] = "week_start",
	[MONTH]      = "month",
	[QUARTER]    = "quarter",
	[YEAR]       = "year",
	[WEEKDAY]    = "weekday",
	[NUMBER]     = "workday_number",
	[DAY_NUMBER] = "day_number",
	[STARTS_AT]  = "starts_at",
};

struct stored_day {
	int64_t day;
	int64_t id;
	int64_t version;                /* above 1: somebody changed it */
	struct value values[COLUMNS];
};

/* "2026-W48": weeks belong to the year their Thursday lies in. */
static char *week_name(struct arena *mem, int64_t day)
{
	int64_t thursday = day - date_weekday(day) + 4;
	int year = date_ymd(thursday).year;
	int64_t first = date_days((struct ymd){ year, 1, 1 });

	return fmt(mem, "%04d-W%02d", year, (int)((thursday - first) / 7) + 1);
}

static void day_values(struct arena *mem, int64_t day, int64_t number, struct value ret[COLUMNS])
{
	struct ymd d = date_ymd(day);
	struct special s = day_of(day);
	struct lunar l;

	ret[DAY] = v_text(date_text(mem, day));
	ret[WORKDAY] = v_int(!s.off);
	ret[HOLIDAY] = v_text(s.off ? s.name : NULL);
	ret[LUNAR] = v_text(lunar_of(day, &l) ? lunar_text(mem, &l) : NULL);
	ret[WEEK] = v_text(week_name(mem, day));
	ret[WEEK_START] = v_text(date_text(mem, day - date_weekday(day) + 1));
	ret[MONTH] = v_text(fmt(mem, "%04d-%02d", d.year, d.month));
	ret[QUARTER] = v_text(fmt(mem, "%04d-Q%d", d.year, (d.month + 2) / 3));
	ret[YEAR] = v_int(d.year);
	ret[WEEKDAY] = v_int(date_weekday(day));
	ret[NUMBER] = v_int(number);
	ret[DAY_NUMBER] = v_int(day);
	ret[STARTS_AT] = v_int(day_start(day));
}

static struct value value_copy(struct arena *mem, struct value v)
{
	if (v.kind == V_TEXT)
		v.s = arena_dupn(mem, v.s, v.n);
	return v;
}

/* The stored days of a range, in order. */
static bool read_days(struct ctx *ctx, const struct object *o, int64_t from, int64_t to,
                      struct stored_day **ret, size_t *ret_n)
{
	struct stored_day *list = NULL;
	size_t n = 0;
	size_t cap = 0;
	struct text sql;

	text_init(&sql, ctx->mem);
	text_add(&sql, "SELECT id, version");
	for (size_t i = 0; i < COLUMNS; i++)
		text_addf(&sql, ", %s", column_names[i]);
	text_addf(&sql, " FROM %s WHERE deleted_at IS NULL AND day >= $from AND day <= $to ORDER BY day",
	          scope_table(ctx->mem, o));

	struct query *q = ctx_query(ctx, sql.s, (struct bind[]){
		{ "from", v_text(date_text(ctx->mem, from)) },
		{ "to", v_text(date_text(ctx->mem, to)) },
		{ 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		struct stored_day d = { .id = db_int(q, 0), .version = db_int(q, 1) };

		for (size_t i = 0; i < COLUMNS; i++)
			d.values[i] = value_copy(ctx->mem, db_value(q, i + 2));
		if (d.values[DAY].kind != V_TEXT || !date_parse(d.values[DAY].s, &d.day))
			continue;
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n++] = d;
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "calendar_day");
	*ret = list;
	*ret_n = n;
	return true;
}

/* Changes what a day holds. */
static bool change_day(struct ctx *ctx, const struct object *o, int64_t id, const struct value values[COLUMNS])
{
	struct bind binds[COLUMNS + 2] = { 0 };
	struct text sql;

	text_init(&sql, ctx->mem);
	text_addf(&sql, "UPDATE %s SET changed_at = $now", scope_table(ctx->mem, o));
	for (size_t i = 0; i < COLUMNS; i++) {
		binds[i] = (struct bind){ column_names[i], values[i] };
		text_addf(&sql, ", %s = $%s", column_names[i], column_names[i]);
	}
	binds[COLUMNS] = (struct bind){ "id", v_int(id) };
	text_add(&sql, " WHERE id = $id");
	return ctx_exec(ctx, sql.s, binds, NULL);
}

/* Days that are new. */
struct new_days {
	struct value values[ROWS_AT_ONCE][COLUMNS];
	size_t n;
};

static bool add_days(struct ctx *ctx, const struct object *o, struct new_days *days)
{
	struct text names, places;

	text_init(&names, ctx->mem);
	text_init(&places, ctx->mem);
	for (size_t i = 0; i < COLUMNS; i++) {
		text_addf(&names, ", %s", column_names[i]);
		text_add(&places, i == HOLIDAY || i == LUNAR ? ", nullif($?, '')" : ", $?");
	}
	/* PostgreSQL prepares a statement for each pattern of NULLs. */
	for (size_t i = 0; i < days->n; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			if (days->values[i][k].kind == V_NULL)
				days->values[i][k] = v_text("");

	bool ok = days->n == 0 || ctx_rows(ctx, fmt(ctx->mem, "INSERT INTO %s (version, created_at, changed_at%s) VALUES ", scope_table(ctx->mem, o), names.s),
	                                   fmt(ctx->mem, "(1, $now, $now%s)", places.s), "", days->values[0], days->n, COLUMNS);

	days->n = 0;
	return ok;
}

bool calendar_fill(struct ctx *ctx, int from_year, int to_year)
{
	const struct object *o = schema_object(ctx->schema, "calendar_day");
	int64_t from = date_days((struct ymd){ from_year, 1, 1 });
	int64_t to = date_days((struct ymd){ to_year, 12, 31 });
	int64_t number = calendar_workdays_between(NUMBER_FROM, from - 1);
	struct new_days *fresh = arena_alloc(ctx->mem, sizeof *fresh);
	struct stored_day *stored = NULL;
	size_t n = 0;
	size_t at = 0;

	if (!calendar_load(ctx) || !read_days(ctx, o, from, to, &stored, &n))
		return false;
	for (int64_t day = from; day <= to; day++) {
		struct value values[COLUMNS];
		const struct stored_day *old = at < n && stored[at].day == day ? &stored[at++] : NULL;
		bool same = old != NULL;

		number += calendar_workday(day);
		day_values(ctx->mem, day, number, values);
		if (old && old->version > 1) {
			values[WORKDAY] = old->values[WORKDAY];
			values[HOLIDAY] = old->values[HOLIDAY];
		}
		for (size_t i = 0; same && i < COLUMNS; i++)
			same = value_eq(values[i], old->values[i]);
		if (!old)
			memcpy(fresh->values[fresh->n++], values, sizeof values);
		if ((old && !same && !change_day(ctx, o, old->id, values)) || (fresh->n == ROWS_AT_ONCE && !add_days(ctx, o, fresh)))
			return false;
	}
	return add_days(ctx, o, fresh);
}

/* The text, kept for as long as the process lives.  With custom_lock held. */
static const char *keep_name(const char *name)
{
	if (!name)
		return NULL;
	for (size_t i = 0; i < n_kept; i++)
		if (text_eq(kept_names[i], name))
			return kept_names[i];
	kept_names = arena_grow(&name_mem, kept_names, &cap_kept, n_kept + 1, sizeof *kept_names);
	return kept_names[n_kept++] = arena_dup(&name_mem, name);
}

bool calendar_load(struct ctx *ctx)
{
	const struct object *o = schema_object(ctx->schema, "calendar_day");
	const char *sql = fmt(ctx->mem, "SELECT day, workday, holiday FROM %s"
	                                " WHERE version > 1 AND deleted_at IS NULL ORDER BY day",
	                      scope_table(ctx->mem, o));
	struct query *q = ctx_query(ctx, sql, NULL);

	if (!q)
		return false;
	pthread_rwlock_wrlock(&custom_lock);
	arena_reset(&custom_mem);
	custom = (struct specials){ 0 };
	while (db_next(q)) {
		const char *text = db_text(q, 0);
		struct special s = { .off = db_int(q, 1) == 0, .name = db_text(q, 2) };

		if (!text || !date_parse(text, &s.day))
			continue;

		struct special usual = notice_of(s.day);

		if (s.off == usual.off && text_eq(s.off ? s.name : NULL, usual.name))
			continue;
		s.name = s.off ? keep_name(s.name) : NULL;
		special_add(&custom_mem, &custom, s);
		year_mark(&custom_mem, &custom, date_ymd(s.day).year);
	}
	pthread_rwlock_unlock(&custom_lock);

	bool failed = db_failed(q);

	db_done(q);
	return !failed || fail_db(ctx, "calendar_day");
}

bool calendar_job(struct ctx *ctx, const struct json *args)
{
	enum { AHEAD = 10 };
	const struct object *o = schema_object(ctx->schema, "calendar_day");
	const char *first;
	int64_t from;
	int64_t today;

	(void)args;
	if (!date_parse(ctx->today, &today) ||
	    !ctx_get_text(ctx, fmt(ctx->mem, "SELECT min(day) FROM %s WHERE deleted_at IS NULL",
	                           scope_table(ctx->mem, o)), NULL, &first))
		return false;
	if (!first || !date_parse(first, &from))
		from = today;
	return calendar_fill(ctx, date_ymd(from).year, date_ymd(today).year + AHEAD);
}

bool calendar_changed(struct ctx *ctx, struct change *c)
{
	(void)c;
	return job_add(ctx, "calendar_update", NULL, ctx->now, "calendar_update");
}

/*
 * Working hours
 */

/* Working minutes of a day up to a minute of it. */
static int64_t worked_until(int64_t day, int minute, int from, int to)
{
	return !calendar_workday(day) || minute <= from ? 0 : (minute < to ? minute : to) - from;
}

int64_t calendar_working_minutes(struct ctx *ctx, int64_t start, int64_t end)
{
	int from = clock_minutes(setting_text(ctx, "work_from"));
	int to = clock_minutes(setting_text(ctx, "work_to"));
	int64_t first = instant_day(start);
	int64_t last = instant_day(end);

	if (end <= start || to <= from)
		return 0;
	/* Whole days from the first on, less what lies before the start, and what the last day has. */
	return (calendar_workdays_between(first, last) + calendar_workday(first) - calendar_workday(last)) * (to - from)
	       - worked_until(first, instant_minute(start), from, to) + worked_until(last, instant_minute(end), from, to);
}

int64_t calendar_after_working(struct ctx *ctx, int64_t start, int64_t minutes)
{
	int from = clock_minutes(setting_text(ctx, "work_from"));
	int to = clock_minutes(setting_text(ctx, "work_to"));
	int64_t day = instant_day(start);
	int at = instant_minute(start);

	if (to <= from)
		return start + minutes * 60000;
	for (;; day++, at = 0) {
		int begin = at > from ? at : from;

		if (!calendar_workday(day) || begin >= to)
			continue;
		if (minutes <= to - begin)
			/* Days are as long as any here: the company's zone has no other. */
			return start + (day - instant_day(start)) * INT64_C(86400000) +
			       (begin + minutes - instant_minute(start)) * 60000;
		minutes -= to - begin;
	}
}
