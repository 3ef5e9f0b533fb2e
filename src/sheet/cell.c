#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/date.h"
#include "sheet/sheet_inner.h"

enum {
	DAY_1900 = 25569,               /* serial of 1970-01-01 */
	DAY_1904 = 24107,
	LAST_SERIAL = 2958465,          /* 9999-12-31 */
	NO_LEAP_DAY = 60,               /* 1900-02-29, which Excel thinks existed */
};

enum cell_format cell_format_id(int id)
{
	if (id == 9 || id == 10)
		return FORMAT_PERCENT;
	/* 27–36 and 50–58 are the Chinese ones. */
	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
	    (id >= 50 && id <= 54) || id == 57 || id == 58)
		return FORMAT_DATE;
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 55 || id == 56)
		return FORMAT_TIME;
	if (id == 22)
		return FORMAT_INSTANT;
	if (id >= 45 && id <= 47)
		return FORMAT_ELAPSED;
	return FORMAT_NUMBER;
}

/* The bracket at `code`: true if it is a count of hours, minutes or seconds. */
static bool bracket_counts(const char *code, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!strchr("hHmMsS", code[i]) || code[i] != code[1])
			return false;
	return n > 1;
}

enum cell_format cell_format_code(const char *code)
{
	bool day = false;               /* year or day */
	bool month = false;             /* month or minute */
	bool clock = false;             /* hour or second */
	bool percent = false;

	if (strncasecmp(code, "general", 7) == 0)
		return FORMAT_NUMBER;
	/* The first section only: the others are for negative numbers, zero and text. */
	for (; *code && *code != ';'; code++) {
		if (*code == '"') {
			code = strchr(code + 1, '"');
			if (!code)
				break;
		} else if (*code == '[') {
			size_t n = strcspn(code, "]");

			if (bracket_counts(code, n))
				return FORMAT_ELAPSED;
			if (!code[n])
				break;
			code += n;
		} else if ((*code == '\\' || *code == '_' || *code == '*') && code[1]) {
			code++;
		} else if ((*code == 'e' || *code == 'E') && (code[1] == '+' || code[1] == '-')) {
			return FORMAT_NUMBER;
		} else if (strchr("yYdDeEgGbB", *code)) {
			day = true;
		} else if (*code == 'm' || *code == 'M') {
			month = true;
		} else if (strchr("hHsS", *code)) {
			clock = true;
		} else if (*code == '%') {
			percent = true;
		}
	}
	if (clock)
		return day ? FORMAT_INSTANT : FORMAT_TIME;
	if (day || month)
		return FORMAT_DATE;
	return percent ? FORMAT_PERCENT : FORMAT_NUMBER;
}

/*
 * Fifteen significant digits are what a spreadsheet shows and keeps; a decimal
 * number of at most fifteen survives the way through a double, so rounding to
 * fifteen and dropping zeros gives back what was typed.
 */
size_t cell_number(double v, char out[static CELL_ROOM])
{
	char e[32];                     /* -d.ddddddddddddddE+ddd */
	char digits[16];
	size_t n = 0;

	if (!isfinite(v) || v == 0) {
		const char *special = isfinite(v) ? "0" : "#NUM!";

		n = strlen(special);
		memcpy(out, special, n + 1);
		return n;
	}
	snprintf(e, sizeof e, "%.14e", fabs(v));
	digits[0] = e[0];
	memcpy(digits + 1, e + 2, 14);

	int exponent = atoi(e + 17);
	int last = 14;

	while (last > 0 && digits[last] == '0')
		last--;
	if (v < 0)
		out[n++] = '-';
	if (exponent < 0) {
		out[n++] = '0';
		out[n++] = '.';
		for (int i = -1; i > exponent; i--)
			out[n++] = '0';
	}
	for (int i = 0; i <= last || i <= exponent; i++) {
		if (i > 0 && i == exponent + 1)
			out[n++] = '.';
		out[n++] = i <= last ? digits[i] : '0';
	}
	out[n] = '\0';
	return n;
}

/* A spreadsheet keeps 0.125 and shows 12.5%. */
static size_t put_percent(char *out, double v)
{
	size_t n = cell_number(v * 100, out);

	memcpy(out + n, "%", 2);
	return n + 1;
}

