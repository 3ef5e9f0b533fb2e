#include <errno.h>
#include <stdlib.h>

#include "sheet/ole.h"

/*
 * Workbooks of Excel 5 to 2003 (BIFF5, BIFF8).
 *
 * FreeXL would have done, but it knows no formulas – a column of computed
 * amounts comes out empty – and no Chinese built-in date formats; both change
 * data without a word.  So the few records that carry cells are read here.
 */

enum record {
	FORMULA = 0x06, END = 0x0A, DATE1904 = 0x22, PASSWORD = 0x2F, CONTINUE = 0x3C,
	CODEPAGE = 0x42, BOUNDSHEET = 0x85, MULRK = 0xBD, RSTRING = 0xD6, XF = 0xE0, SST = 0xFC,
	LABELSST = 0xFD, NUMBER = 0x203, LABEL = 0x204, BOOLERR = 0x205, STRING = 0x207, RK = 0x27E,
	FORMAT = 0x41E, BEGIN = 0x809,
};

enum { FORMATS = 65536, STYLES = 65536, BIFF5 = 0x500, BIFF8 = 0x600 };

struct tab {
	const char *name;
	size_t at;
	bool hidden;
};

/* Where a record with cells stands. */
struct place {
	uint32_t row, at;
};

struct xls {
	struct sheet *sheet;
	struct ole ole;
	const unsigned char *data;      /* the workbook stream */
	size_t n;
	bool biff8, date1904;
	iconv_t converter;              /* of 8-bit text in BIFF5 */
	bool converts;
	struct tab tab[SHEET_TABS];
	size_t tabs;
	unsigned char format[FORMATS];
	int *style;
	size_t styles, styles_cap;
	struct strings strings;
	struct text value;
	struct place *place;
	size_t places, places_cap;
	size_t next;
	struct row row;
};

/* A record, or with it the CONTINUE records behind it, read from front to back. */
struct cursor {
	const struct xls *x;
	size_t at, end;                 /* of the record at hand */
	bool over;                      /* asked for more than there is */
};

static bool fail_damaged(struct xls *x, int64_t line, struct sheet_error *error)
{
	if (line == 0)
		return sheet_fail(error, 0, "format",
		    "XLS 文件已损坏或不完整。请在 Excel 中打开后另存为 XLSX 再上传。",
		    "The XLS file is damaged or incomplete. Open it in Excel, save it as XLSX and upload "
		    "that.");
	return sheet_fail(error, line, "format",
	    fmt(x->sheet->mem, "XLS 文件第 %" PRId64 " 行已损坏。请在 Excel 中打开后另存为 XLSX 再上传。",
	        line),
	    fmt(x->sheet->mem, "Row %" PRId64 " of the XLS file is damaged. Open it in Excel, save it "
	        "as XLSX and upload that.", line));
}

/* The record at `at`; 0 if there is none. */
static uint32_t record_at(const struct xls *x, size_t at, struct cursor *c)
{
	*c = (struct cursor){ .x = x };
	if (at > x->n || x->n - at < 4)
		return 0;
	c->at = at + 4;
	c->end = c->at + ole_u16(x->data + at + 2);
	if (c->end > x->n)
		return 0;
	return ole_u16(x->data + at);
}

/* Steps into the CONTINUE record that follows; false if there is none. */
static bool cursor_continue(struct cursor *c)
{
	struct cursor next;

	if (record_at(c->x, c->end, &next) != CONTINUE) {
		c->over = true;
		return false;
	}
	*c = next;
	return true;
}

static void cursor_skip(struct cursor *c, size_t n)
{
	while (n > c->end - c->at) {
		n -= c->end - c->at;
		if (!cursor_continue(c))
			return;
	}
	c->at += n;
}

