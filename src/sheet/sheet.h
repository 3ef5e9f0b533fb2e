/*
 * sheet: rows of text out of CSV, TSV, XLSX and XLS files, and into CSV and XLSX.
 *
 * Reading is streaming: memory does not grow with the number of rows.  A
 * reader settles encoding, delimiter and layout by looking at the beginning
 * (and, for the encoding, at the whole file), says what it found, and lets the
 * caller overrule it.  Cells are text in UTF-8 exactly as a person would see
 * them in the file: leading zeros and long digit strings are kept; XLSX numbers
 * are written in full (never 1.38E+10), shares as 12.5%, dates as YYYY-MM-DD,
 * date-times as YYYY-MM-DD HH:MM:SS.
 *
 * Every limit is in this header; going over one is an error with the line.
 */
#ifndef SHEET_SHEET_H
#define SHEET_SHEET_H

#include "base/text.h"

enum {
	SHEET_COLUMNS = 1000,            /* in the files we take; XLSX allows 16,384 */
	SHEET_CELL = 32767 * 4,          /* bytes a cell */
	SHEET_ROW = 1 << 24,             /* bytes a row */
	SHEET_XLSX_ROWS = 1048576,
	SHEET_XLSX_BYTES = 1 << 30,      /* inflated, counted while inflating */
	SHEET_XLSX_STRINGS = 1 << 29,    /* shared strings in memory */
	SHEET_XLSX_ENTRIES = 1000,
	SHEET_XLS_BYTES = 1 << 28,       /* of an old workbook, held in memory */
	SHEET_TABS = 255,
};

enum sheet_kind { SHEET_CSV, SHEET_XLSX, SHEET_XLS };

enum sheet_encoding {
	SHEET_AUTO,
	SHEET_UTF8,
	SHEET_UTF16LE,
	SHEET_UTF16BE,
	SHEET_GB18030,                   /* covers GBK and GB2312 */
	SHEET_WINDOWS1252,
};

/* What to read and how; zero means "find out". */
struct sheet_options {
	enum sheet_encoding encoding;
	char delimiter;                  /* , ; tab | */
	int tab;                         /* worksheet, from 1 */
};

struct sheet_error {
	int64_t line;                    /* 0: the file as a whole */
	const char *code;                /* "encoding" "quote" "columns" "cell" "rows" "zip" "bomb" "xml" "entity" "encrypted" "empty" "io" "format" "binary" */
	const char *message_zh;
	const char *message_en;
};

struct sheet_cell {
	const char *s;                   /* terminated UTF-8, valid until the next row */
	size_t n;
};

struct sheet_row {
	int64_t line;                    /* in the file, from 1 (a quoted cell may span lines) */
	size_t cells;
	struct sheet_cell *cell;
};

struct sheet;

/*
 * Opens `path`; kind by content, not by name.  The reader lives in mem and is
 * closed with it.  NULL with *error on failure.
 */
struct sheet *sheet_open(struct arena *mem, const char *path, const struct sheet_options *options,
                         struct sheet_error *error);

enum sheet_kind sheet_kind(const struct sheet *s);
enum sheet_encoding sheet_encoding(const struct sheet *s);      /* found or given */
const char *sheet_encoding_name(enum sheet_encoding e);         /* "UTF-8", "GB18030", … */
enum sheet_encoding sheet_encoding_find(const char *name);      /* SHEET_AUTO if unknown */
char sheet_delimiter(const struct sheet *s);
size_t sheet_tabs(const struct sheet *s);
const char *sheet_tab(const struct sheet *s, size_t i);         /* name of worksheet i, from 0 */

/*
 * The next row that is not wholly empty (the header is just the first row).
 * False at the end or on failure; then error->code is NULL or says why.
 */
bool sheet_next(struct sheet *s, const struct sheet_row **ret_row, struct sheet_error *error);

/* Share of the file read so far, 0–1000. */
int sheet_progress(const struct sheet *s);

/*
 * Date order of a column.  Feed each value; ask at the end.  "ask" means both
 * day-first and month-first fit equally many values and at least one value is
 * read differently.  "none": half of the values or more are no dates.
 */
enum date_order { DATE_NONE, DATE_YMD, DATE_DMY, DATE_MDY, DATE_ASK };
struct date_guess { int64_t ymd, dmy, mdy, dates, other, empty; bool differ; };
void date_guess_add(struct date_guess *g, const char *cell);
enum date_order date_guess_order(const struct date_guess *g);
/*
 * Reads a date the way people write it – 2026-11-25, 2026/11/25, 2026.11.25,
 * 20261125, 2026年11月25日, 25/11/26, 25-Nov-2026, Excel serials are NOT guessed –
 * with an optional time of day behind it (kept in *ret_time as minutes·60+seconds,
 * −1 if none).  Two-digit years: 00–68 → 20xx, 69–99 → 19xx.
 */
bool date_read(const char *cell, enum date_order order, int64_t *ret_days, int *ret_time);

/*
 * Writing.  Text cells that a spreadsheet would take for a formula (= + - @ TAB
 * CR LF, also full-width) get a leading apostrophe in CSV (numbers, also negative ones,
 * do not); in XLSX cells are typed and text is never a formula.  CSV is UTF-8 with BOM.
 */
struct sheet_writer;
enum sheet_type { SHEET_TEXT, SHEET_NUMBER, SHEET_PERCENT, SHEET_DATE, SHEET_INSTANT };

/*
 * CSV rows are appended to `out` and the caller drains it; XLSX goes to a
 * temporary file in `dir` whose path sheet_write_end returns.
 */
struct sheet_writer *sheet_write(struct arena *mem, enum sheet_kind kind, struct text *out,
                                 const char *dir);
void sheet_write_cell(struct sheet_writer *w, enum sheet_type type, const char *s);   /* NULL: empty */
bool sheet_write_row(struct sheet_writer *w);                   /* ends the row; false past XLSX_ROWS */
bool sheet_write_end(struct sheet_writer *w, const char **ret_path);
/* Takes the apostrophe off again that our own CSV export put on. */
const char *sheet_unguard(const char *cell);

#endif
