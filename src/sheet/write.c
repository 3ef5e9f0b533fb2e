#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include <xlsxwriter.h>

#include "base/date.h"
#include "sheet/sheet_inner.h"

enum {
	EXCEL_TEXT = 32767,             /* UTF-16 units a cell holds */
	EXACT_DIGITS = 15,              /* a spreadsheet keeps no more */
	DAY_1900 = 25569,               /* serial of 1970-01-01 */
	INSTANT_ROOM = 26,
	FIRST_SERIAL = 61,              /* 1900-03-01: before it Excel counts a day too many */
};

/*
 * Days: what a moment is late by, so that its 16 digits in the file never say
 * less than the second meant.  Some programs cut, and showed 07:59:59 for 08:00.
 */
static const double LATE = 5e-11;

struct sheet_writer {
	struct arena *mem;
	enum sheet_kind kind;
	struct text *out;               /* CSV */
	bool any;                       /* a cell in this row */
	lxw_workbook *book;             /* XLSX; NULL once ended */
	lxw_worksheet *page;
	lxw_format *percent, *date, *instant;
	char *path;
	struct text cut, escaped;       /* a text that was too long, or had to be changed */
	lxw_row_t row;
	lxw_col_t column;
};

/* --- Formulas --- */

/* The digits of an optionally signed decimal number; 0 if it is none. */
static size_t number_digits(const char *s)
{
	size_t whole;
	size_t fraction = 0;

	s += *s == '-' || *s == '+';
	whole = strspn(s, "0123456789");
	s += whole;
	if (*s == '.') {
		fraction = strspn(s + 1, "0123456789");
		s += 1 + fraction;
		if (fraction == 0)
			return 0;
	}
	return *s || whole == 0 ? 0 : whole + fraction;
}

/* Would a spreadsheet compute it?  Full-width signs count: some convert them. */
static bool is_formula(const char *s)
{
	static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r", "\n",
	                                      "＝", "＋", "－", "＠" };

	for (size_t i = 0; i < LENGTH(starts); i++)
		if (text_starts(s, starts[i]))
			return number_digits(s) == 0;
	return false;
}

/*
 * A formula behind any number of apostrophes, so that taking off the one we
 * put on always gives back exactly what was there.
 */
static bool needs_guard(const char *s)
{
	return is_formula(s + strspn(s, "'"));
}

const char *sheet_unguard(const char *cell)
{
	return *cell == '\'' && needs_guard(cell) ? cell + 1 : cell;
}

/* A moment as the company's clock shows it: "2026-11-25 09:30:00"; s itself if it is none. */
static const char *company_time(const char *s, char out[static INSTANT_ROOM])
{
	int64_t instant;

	if (!instant_parse(s, &instant))
		return s;
	instant_format(instant, out);
	out[10] = ' ';
	out[19] = '\0';
	return out;
}

/* --- CSV --- */

/*
 * Any delimiter is quoted, so that no reader guesses another one; so is what
 * at the start of a file would be taken for another format.
 */
static bool needs_quotes(const char *s, bool guarded)
{
	size_t n = strlen(s);

	return guarded || s[strcspn(s, ",;|\t\"\r\n")] ||
	       (n > 0 && (strchr(" <{[", s[0]) || s[n - 1] == ' ')) ||
	       strncasecmp(s, "sep=", 4) == 0 || strncasecmp(s, "MIME", 4) == 0;
}

static void csv_cell(struct sheet_writer *w, const char *s)
{
	bool guarded = needs_guard(s);

	if (!needs_quotes(s, guarded)) {
		text_add(w->out, s);
		return;
	}
	text_addc(w->out, '"');
	if (guarded)
		text_addc(w->out, '\'');
	for (const char *quote; (quote = strchr(s, '"')); s = quote + 1) {
		text_addn(w->out, s, (size_t)(quote - s));
		text_add(w->out, "\"\"");
	}
	text_add(w->out, s);
	text_addc(w->out, '"');
}

/* --- XLSX --- */

/* What looks like an escape of XLSX is text here: its first sign is escaped. */
static const char *escaped(struct sheet_writer *w, const char *s)
{
	if (!strstr(s, "_x"))
		return s;
	text_clear(&w->escaped);
	for (; *s; s++)
		if (cell_escape(s) >= 0)
			text_add(&w->escaped, "_x005F_");
		else
			text_addc(&w->escaped, *s);
	return w->escaped.s;
}

/* `s`, or as much of it as a cell holds. */
static const char *fitting(struct sheet_writer *w, const char *s)
{
	size_t units = 0;
	const char *at = s;

	if (strlen(s) <= EXCEL_TEXT)
		return s;
	for (const char *last = s; *at; last = at) {
		uint32_t c = utf8_next(&at);

		units += c > 0xFFFF ? 2 : 1;
		if (units > EXCEL_TEXT) {
			text_clear(&w->cut);
			text_addn(&w->cut, s, (size_t)(last - s));
			return w->cut.s;
		}
	}
	return s;
}

static void xlsx_text(struct sheet_writer *w, const char *s)
{
	worksheet_write_string(w->page, w->row, w->column, escaped(w, fitting(w, s)), NULL);
}

