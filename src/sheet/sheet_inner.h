/*
 * sheet_inner: what the parts of sheet share.  Nobody else includes this.
 *
 *   sheet.c      opening by content, passing rows on, messages
 *   encoding.c   which encoding a text file has; its bytes as UTF-8
 *   csv.c        delimited text
 *   part.c       one XML part of an archive, inflated and parsed within limits
 *   xlsx.c       workbooks of Excel 2007 and later
 *   ole.c        the container of older Office files
 *   xls.c        workbooks of Excel 97-2003 and 5/95
 *   cell.c       cell formats, numbers and dates as people see them; rows; strings
 *   guess.c      dates as people write them
 *   write.c      CSV and XLSX out
 *
 * Whatever can become large lives in the reader's own arena, so that a ceiling
 * on the caller's arena is never met because of what a file contains.
 */
#ifndef SHEET_SHEET_INNER_H
#define SHEET_SHEET_INNER_H

#include <iconv.h>

#include "sheet/sheet.h"

/* What a kind of file must be able to do. */
struct sheet_reader {
	/* Fills s->row.  False at the end and on failure; then error->code tells. */
	bool (*next)(struct sheet *s, struct sheet_error *error);
	int (*progress)(const struct sheet *s);
};

struct sheet {
	struct arena *mem;              /* the caller's: messages, names of worksheets */
	struct arena own;               /* everything else; gone when the reader is closed */
	const char *path;
	int fd;
	int64_t size;                   /* of the file */
	struct sheet_options options;   /* as given */
	enum sheet_kind kind;
	enum sheet_encoding encoding;
	char delimiter;
	size_t tabs;
	const char **tab;
	const struct sheet_reader *reader;
	void *state;                    /* the reader's */
	struct sheet_row row;
	int64_t inflated;               /* bytes that came out of an archive so far */
	bool delivered;                 /* at least one row */
	bool over;                      /* the end or a failure was met */
	struct sheet_error failure;     /* repeated if asked again */
};

/* Opens what sheet.c found out to be of that kind: sets reader, state and what is known. */
bool csv_open(struct sheet *s, struct sheet_error *error);
bool xlsx_open(struct sheet *s, struct sheet_error *error);
bool xls_open(struct sheet *s, struct sheet_error *error);

/* Sets *error and returns false.  Code is static, messages static or in s->mem. */
bool sheet_fail(struct sheet_error *error, int64_t line, const char *code, const char *zh,
                const char *en);
/* The limits that all kinds share, said in the same words. */
bool sheet_fail_columns(struct sheet *s, struct sheet_error *error, int64_t line);
bool sheet_fail_cell(struct sheet *s, struct sheet_error *error, int64_t line, size_t column);
bool sheet_fail_row(struct sheet *s, struct sheet_error *error, int64_t line);
bool sheet_fail_encrypted(struct sheet_error *error);
bool sheet_fail_tab(struct sheet *s, struct sheet_error *error);

/* `n` bytes from `offset`; fewer at the end of the file; −1 if the disk fails. */
int64_t sheet_pread(const struct sheet *s, void *to, size_t n, int64_t offset);

/* --- encoding.c --- */

/* The bytes of a text file as UTF-8. */
struct source {
	int fd;
	enum sheet_encoding encoding;
	iconv_t converter;              /* for all but UTF-8 */
	int64_t taken;                  /* bytes of the file read so far */
	unsigned char *raw;             /* read but not converted yet */
	size_t raw_len;
	bool end;                       /* the file is read to its end */
	const char *bad;                /* code of the error behind what was given out */
	bool cut;                       /* … which is that the last character is incomplete */
};

/* Settles s->encoding by s->options and content; the source starts behind a BOM. */
bool encoding_open(struct sheet *s, struct source *src, struct sheet_error *error);
/*
 * Up to `room` (at least 16) bytes of valid UTF-8 without NUL.  0 at the end
 * and before the first byte that is none (src->bad).
 */
size_t encoding_read(struct source *src, char *out, size_t room);

/* --- cell.c --- */

enum cell_format {
	FORMAT_NUMBER, FORMAT_PERCENT, FORMAT_DATE, FORMAT_TIME, FORMAT_ELAPSED, FORMAT_INSTANT
};
enum { CELL_ROOM = 400 };               /* for a number in plain notation */

enum cell_format cell_format_id(int id);                /* a built-in format */
enum cell_format cell_format_code(const char *code);    /* "yyyy-mm-dd" */
/* The value as text; returns its length. */
size_t cell_number(double v, char out[static CELL_ROOM]);
size_t cell_value(double v, enum cell_format f, bool date1904, char out[static CELL_ROOM]);

/* The code of "_x000D_" at s, by which XLSX writes what XML cannot hold; −1 if it is none. */
int cell_escape(const char *s);

/* Strings that many cells point to, packed. */
struct strings {
	struct arena *mem;
	size_t limit;                   /* bytes of mem that may be used */
	const char **at;
	size_t n, cap;
	char *place;
	size_t room;
};

void strings_init(struct strings *t, struct arena *mem, size_t limit);
bool strings_add(struct strings *t, const char *s, size_t n);      /* false: over the limit */

/* A row while its cells arrive, in any order. */
struct row_slot {
	const char *lasting;            /* text that outlives the row, or NULL */
	size_t at, n;                   /* … else the place in `text` */
};

struct row {
	struct text text;
	struct row_slot *slot;          /* SHEET_COLUMNS of them */
	size_t used;                    /* slots up to the last cell with content */
	struct sheet_cell *cell;
};

enum row_result { ROW_OK, ROW_COLUMNS, ROW_CELL, ROW_BYTES };

void row_init(struct row *r, struct arena *mem);
void row_clear(struct row *r);
/* Sets cell `column` (from 0) to a copy of `s`; empty text is no content. */
enum row_result row_put(struct row *r, size_t column, const char *s, size_t n);
enum row_result row_point(struct row *r, size_t column, const char *s);
void row_finish(struct row *r, int64_t line, struct sheet_row *ret_row);
/* False with *error for what row_put answered. */
bool row_fail(struct sheet *s, enum row_result result, int64_t line, size_t column,
              struct sheet_error *error);

/* "C", "AB": the name of a column, from 0.  Static room, for messages. */
const char *cell_column(size_t column, char out[static 8]);

#endif
