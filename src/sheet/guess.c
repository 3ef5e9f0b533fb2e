#include <strings.h>

#include "base/date.h"
#include "sheet/sheet.h"

/*
 * A date as written: up to three numbers in the order they stand, and what
 * separates them.  Which is which is decided afterwards, by the order wanted.
 */
struct written {
	int number[3];
	int digits[3];                  /* how many */
	int month;                      /* named month, or 0; then number[] has two */
	int parts;                      /* numbers read */
	int named_at;                   /* in which place the month stood by name */
	const char *rest;               /* behind the date */
};

/* Characters people write full-width or in Chinese, as one ASCII letter; 0 for others. */
static char separator(const char **s)
{
	static const struct {
		const char *text;
		char means;
	} known[] = {
		{ "年", 'y' }, { "月", 'm' }, { "日", 'd' }, { "号", 'd' },
		{ "／", '/' }, { "－", '-' }, { "．", '.' },
	};

	for (size_t i = 0; i < LENGTH(known); i++)
		if (text_starts(*s, known[i].text)) {
			*s += strlen(known[i].text);
			return known[i].means;
		}
	if (**s == '-' || **s == '/' || **s == '.' || **s == ' ' || **s == ',')
		return *(*s)++;
	return 0;
}

static void skip_blanks(const char **s)
{
	while (**s == ' ' || **s == '\t')
		(*s)++;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The month whose English name begins at *s (three letters or the whole), 0 if none does. */
static int named_month(const char **s)
{
	static const char *const names[] = { "january", "february", "march",     "april",
	                                     "may",     "june",     "july",      "august",
	                                     "september", "october", "november", "december" };

	for (int i = 0; i < 12; i++) {
		if (strncasecmp(*s, names[i], 3) != 0)
			continue;

		size_t n = strlen(names[i]);

		*s += strncasecmp(*s, names[i], n) == 0 ? n : strncasecmp(*s, "sept", 4) == 0 ? 4 : 3;
		if (**s == '.')
			(*s)++;
		return i + 1;
	}
	return 0;
}

/* One number of the date. */
static bool read_number(const char **s, struct written *w)
{
	int value = 0;
	int digits = 0;

	for (; is_digit(**s); (*s)++) {
		if (++digits > 8)
			return false;
		value = value * 10 + (**s - '0');
	}
	w->number[w->parts] = value;
	w->digits[w->parts++] = digits;
	return digits > 0;
}

/* 20261125 as one number. */
static bool split_compact(struct written *w)
{
	int n = w->number[0];

	w->number[0] = n / 10000;
	w->number[1] = n / 100 % 100;
	w->number[2] = n % 100;
	w->digits[0] = 4;
	w->digits[1] = w->digits[2] = 2;
	w->parts = 3;
	return true;
}

/* Between two numbers the same sign must stand both times; Chinese words have their order. */
static bool fits(char before, char sep, int place)
{
	if (sep == 'y' || sep == 'm' || sep == 'd')
		return (sep == 'y' && place == 1) || (sep == 'm' && place == 2 && before == 'y');
	return sep != 0 && (place == 1 || before == sep || (before != 'y' && (sep == ',' || sep == ' ')));
}

static bool read_written(const char *s, struct written *w)
{
	char before = 0;

	*w = (struct written){ .named_at = -1 };
	for (int place = 0; place < 3; place++) {
		skip_blanks(&s);

		int month = w->month ? 0 : named_month(&s);

		if (month) {
			w->month = month;
			w->named_at = place;
		} else if (!read_number(&s, w)) {
			return false;
		}
		if (place == 0 && w->parts == 1 && w->digits[0] == 8) {
			w->rest = s;
			return split_compact(w);
		}
		if (place == 2)
			break;

		char sep = separator(&s);

		if (!fits(before, sep, place + 1))
			return false;
		if (sep == ',' || (sep == ' ' && *s == ','))
			skip_blanks(&s);
		before = sep;
	}
	const char *behind = s;

	w->rest = before == 'm' && separator(&behind) == 'd' ? behind : s;
	return true;
}

/* Two digits are of this century up to 68, of the last from 69. */
static int full_year(int year, int digits)
{
	if (digits == 4)
		return year;
	if (digits != 2)
		return -1;
	return year <= 68 ? 2000 + year : 1900 + year;
}

/* The date if it is meant in this order. */
static bool in_order(const struct written *w, enum date_order order, int64_t *ret_days)
{
	struct ymd d;

	if (w->month) {
		/* The named month settles itself; the year is the long number or the last. */
		int year = w->digits[0] == 4 ? 0 : 1;

		d = (struct ymd){ full_year(w->number[year], w->digits[year]), w->month,
		                  w->number[1 - year] };
		if (w->named_at == 2 || w->digits[1 - year] > 2)
			return false;
	} else if (order == DATE_YMD) {
		d = (struct ymd){ full_year(w->number[0], w->digits[0]), w->number[1], w->number[2] };
		if (w->digits[1] > 2 || w->digits[2] > 2)
			return false;
	} else {
		bool day_first = order == DATE_DMY;

		d = (struct ymd){ full_year(w->number[2], w->digits[2]),
		                  w->number[day_first ? 1 : 0], w->number[day_first ? 0 : 1] };
		if (w->digits[0] > 2 || w->digits[1] > 2)
			return false;
	}
	if (!date_ok(d) || d.year < 1900 || d.year > 2999)
		return false;
	*ret_days = date_days(d);
	return true;
}

/* Two digits of the clock at *s; −1 if there is no digit. */
static int clock_number(const char **s)
{
	int value = 0;
	int digits = 0;

	for (; digits < 2 && is_digit(**s); digits++, (*s)++)
		value = value * 10 + (**s - '0');
	return digits > 0 && !is_digit(**s) ? value : -1;
}

/* True, and past it, if `word` stands at *s. */
static bool take(const char **s, const char *word)
{
	if (strncasecmp(*s, word, strlen(word)) != 0)
		return false;
	*s += strlen(word);
	return true;
}

/* Fractions of a second and offsets are passed over: the clock time is what is written. */
static bool take_rest(const char **s)
{
	if (take(s, ".") || take(s, ","))
		while (is_digit(**s))
			(*s)++;
	if (take(s, "Z"))
		return true;
	if (**s != '+' && **s != '-')
		return true;
	(*s)++;

	int hours = 0;

	for (int i = 0; i < 2; i++, (*s)++)
		if (!is_digit(**s))
			return false;
		else
			hours = hours * 10 + (**s - '0');
	take(s, ":");
	if (is_digit(**s) && is_digit((*s)[1]))
		*s += 2;
	return hours <= 18;
}

/* "9:30", "09:30:15", "T09:30Z", "上午9点30分", "9:30 PM"; −1 if nothing is there. */
static bool read_time(const char *s, int *ret_time)
{
	skip_blanks(&s);
	take(&s, "T");
	skip_blanks(&s);
	*ret_time = -1;
	if (!*s)
		return true;

	bool morning = take(&s, "上午");
	bool afternoon = !morning && (take(&s, "下午") || take(&s, "晚上"));

	skip_blanks(&s);

	int hour = clock_number(&s);
	int minute = 0;
	int second = 0;

	if (take(&s, ":") || take(&s, "：") || take(&s, "点") || take(&s, "时")) {
		bool named = s[-1] != ':';

		if (!named || is_digit(*s))
			minute = clock_number(&s);
		if (take(&s, ":") || (take(&s, "分") && is_digit(*s)))
			second = clock_number(&s);
		take(&s, "秒");
	} else {
		return false;
	}
	if (second >= 0 && !take_rest(&s))
		return false;
	skip_blanks(&s);
	morning = morning || take(&s, "AM");
	afternoon = afternoon || (!morning && take(&s, "PM"));
	skip_blanks(&s);
	if (*s || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	if (afternoon && hour < 12)
		hour += 12;
	else if (morning && hour == 12)
		hour = 0;
	*ret_time = (hour * 60 + minute) * 60 + second;
	return true;
}

/* The cell as numbers and a time; false if it is no date in any order. */
static bool read_cell(const char *cell, struct written *w, int *ret_time)
{
	const char *s = cell;

	skip_blanks(&s);
	if (!read_written(s, w))
		return false;
	/* A time needs something between it and the date. */
	if (is_digit(*w->rest))
		return false;
	return read_time(w->rest, ret_time);
}

bool date_read(const char *cell, enum date_order order, int64_t *ret_days, int *ret_time)
{
	struct written w;
	int time;
	int64_t days;

	if (!read_cell(cell, &w, &time))
		return false;
	/* A year of four digits in front leaves no other order. */
	if (w.digits[0] == 4)
		order = DATE_YMD;
	if (order != DATE_DMY && order != DATE_MDY)
		order = DATE_YMD;
	if (!in_order(&w, order, &days))
		return false;
	*ret_days = days;
	*ret_time = time;
	return true;
}

void date_guess_add(struct date_guess *g, const char *cell)
{
	struct written w;
	int time;
	int64_t ymd = 0;
	int64_t dmy = 0;
	int64_t mdy = 0;

	if (strspn(cell, " \t") == strlen(cell)) {
		g->empty++;
		return;
	}
	if (!read_cell(cell, &w, &time)) {
		g->other++;
		return;
	}

	/* A year of four digits in front is the same date in every order. */
	bool settled = w.digits[0] == 4;
	bool is_ymd = in_order(&w, DATE_YMD, &ymd);
	bool is_dmy = settled ? is_ymd : in_order(&w, DATE_DMY, &dmy);
	bool is_mdy = settled ? is_ymd : in_order(&w, DATE_MDY, &mdy);

	if (!is_ymd && !is_dmy && !is_mdy) {
		g->other++;
		return;
	}
	/* 03/01/19 fits all three; two digits in front are a year only if nothing else fits. */
	g->dates++;
	g->ymd += settled || (!is_dmy && !is_mdy);
	g->dmy += is_dmy;
	g->mdy += is_mdy;
	g->differ = g->differ || (is_dmy && is_mdy && dmy != mdy);
}

enum date_order date_guess_order(const struct date_guess *g)
{
	if (g->other >= g->dates)
		return DATE_NONE;
	if (g->ymd == g->dates)
		return DATE_YMD;
	if (g->dmy == g->dates && g->mdy == g->dates)
		return g->differ ? DATE_ASK : DATE_DMY;
	/* Neither need fit all: what does not is shown as wrong in the preview. */
	if (g->dmy == g->mdy)
		return DATE_ASK;
	return g->dmy > g->mdy ? DATE_DMY : DATE_MDY;
}