/* A number of `bytes` bytes: they never straddle records. */
static uint32_t cursor_number(struct cursor *c, size_t bytes)
{
	uint32_t v = 0;

	if (c->at == c->end && !cursor_continue(c))
		return 0;
	if (c->end - c->at < bytes) {
		c->over = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		v |= (uint32_t)c->x->data[c->at + i] << (8 * i);
	c->at += bytes;
	return v;
}

/* --- Text --- */

/* Appends a UTF-16 unit; *high is the first half of a pair that waits for its second. */
static void add_unit(struct text *t, uint32_t unit, uint32_t *high)
{
	uint32_t waiting = *high;

	*high = 0;
	if (waiting && unit >= 0xDC00 && unit <= 0xDFFF) {
		utf8_add(t, 0x10000 + ((waiting - 0xD800) << 10 | (unit - 0xDC00)));
		return;
	}
	if (waiting)
		utf8_add(t, 0xFFFD);
	if (unit >= 0xD800 && unit <= 0xDBFF)
		*high = unit;
	else if (unit >= 0xDC00 && unit <= 0xDFFF)
		utf8_add(t, 0xFFFD);
	else if (unit)
		utf8_add(t, unit);
}

/*
 * A string of BIFF8 whose length, of `length_bytes`, stands before it.  The
 * characters go on behind a record's end with a new mark of their width.
 */
static void read_unicode(struct xls *x, struct cursor *c, size_t length_bytes)
{
	uint32_t units = cursor_number(c, length_bytes);
	uint32_t flags = cursor_number(c, 1);
	uint32_t runs = flags & 0x08 ? cursor_number(c, 2) : 0;
	uint32_t extra = flags & 0x04 ? cursor_number(c, 4) : 0;
	bool wide = flags & 0x01;
	uint32_t high = 0;

	text_clear(&x->value);
	while (units > 0 && !c->over) {
		if (c->at == c->end) {
			if (!cursor_continue(c))
				break;
			wide = cursor_number(c, 1) & 0x01;
			continue;
		}
		add_unit(&x->value, cursor_number(c, wide ? 2 : 1), &high);
		units--;
	}
	if (high)
		utf8_add(&x->value, 0xFFFD);
	cursor_skip(c, (size_t)runs * 4 + extra);
}

/* A string of BIFF5, in the code page of the workbook. */
static void read_bytes(struct xls *x, struct cursor *c, size_t length_bytes)
{
	size_t n = cursor_number(c, length_bytes);
	size_t room = c->end - c->at;
	char out[256];
	char *copy = arena_dupn(&x->sheet->own, (const char *)x->data + c->at, n < room ? n : room);
	char *in = copy;
	size_t left = strlen(copy);

	text_clear(&x->value);
	while (left > 0) {
		char *to = out;
		size_t to_left = sizeof out;
		bool failed = iconv(x->converter, &in, &left, &to, &to_left) == (size_t)-1;

		text_addn(&x->value, out, sizeof out - to_left);
		if (failed && errno != E2BIG) {
			utf8_add(&x->value, 0xFFFD);
			in++;
			left--;
		}
	}
	c->at += n < room ? n : room;
}

static void read_text(struct xls *x, struct cursor *c, size_t length_bytes)
{
	if (x->biff8)
		read_unicode(x, c, length_bytes);
	else
		read_bytes(x, c, length_bytes);
}

static void close_converter(void *ptr)
{
	struct xls *x = ptr;

	if (x->converts)
		iconv_close(x->converter);
	x->converts = false;
}

static void set_code_page(struct xls *x, uint32_t page)
{
	const char *name = page == 936 ? "GB18030" : fmt(&x->sheet->own, "CP%u", (unsigned)page);
	iconv_t converter = iconv_open("UTF-8", name);

	if (converter == (iconv_t)-1)
		return;
	close_converter(x);
	x->converter = converter;
	x->converts = true;
}

/* --- The workbook --- */

static void read_tab(struct xls *x, struct cursor *c)
{
	uint32_t at = cursor_number(c, 4);
	uint32_t state = cursor_number(c, 1);
	uint32_t kind = cursor_number(c, 1);

	read_text(x, c, 1);
	if (kind != 0 || x->tabs == SHEET_TABS)
		return;                 /* charts and macros have no rows */
	x->tab[x->tabs++] = (struct tab){ arena_dup(x->sheet->mem, x->value.s), at, state != 0 };
}

static void read_format(struct xls *x, struct cursor *c)
{
	uint32_t id = cursor_number(c, 2);

	read_text(x, c, x->biff8 ? 2 : 1);
	if (!c->over)
		x->format[id & 0xFFFF] = (unsigned char)cell_format_code(x->value.s);
}

static void read_style(struct xls *x, struct cursor *c)
{
	cursor_skip(c, 2);

	uint32_t id = cursor_number(c, 2);

	if (x->styles == STYLES)
		return;
	x->style = arena_grow(&x->sheet->own, x->style, &x->styles_cap, x->styles + 1,
	                      sizeof *x->style);
	x->style[x->styles++] = (int)(id & 0xFFFF);
}

static bool read_strings(struct xls *x, struct cursor *c, struct sheet_error *error)
{
	cursor_skip(c, 4);

	uint32_t count = cursor_number(c, 4);

	/* The count is only where to stop at the latest: each string takes bytes of the file. */
	for (uint32_t i = 0; i < count; i++) {
		read_unicode(x, c, 2);
		if (c->over)
			return fail_damaged(x, 0, error);
		if (!strings_add(&x->strings, x->value.s, x->value.len))
			return sheet_fail(error, 0, "bomb", "文件里的文字太多。请另存为 CSV 后上传。",
			                  "The file holds too much text. Save it as CSV and upload that.");
	}
	return true;
}

static bool read_globals(struct xls *x, struct sheet_error *error)
{
	struct cursor c;
	size_t at = 0;

	for (uint32_t id; (id = record_at(x, at, &c)) != 0; at = c.end) {
		struct cursor r = c;

		if (at == 0) {
			uint32_t version = cursor_number(&r, 2);

			x->biff8 = version == BIFF8;
			if (id != BEGIN || (version != BIFF8 && version != BIFF5))
				break;
		}
		switch ((enum record)id) {
		case PASSWORD:
			return sheet_fail_encrypted(error);
		case DATE1904:
			x->date1904 = cursor_number(&r, 2) != 0;
			break;
		case CODEPAGE:
			set_code_page(x, cursor_number(&r, 2));
			break;
		case BOUNDSHEET:
			read_tab(x, &r);
			break;
		case FORMAT:
			read_format(x, &r);
			break;
		case XF:
			read_style(x, &r);
			break;
		case SST:
			if (!read_strings(x, &r, error))
				return false;
			break;
		case END:
			return true;
		case BEGIN: case CONTINUE: case FORMULA: case MULRK: case RSTRING: case LABELSST:
		case NUMBER: case LABEL: case BOOLERR: case STRING: case RK:
			break;
		}
	}
	return fail_damaged(x, 0, error);
}

/* --- The worksheet --- */

static int by_place(const void *a, const void *b)
{
	const struct place *p = a;
	const struct place *q = b;

	if (p->row != q->row)
		return p->row < q->row ? -1 : 1;
	return p->at < q->at ? -1 : p->at > q->at;
}

static bool carries_cells(uint32_t id)
{
	return id == LABELSST || id == NUMBER || id == RK || id == MULRK || id == LABEL ||
	       id == RSTRING || id == BOOLERR || id == FORMULA;
}

/* Notes where the worksheet at `at` has cells, row by row. */
static bool find_cells(struct xls *x, size_t at, struct sheet_error *error)
{
	struct cursor c;
	int depth = 0;
	bool sorted = true;

	for (uint32_t id; (id = record_at(x, at, &c)) != 0; at = c.end) {
		depth += id == BEGIN;
		depth -= id == END;
		if (depth == 0) {
			if (!sorted)
				qsort(x->place, x->places, sizeof *x->place, by_place);
			return id == END || fail_damaged(x, 0, error);
		}
		/* Deeper ones are charts within the worksheet. */
		if (depth != 1 || !carries_cells(id) || c.end - c.at < 6)
			continue;
		x->place = arena_grow(&x->sheet->own, x->place, &x->places_cap, x->places + 1,
		                      sizeof *x->place);
		x->place[x->places] = (struct place){ ole_u16(x->data + c.at), (uint32_t)at };
		if (x->places > 0 && x->place[x->places].row < x->place[x->places - 1].row)
			sorted = false;
		x->places++;
	}
	return fail_damaged(x, 0, error);
}

/* 30 bits of a number: an integer or the upper part of a double, perhaps hundredths. */
static double rk_value(uint32_t rk)
{
	double v;

	if (rk & 2) {
		/* Sign-extended by hand: a shift of a negative number is the compiler's choice. */
		int64_t n = rk >> 2;

		v = (double)(n >= 1 << 29 ? n - (1 << 30) : n);
	} else {
		uint64_t bits = (uint64_t)(rk & 0xFFFFFFFC) << 32;

		memcpy(&v, &bits, sizeof v);
	}
	return rk & 1 ? v / 100 : v;
}

static enum row_result put_number(struct xls *x, size_t column, uint32_t style, double v)
{
	char out[CELL_ROOM];
	enum cell_format f = style < x->styles ? (enum cell_format)x->format[x->style[style]]
	                                       : FORMAT_NUMBER;

	return row_put(&x->row, column, out, cell_value(v, f, x->date1904, out));
}

static enum row_result put_string(struct xls *x, size_t column, const char *s)
{
	return row_put(&x->row, column, s, strlen(s));
}

static enum row_result put_bool_or_error(struct xls *x, size_t column, uint32_t value,
                                         bool is_error)
{
	static const struct {
		uint32_t code;
		const char *text;
	} errors[] = {
		{ 0x00, "#NULL!" }, { 0x07, "#DIV/0!" }, { 0x0F, "#VALUE!" }, { 0x17, "#REF!" },
		{ 0x1D, "#NAME?" }, { 0x24, "#NUM!" },   { 0x2A, "#N/A" },
	};

	if (!is_error)
		return put_string(x, column, value ? "TRUE" : "FALSE");
	for (size_t i = 0; i < LENGTH(errors); i++)
		if (errors[i].code == value)
			return put_string(x, column, errors[i].text);
	return put_string(x, column, "#N/A");
}

static double read_double(const unsigned char *p)
{
	uint64_t bits = (uint64_t)ole_u32(p + 4) << 32 | ole_u32(p);
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

/* The text a formula gave: in a STRING record soon behind it. */
static enum row_result put_formula_text(struct xls *x, size_t column, size_t at)
{
	struct cursor c;

	/* Between the two may stand the formula that a group shares. */
	for (int i = 0; i < 3; i++, at = c.end) {
		if (record_at(x, at, &c) != STRING)
			continue;
		read_text(x, &c, 2);
		return put_string(x, column, x->value.s);
	}
	return ROW_OK;
}

static enum row_result put_formula(struct xls *x, size_t column, uint32_t style,
                                   const struct cursor *c)
{
	const unsigned char *result = x->data + c->at;

	if (ole_u16(result + 6) != 0xFFFF)
		return put_number(x, column, style, read_double(result));
	if (result[0] == 0)
		return put_formula_text(x, column, c->end);
	if (result[0] == 1 || result[0] == 2)
		return put_bool_or_error(x, column, result[2], result[0] == 2);
	return ROW_OK;                  /* 3: an empty text */
}

static enum row_result put_many(struct xls *x, size_t column, struct cursor *c)
{
	enum row_result result = ROW_OK;

	/* Style and value of each; the last column is said once more at the end. */
	for (; c->end - c->at >= 8 && result == ROW_OK; column++) {
		uint32_t style = cursor_number(c, 2);

		result = put_number(x, column, style, rk_value(cursor_number(c, 4)));
	}
	return result;
}

/* Bytes behind row, column and style that a record must have. */
static size_t least_bytes(uint32_t id)
{
	return id == NUMBER || id == FORMULA ? 8 : id == LABELSST || id == RK ? 4 : 2;
}

static bool put_record(struct xls *x, const struct place *p, struct sheet_error *error)
{
	struct cursor c;
	uint32_t id = record_at(x, p->at, &c);
	size_t column;
	uint32_t style = 0;
	enum row_result result = ROW_OK;

	cursor_skip(&c, 2);
	column = cursor_number(&c, 2);
	if (id != MULRK)
		style = cursor_number(&c, 2);
	if (c.end - c.at < least_bytes(id))
		return fail_damaged(x, (int64_t)p->row + 1, error);

	const unsigned char *value = x->data + c.at;

	if (id == NUMBER) {
		result = put_number(x, column, style, read_double(value));
	} else if (id == RK) {
		result = put_number(x, column, style, rk_value(ole_u32(value)));
	} else if (id == MULRK) {
		result = put_many(x, column, &c);
	} else if (id == FORMULA) {
		result = put_formula(x, column, style, &c);
	} else if (id == BOOLERR) {
		result = put_bool_or_error(x, column, value[0], value[1]);
	} else if (id == LABELSST) {
		if (ole_u32(value) >= x->strings.n)
			return fail_damaged(x, (int64_t)p->row + 1, error);
		result = row_point(&x->row, column, x->strings.at[ole_u32(value)]);
	} else {
		read_text(x, &c, 2);
		result = put_string(x, column, x->value.s);
	}
	return row_fail(x->sheet, result, (int64_t)p->row + 1, column, error);
}

static bool xls_next(struct sheet *s, struct sheet_error *error)
{
	struct xls *x = s->state;

	if (x->next == x->places)
		return false;

	uint32_t row = x->place[x->next].row;

	row_clear(&x->row);
	for (; x->next < x->places && x->place[x->next].row == row; x->next++)
		if (!put_record(x, &x->place[x->next], error))
			return false;
	row_finish(&x->row, (int64_t)row + 1, &s->row);
	return true;
}

static int xls_progress(const struct sheet *s)
{
	const struct xls *x = s->state;

	return x->places ? (int)(x->next * 1000 / x->places) : 1000;
}

/* --- Opening --- */

/* What else comes in this container. */
static bool refuse_others(struct xls *x, struct sheet_error *error)
{
	if (ole_has(&x->ole, "EncryptedPackage"))
		return sheet_fail_encrypted(error);
	if (ole_has(&x->ole, "WordDocument"))
		return sheet_fail(error, 0, "format",
		    "这是 Word 文档。请把表格复制到 Excel，保存为 XLSX 后上传。",
		    "This is a Word document. Copy the table into Excel, save it as XLSX and upload that.");
	return sheet_fail(error, 0, "format",
	    "这是 Office 旧格式文件，但不是 Excel 工作簿。请上传 XLSX、XLS 或 CSV。",
	    "This is an old Office file, but not a workbook. Upload XLSX, XLS or CSV.");
}

static size_t choose_tab(const struct xls *x)
{
	int wanted = x->sheet->options.tab;

	if (wanted > 0)
		return (size_t)wanted <= x->tabs ? (size_t)wanted - 1 : SIZE_MAX;
	for (size_t i = 0; i < x->tabs; i++)
		if (!x->tab[i].hidden)
			return i;
	return x->tabs > 0 ? 0 : SIZE_MAX;
}

bool xls_open(struct sheet *s, struct sheet_error *error)
{
	static const struct sheet_reader reader = { xls_next, xls_progress };
	struct xls *x = arena_alloc(&s->own, sizeof *x);
	unsigned char *data;

	s->kind = SHEET_XLS;
	s->encoding = SHEET_UTF8;
	s->reader = &reader;
	s->state = x;
	x->sheet = s;
	text_init(&x->value, &s->own);
	row_init(&x->row, &s->own);
	strings_init(&x->strings, &s->own, SHEET_XLSX_STRINGS + (size_t)SHEET_XLS_BYTES);
	for (int id = 0; id < 100; id++)
		x->format[id] = (unsigned char)cell_format_id(id);
	if (!ole_open(s, &x->ole, error))
		return false;

	const char *name = ole_has(&x->ole, "Workbook") ? "Workbook" : "Book";

	if (!ole_has(&x->ole, name))
		return refuse_others(x, error);
	arena_defer(&s->own, close_converter, x);
	set_code_page(x, 1252);
	if (!ole_load(&x->ole, name, &data, &x->n))
		return fail_damaged(x, 0, error);
	x->data = data;
	if (!read_globals(x, error))
		return false;

	size_t tab = choose_tab(x);

	s->tabs = x->tabs;
	s->tab = arena_array(s->mem, x->tabs, sizeof *s->tab);
	for (size_t i = 0; i < x->tabs; i++)
		s->tab[i] = x->tab[i].name;
	if (tab == SIZE_MAX)
		return sheet_fail_tab(s, error);
	return find_cells(x, x->tab[tab].at, error);
}