/* Numbers with more digits than a spreadsheet keeps stay text. */
static void xlsx_number(struct sheet_writer *w, const char *s)
{
	size_t digits = number_digits(s);

	if (digits == 0 || digits > EXACT_DIGITS)
		xlsx_text(w, s);
	else
		worksheet_write_number(w->page, w->row, w->column, strtod(s, NULL), NULL);
}

static void xlsx_percent(struct sheet_writer *w, const char *s)
{
	char number[EXACT_DIGITS + sizeof "-.%"];
	size_t n = strcspn(s, "%");

	snprintf(number, sizeof number, "%.*s", (int)n, s);

	size_t digits = n < sizeof number && text_eq(s + n, "%") ? number_digits(number) : 0;

	if (digits == 0 || digits > EXACT_DIGITS)
		xlsx_text(w, s);
	else
		worksheet_write_number(w->page, w->row, w->column, strtod(number, NULL) / 100, w->percent);
}

static void xlsx_date(struct sheet_writer *w, const char *s)
{
	int64_t days;

	if (!date_parse(s, &days) || days + DAY_1900 < FIRST_SERIAL)
		xlsx_text(w, s);
	else
		worksheet_write_number(w->page, w->row, w->column, (double)(days + DAY_1900), w->date);
}

static void xlsx_instant(struct sheet_writer *w, const char *s)
{
	char local[INSTANT_ROOM];
	int64_t days;

	if (company_time(s, local) != local) {
		xlsx_text(w, s);
		return;
	}

	int seconds = (atoi(local + 11) * 60 + atoi(local + 14)) * 60 + atoi(local + 17);

	local[10] = '\0';
	if (!date_parse(local, &days) || days + DAY_1900 < FIRST_SERIAL)
		xlsx_text(w, s);
	else
		worksheet_write_number(w->page, w->row, w->column,
		                       (double)(days + DAY_1900) + seconds / 86400.0 + LATE,
		                       w->instant);
}

static void xlsx_cell(struct sheet_writer *w, enum sheet_type type, const char *s)
{
	switch (type) {
	case SHEET_TEXT:
		xlsx_text(w, s);
		return;
	case SHEET_NUMBER:
		xlsx_number(w, s);
		return;
	case SHEET_PERCENT:
		xlsx_percent(w, s);
		return;
	case SHEET_DATE:
		xlsx_date(w, s);
		return;
	case SHEET_INSTANT:
		xlsx_instant(w, s);
		return;
	}
}

/* A writer that was not ended leaves nothing behind. */
static void abandon(void *ptr)
{
	struct sheet_writer *w = ptr;

	if (!w->book)
		return;
	lxw_workbook_free(w->book);
	unlink(w->path);
}

static struct sheet_writer *xlsx_start(struct sheet_writer *w, const char *dir)
{
	lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = arena_dup(w->mem, dir) };

	w->path = fmt(w->mem, "%s/export-XXXXXX.xlsx", dir);

	int fd = mkstemps(w->path, 5);

	if (fd < 0)
		return NULL;
	close(fd);
	w->book = workbook_new_opt(w->path, &options);
	if (!w->book) {
		unlink(w->path);
		return NULL;
	}
	arena_defer(w->mem, abandon, w);
	w->page = workbook_add_worksheet(w->book, NULL);
	w->percent = workbook_add_format(w->book);
	w->date = workbook_add_format(w->book);
	w->instant = workbook_add_format(w->book);
	format_set_num_format(w->percent, "0.00%");
	format_set_num_format(w->date, "yyyy-mm-dd");
	format_set_num_format(w->instant, "yyyy-mm-dd hh:mm:ss");
	return w;
}

/* --- Both --- */

struct sheet_writer *sheet_write(struct arena *mem, enum sheet_kind kind, struct text *out,
                                 const char *dir)
{
	struct sheet_writer *w = arena_alloc(mem, sizeof *w);

	w->mem = mem;
	w->kind = kind == SHEET_CSV ? SHEET_CSV : SHEET_XLSX;
	text_init(&w->cut, mem);
	text_init(&w->escaped, mem);
	w->out = out;
	if (w->kind == SHEET_XLSX)
		return xlsx_start(w, dir);
	text_add(out, "\xEF\xBB\xBF");
	return w;
}

void sheet_write_cell(struct sheet_writer *w, enum sheet_type type, const char *s)
{
	char local[INSTANT_ROOM];

	if (w->kind == SHEET_CSV) {
		if (w->any)
			text_addc(w->out, ',');
		if (s)
			csv_cell(w, type == SHEET_INSTANT ? company_time(s, local) : s);
	} else {
		if (s && *s && w->column < LXW_COL_MAX && w->row < LXW_ROW_MAX)
			xlsx_cell(w, type, s);
		w->column++;
	}
	w->any = true;
}

bool sheet_write_row(struct sheet_writer *w)
{
	w->any = false;
	if (w->kind == SHEET_CSV) {
		text_add(w->out, "\r\n");
		return true;
	}
	w->column = 0;
	return w->row++ < SHEET_XLSX_ROWS;
}

bool sheet_write_end(struct sheet_writer *w, const char **ret_path)
{
	lxw_error result;

	if (w->kind == SHEET_CSV)
		return true;
	result = workbook_close(w->book);
	w->book = NULL;
	if (result != LXW_NO_ERROR) {
		unlink(w->path);
		return false;
	}
	*ret_path = w->path;
	return true;
}