static size_t put_clock(char *out, int64_t seconds)
{
	return (size_t)sprintf(out, "%02d:%02d:%02d", (int)(seconds / 3600),
	                       (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static size_t put_day(char *out, int64_t serial, bool date1904)
{
	if (!date1904 && serial == NO_LEAP_DAY) {
		memcpy(out, "1900-02-29", 11);
		return 10;
	}

	int64_t days = serial - (date1904 ? DAY_1904 : DAY_1900);

	date_format(days + (!date1904 && serial < NO_LEAP_DAY), out);
	return 10;
}

size_t cell_value(double v, enum cell_format f, bool date1904, char out[static CELL_ROOM])
{
	if (f == FORMAT_PERCENT)
		return put_percent(out, v);
	/* What cannot be a date is shown as the number it is. */
	if (f == FORMAT_NUMBER || !(v >= 0) || v >= LAST_SERIAL + 1)
		return cell_number(v, out);

	int64_t seconds = llround(v * 86400);
	int64_t serial = seconds / 86400;

	/* Of a moment shown as 09:30 the day is kept: it may be the only place that has it. */
	if (f == FORMAT_ELAPSED || (f == FORMAT_TIME && serial == 0))
		return put_clock(out, seconds);
	if (f == FORMAT_DATE)
		return put_day(out, (int64_t)v, date1904);
	if (serial > LAST_SERIAL)
		return cell_number(v, out);

	size_t n = put_day(out, serial, date1904);

	out[n++] = ' ';
	return n + put_clock(out + n, seconds % 86400);
}

/* Four hexadecimal digits; −1 if they are not. */
static int hex4(const char *s)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789ABCDEF0123456789abcdef";
		const char *d = s[i] ? strchr(digits, s[i]) : NULL;

		if (!d)
			return -1;
		n = n * 16 + (int)((d - digits) % 16);
	}
	return n;
}

int cell_escape(const char *s)
{
	return strnlen(s, 7) == 7 && s[0] == '_' && s[1] == 'x' && s[6] == '_' ? hex4(s + 2) : -1;
}

void strings_init(struct strings *t, struct arena *mem, size_t limit)
{
	*t = (struct strings){ .mem = mem, .limit = limit };
}

bool strings_add(struct strings *t, const char *s, size_t n)
{
	enum { CHUNK = 256 * 1024 };

	/* Doubling the list is what costs most at once. */
	size_t growth = t->n == t->cap ? (t->cap ? t->cap * 2 : 8) * sizeof *t->at : 0;

	if (t->mem->used + growth + n + CHUNK > t->limit)
		return false;
	if (n + 1 > t->room) {
		t->room = n + 1 > CHUNK ? n + 1 : CHUNK;
		t->place = arena_alloc(t->mem, t->room);
	}
	t->at = arena_grow(t->mem, t->at, &t->cap, t->n + 1, sizeof *t->at);
	memcpy(t->place, s, n);
	t->place[n] = '\0';
	t->at[t->n++] = t->place;
	t->place += n + 1;
	t->room -= n + 1;
	return true;
}

void row_init(struct row *r, struct arena *mem)
{
	*r = (struct row){ 0 };
	text_init(&r->text, mem);
	r->slot = arena_array(mem, SHEET_COLUMNS, sizeof *r->slot);
	r->cell = arena_array(mem, SHEET_COLUMNS, sizeof *r->cell);
}

void row_clear(struct row *r)
{
	memset(r->slot, 0, r->used * sizeof *r->slot);
	r->used = 0;
	text_clear(&r->text);
}

/* Room for a cell with content in `column`. */
static enum row_result take_slot(struct row *r, size_t column, size_t n)
{
	if (column >= SHEET_COLUMNS)
		return ROW_COLUMNS;
	if (n > SHEET_CELL)
		return ROW_CELL;
	if (column >= r->used)
		r->used = column + 1;
	return ROW_OK;
}

enum row_result row_put(struct row *r, size_t column, const char *s, size_t n)
{
	if (n == 0)
		return ROW_OK;

	enum row_result result = take_slot(r, column, n);

	if (result != ROW_OK)
		return result;
	if (r->text.len + n + 1 > SHEET_ROW)
		return ROW_BYTES;
	r->slot[column] = (struct row_slot){ NULL, r->text.len, n };
	text_addn(&r->text, s, n);
	text_addc(&r->text, '\0');
	return ROW_OK;
}

enum row_result row_point(struct row *r, size_t column, const char *s)
{
	size_t n = strlen(s);

	if (n == 0)
		return ROW_OK;

	enum row_result result = take_slot(r, column, n);

	if (result == ROW_OK)
		r->slot[column] = (struct row_slot){ s, 0, n };
	return result;
}

void row_finish(struct row *r, int64_t line, struct sheet_row *ret_row)
{
	for (size_t i = 0; i < r->used; i++) {
		const struct row_slot *slot = &r->slot[i];

		r->cell[i].n = slot->n;
		r->cell[i].s = slot->n == 0 ? "" : slot->lasting ? slot->lasting : r->text.s + slot->at;
	}
	*ret_row = (struct sheet_row){ line, r->used, r->cell };
}

bool row_fail(struct sheet *s, enum row_result result, int64_t line, size_t column,
              struct sheet_error *error)
{
	switch (result) {
	case ROW_OK:
		return true;
	case ROW_COLUMNS:
		return sheet_fail_columns(s, error, line);
	case ROW_CELL:
		return sheet_fail_cell(s, error, line, column);
	case ROW_BYTES:
		return sheet_fail_row(s, error, line);
	}
	return false;
}

const char *cell_column(size_t column, char out[static 8])
{
	char letters[8];
	size_t n = 0;
	size_t i = 0;

	/* Bijective base 26: A … Z, AA … */
	for (size_t c = column + 1; c > 0 && n < sizeof letters - 1; c = (c - 1) / 26)
		letters[n++] = (char)('A' + (c - 1) % 26);
	while (n > 0)
		out[i++] = letters[--n];
	out[i] = '\0';
	return out;
}
