/*
 * sheet_files: makes the files that the tests of sheet read, byte by byte,
 * and shows what was read.  Files are removed with the arena.
 */
#ifndef TESTS_UNIT_SHEET_FILES_H
#define TESTS_UNIT_SHEET_FILES_H

#include "sheet/sheet.h"

const char *file_of(struct arena *mem, const char *bytes, size_t n);
const char *file_text(struct arena *mem, const char *s);
/* The text in another encoding, as iconv calls it; bom: the bytes to put in front. */
const char *file_encoded(struct arena *mem, const char *utf8, const char *encoding, const char *bom,
                         size_t bom_len);

struct file_part {
	const char *name;
	const char *content;            /* n 0: a string */
	size_t n;
	bool stored;                    /* not compressed */
};
/* A ZIP archive of parts, ended by one without a name. */
const char *file_zip(struct arena *mem, const struct file_part *parts);

/* A workbook of one worksheet; NULL leaves a part out. */
struct file_book {
	const char *rows;               /* within <sheetData> */
	const char *strings;            /* within <sst> */
	const char *styles;             /* within <styleSheet> */
	const char *properties;         /* of <workbookPr> */
	const char *before;             /* before the root element of the worksheet */
};
const char *file_xlsx(struct arena *mem, struct file_book book);
const char *file_rows(struct arena *mem, const char *rows);

/* The container of old Office files with one stream. */
const char *file_ole(struct arena *mem, const char *stream, const char *data, size_t n);

/* A workbook of Excel 97 or 95, put together from records. */
struct file_xls {
	struct text globals, cells;
	bool old;                       /* Excel 95: 8-bit text */
};
void xls_start(struct file_xls *f, struct arena *mem, bool old);
void xls_record(struct text *t, unsigned id, const void *data, size_t n);
/* A record of little-endian numbers of two bytes, and then bytes. */
void xls_words(struct text *t, unsigned id, const unsigned *words, size_t n, const void *data,
               size_t data_n);
void xls_double(struct file_xls *f, unsigned row, unsigned column, unsigned style, double v);
void xls_format(struct file_xls *f, unsigned id, const char *code);
void xls_style(struct file_xls *f, unsigned format);
void xls_strings(struct file_xls *f, const char *const *strings, size_t n);
void xls_shared(struct file_xls *f, unsigned row, unsigned column, unsigned string);
const char *xls_end(struct file_xls *f, struct arena *mem);

/*
 * Everything in the file, a line a row: "1:a|b".  A failure is the last line:
 * "! quote 3".
 */
const char *read_all(struct arena *mem, const char *path, const struct sheet_options *options);
/* Only the failure, "" if there is none. */
const char *read_failure(struct arena *mem, const char *path);

#endif
