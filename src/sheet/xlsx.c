#include <stdlib.h>

#include "sheet/part.h"

enum {
	RELATIONS = 10000,
	RELATION = 1000,                /* bytes of each of its words */
	TAB_NAME = 100,                 /* characters; Excel allows 31 */
	FORMATS = 65536,                /* ids of number formats */
	STYLES = 65536,                 /* cell styles; Excel stops at 65,490 */
	EXCEL_COLUMNS = 16384,
};

enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_INLINE, CELL_BOOL, CELL_ERROR, CELL_DATE };

struct relation {
	const char *id, *type, *target;
};

struct relations {
	struct arena *mem;
	struct relation *at;
	size_t n, cap;
};

struct tab {
	const char *name, *relation;
	bool hidden;
};

struct xlsx {
	struct sheet *sheet;
	struct archive archive;
	struct relations relations;     /* of the workbook */
	struct tab tab[SHEET_TABS + 1];
	size_t tabs;
	bool date1904;

	/* Styles: the kind of each number format, the number format of each style. */
	unsigned char format[FORMATS];
	int *style;
	size_t styles, styles_cap;
	bool in_formats, in_styles;

	struct strings strings;
	struct part part;               /* the one being parsed; at last the worksheet */
	struct text value;              /* of the string or cell being read */
	bool collecting;
	int phonetic;                   /* > 0: within the reading aid, not the text */

	/* The worksheet. */
	struct row row;
	bool in_data;
	int64_t line, rows;
	size_t column, next_column;
	enum cell_type type;
	enum cell_format cell_format;
	bool in_cell, has_formula;
};

static void fail(struct xlsx *x, int64_t line, const char *code, const char *zh, const char *en)
{
	struct sheet_error error;

	sheet_fail(&error, line, code, zh, en);
	part_fail(&x->part, &error);
}

static void fail_too_many(struct xlsx *x)
{
	fail(x, 0, "bomb", "文件内部的样式、关系或字符串太多，已停止读取。请另存为 CSV 后上传。",
	     "The file holds too many styles, relations or strings; reading was stopped. Save it as "
	     "CSV and upload that.");
}

/* Parses a whole part. */
static bool parse(struct xlsx *x, const char *name, const struct part_handler *handler,
                  struct sheet_error *error)
{
	if (!part_open(&x->archive, &x->part, name, handler, x, error))
		return false;

	bool ok = part_step(&x->part, error);

	part_close(&x->part);
	return ok;
}

/* --- Relations: which part is what --- */

static void relation_start(void *ptr, const char *name, const char **attributes)
{
	struct xlsx *x = ptr;
	struct relations *r = &x->relations;
	const char *id = part_attribute(attributes, "Id");
	const char *type = part_attribute(attributes, "Type");
	const char *target = part_attribute(attributes, "Target");

	if (!text_eq(name, "Relationship") || !id || !type || !target || strlen(id) > RELATION ||
	    strlen(type) > RELATION || strlen(target) > RELATION)
		return;
	if (r->n == RELATIONS) {
		fail_too_many(x);
		return;
	}
	r->at = arena_grow(r->mem, r->at, &r->cap, r->n + 1, sizeof *r->at);
	r->at[r->n++] = (struct relation){ arena_dup(r->mem, id), arena_dup(r->mem, type),
	                                   arena_dup(r->mem, target) };
}

static const struct part_handler relation_handler = { .start = relation_start };

static const char *relation_target(const struct relations *r, const char *type)
{
	for (size_t i = 0; i < r->n; i++)
		if (text_ends(r->at[i].type, type))
			return r->at[i].target;
	return NULL;
}

/* A target as a name in the archive; `from` is the part that names it. */
static const char *resolve(struct arena *mem, const char *from, const char *target)
{
	const char *slash = strrchr(from, '/');
	size_t folder = slash ? (size_t)(slash - from) + 1 : 0;

	if (*target == '/')
		return target + 1;
	for (;;) {
		if (text_starts(target, "./")) {
			target += 2;
		} else if (text_starts(target, "../")) {
			target += 3;
			for (folder -= folder > 0; folder > 0 && from[folder - 1] != '/'; folder--)
				;
		} else {
			return fmt(mem, "%.*s%s", (int)folder, from, target);
		}
	}
}

/* --- The workbook: worksheets, date system --- */

static bool is_true(const char *s)
{
	return s && (text_eq(s, "1") || text_eq(s, "true"));
}

static void workbook_start(void *ptr, const char *name, const char **attributes)
{
	struct xlsx *x = ptr;

	if (text_eq(name, "workbookPr"))
		x->date1904 = is_true(part_attribute(attributes, "date1904"));
	if (!text_eq(name, "sheet"))
		return;

	const char *label = part_attribute(attributes, "name");
	const char *id = part_attribute(attributes, "id");
	const char *state = part_attribute(attributes, "state");

	if (!label || !id || strlen(id) > RELATION)
		return;
	if (x->tabs == SHEET_TABS) {
		fail_too_many(x);
		return;
	}
	x->tab[x->tabs++] = (struct tab){ utf8_cut(x->sheet->mem, label, TAB_NAME),
	                                  arena_dup(&x->sheet->own, id),
	                                  state && !text_eq(state, "visible") };
}

static const struct part_handler workbook_handler = { .start = workbook_start };

/* --- Styles: what is a date --- */

/* A number an attribute must be; −1 if it is none. */
static int64_t number(const char *s)
{
	int64_t n = 0;

	if (!s || !*s || strlen(s) > 12)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		n = n * 10 + (*s - '0');
	}
	return n;
}

static void style_start(void *ptr, const char *name, const char **attributes)
{
	struct xlsx *x = ptr;

	if (text_eq(name, "numFmts")) {
		x->in_formats = true;
	} else if (text_eq(name, "cellXfs")) {
		x->in_styles = true;
	} else if (text_eq(name, "numFmt") && x->in_formats) {
		int64_t id = number(part_attribute(attributes, "numFmtId"));
		const char *code = part_attribute(attributes, "formatCode");

		if (id >= 0 && id < FORMATS && code)
			x->format[id] = (unsigned char)cell_format_code(code);
	} else if (text_eq(name, "xf") && x->in_styles) {
		int64_t id = number(part_attribute(attributes, "numFmtId"));

		if (x->styles == STYLES) {
			fail_too_many(x);
			return;
		}
		x->style = arena_grow(&x->sheet->own, x->style, &x->styles_cap, x->styles + 1,
		                      sizeof *x->style);
		x->style[x->styles++] = id >= 0 && id < FORMATS ? (int)id : 0;
	}
}

static void style_end(void *ptr, const char *name)
{
	struct xlsx *x = ptr;

	if (text_eq(name, "numFmts"))
		x->in_formats = false;
	if (text_eq(name, "cellXfs"))
		x->in_styles = false;
}

static const struct part_handler style_handler = { .start = style_start, .end = style_end };

/* --- Text --- */

/* Undoes "_x000D_", by which characters are written that XML cannot hold. */
static void unescape(struct text *t)
{
	const char *from = strstr(t->s, "_x");

	if (!from)
		return;

	char small[8];
	struct text one = { .s = small, .cap = sizeof small };
	char *to = t->s + (from - t->s);

	while (*from) {
		int c = cell_escape(from);
		uint32_t code = (uint32_t)c;

		if (c < 0) {
			*to++ = *from++;
			continue;
		}
		from += 7;
		if (c >= 0xD800 && c <= 0xDBFF) {
			int low = cell_escape(from);

			if (low >= 0xDC00 && low <= 0xDFFF) {
				code = 0x10000 + ((uint32_t)(c - 0xD800) << 10 | (uint32_t)(low - 0xDC00));
				from += 7;
			}
		}
		if (code >= 0xD800 && code <= 0xDFFF)
			code = 0xFFFD;
		one.len = 0;
		if (code)                       /* NUL has no place in text */
			utf8_add(&one, code);
		memcpy(to, one.s, one.len);
		to += one.len;
	}
	*to = '\0';
	t->len = (size_t)(to - t->s);
}

/* More than a cell may hold is cut, but so that it is too long even when all of it is escapes. */
static void collect(void *ptr, const char *s, size_t n)
{
	struct xlsx *x = ptr;
	size_t room = (size_t)SHEET_CELL * 7 + 1 - x->value.len;

	if (x->collecting && x->phonetic == 0)
		text_addn(&x->value, s, n < room ? n : room);
}

static void string_start(void *ptr, const char *name, const char **attributes)
{
	struct xlsx *x = ptr;

	(void)attributes;
	if (text_eq(name, "si"))
		text_clear(&x->value);
	else if (text_eq(name, "t"))
		x->collecting = true;
	else if (text_eq(name, "rPh"))
		x->phonetic++;
}

static void string_end(void *ptr, const char *name)
{
	struct xlsx *x = ptr;

	if (text_eq(name, "t")) {
		x->collecting = false;
	} else if (text_eq(name, "rPh")) {
		x->phonetic--;
	} else if (text_eq(name, "si")) {
		unescape(&x->value);
		if (!strings_add(&x->strings, x->value.s, x->value.len))
			fail_too_many(x);
	}
}

static const struct part_handler string_handler = { string_start, string_end, collect };

/* --- The worksheet --- */

static void fail_at_cell(struct xlsx *x, const char *code, const char *zh, const char *en)
{
	struct arena *mem = x->sheet->mem;
	char column[8];

	cell_column(x->column, column);
	fail(x, x->line, code, fmt(mem, "单元格 %s%" PRId64 " %s", column, x->line, zh),
	     fmt(mem, "Cell %s%" PRId64 " %s", column, x->line, en));
}

static void fail_damaged(struct xlsx *x)
{
	fail_at_cell(x, "xml", "的内容已损坏。请在 Excel 中打开后另存为 XLSX。",
	             "is damaged. Open the file in Excel and save it again as XLSX.");
}

static void start_row(struct xlsx *x, const char **attributes)
{
	const char *r = part_attribute(attributes, "r");
	int64_t line = r ? number(r) : x->line + 1;

	if (line > SHEET_XLSX_ROWS || ++x->rows > SHEET_XLSX_ROWS) {
		fail(x, line, "rows", "工作表超过 1,048,576 行。请拆成几个文件。",
		     "The worksheet has more than 1,048,576 rows. Split it into several files.");
		return;
	}
	x->column = x->next_column = 0;
	row_clear(&x->row);
	if (line < 1)
		fail_damaged(x);
	else
		x->line = line;
}

/* The column of "AB12", from 0; EXCEL_COLUMNS if that is no reference. */
static size_t reference_column(const char *s)
{
	size_t column = 0;

	for (; *s >= 'A' && *s <= 'Z' && column <= EXCEL_COLUMNS; s++)
		column = column * 26 + (size_t)(*s - 'A') + 1;
	return column == 0 || column > EXCEL_COLUMNS || number(s) < 1 ? EXCEL_COLUMNS : column - 1;
}

static enum cell_type type_of(const char *t)
{
	static const struct {
		const char *name;
		enum cell_type type;
	} types[] = {
		{ "n", CELL_NUMBER },         { "s", CELL_SHARED }, { "str", CELL_TEXT },
		{ "inlineStr", CELL_INLINE }, { "b", CELL_BOOL },   { "e", CELL_ERROR },
		{ "d", CELL_DATE },
	};

	for (size_t i = 0; t && i < LENGTH(types); i++)
		if (text_eq(t, types[i].name))
			return types[i].type;
	return CELL_NUMBER;
}

static void start_cell(struct xlsx *x, const char **attributes)
{
	const char *r = part_attribute(attributes, "r");
	const char *style = part_attribute(attributes, "s");
	int64_t s = style ? number(style) : 0;

	x->column = r ? reference_column(r) : x->next_column;
	x->next_column = x->column + 1;
	x->type = type_of(part_attribute(attributes, "t"));
	x->cell_format = s >= 0 && (size_t)s < x->styles ? (enum cell_format)x->format[x->style[s]]
	                                                 : FORMAT_NUMBER;
	x->in_cell = true;
	x->has_formula = false;
	text_clear(&x->value);
	if (x->column >= EXCEL_COLUMNS) {
		x->column = 0;
		fail_damaged(x);
	}
}

static void worksheet_start(void *ptr, const char *name, const char **attributes)
{
	struct xlsx *x = ptr;

	if (!x->in_data) {
		x->in_data = text_eq(name, "sheetData");
	} else if (text_eq(name, "row")) {
		start_row(x, attributes);
	} else if (text_eq(name, "c")) {
		start_cell(x, attributes);
	} else if (!x->in_cell) {
		return;
	} else if (text_eq(name, "v") || text_eq(name, "t")) {
		x->collecting = true;
	} else if (text_eq(name, "f")) {
		x->has_formula = true;
	} else if (text_eq(name, "rPh")) {
		x->phonetic++;
	}
}

/* A whole number is kept digit by digit: more of them than a double holds may be written. */
static bool is_whole(const char *s)
{
	bool negative = *s == '-';

	s += negative;
	return *s && strspn(s, "0123456789") == strlen(s) && (*s != '0' || (!s[1] && !negative));
}

static enum row_result put_number(struct xlsx *x)
{
	const char *s = x->value.s;
	char out[CELL_ROOM];
	char *end;

	if (x->cell_format == FORMAT_NUMBER && is_whole(s))
		return row_put(&x->row, x->column, s, x->value.len);
	if (strspn(s, "0123456789+-.eE") != x->value.len) {
		fail_damaged(x);
		return ROW_OK;
	}

	double v = strtod(s, &end);

	if (end == s || *end) {
		fail_damaged(x);
		return ROW_OK;
	}
	return row_put(&x->row, x->column, out,
	               cell_value(v, x->cell_format, x->date1904, out));
}

/* An ISO date or moment, cut to the second: "2026-11-25T09:30:00.000Z". */
static enum row_result put_date(struct xlsx *x)
{
	char *s = x->value.s;
	size_t n = x->value.len;

	if (n > 19)
		n = 19;
	if (n > 10 && s[10] == 'T')
		s[10] = ' ';
	return row_put(&x->row, x->column, s, n);
}

static enum row_result put_shared(struct xlsx *x)
{
	int64_t i = number(x->value.s);

	if (i < 0 || (size_t)i >= x->strings.n) {
		fail_damaged(x);
		return ROW_OK;
	}
	return row_point(&x->row, x->column, x->strings.at[i]);
}

static enum row_result put_cell(struct xlsx *x)
{
	switch (x->type) {
	case CELL_NUMBER:
		return put_number(x);
	case CELL_SHARED:
		return put_shared(x);
	case CELL_TEXT:
	case CELL_INLINE:
		unescape(&x->value);
		break;
	case CELL_BOOL:
		return is_true(x->value.s) ? row_put(&x->row, x->column, "TRUE", 4)
		                           : row_put(&x->row, x->column, "FALSE", 5);
	case CELL_ERROR:
		break;
	case CELL_DATE:
		return put_date(x);
	}
	return row_put(&x->row, x->column, x->value.s, x->value.len);
}

static void end_cell(struct xlsx *x)
{
	struct sheet_error error;

	x->in_cell = false;
	/* A text may be empty; a number that is says that nobody has computed it. */
	if (x->has_formula && x->value.len == 0 && x->type == CELL_NUMBER) {
		fail_at_cell(x, "format", "的公式没有保存计算结果。请在 Excel 或 WPS 中打开并保存一次，再上传。",
		             "holds a formula without its result. Open the file in Excel, save it once and "
		             "upload it again.");
		return;
	}
	if (x->value.len == 0)
		return;
	if (!row_fail(x->sheet, put_cell(x), x->line, x->column, &error))
		part_fail(&x->part, &error);
}

static void worksheet_end(void *ptr, const char *name)
{
	struct xlsx *x = ptr;

	if (!x->in_data)
		return;
	if (text_eq(name, "sheetData")) {
		x->in_data = false;
	} else if (text_eq(name, "row")) {
		if (x->row.used > 0)
			part_pause(&x->part);
	} else if (!x->in_cell) {
		return;
	} else if (text_eq(name, "c")) {
		end_cell(x);
	} else if (text_eq(name, "v") || text_eq(name, "t")) {
		x->collecting = false;
	} else if (text_eq(name, "rPh")) {
		x->phonetic--;
	}
}

static const struct part_handler worksheet_handler = { worksheet_start, worksheet_end, collect };

static bool xlsx_next(struct sheet *s, struct sheet_error *error)
{
	struct xlsx *x = s->state;

	if (x->part.done || !part_step(&x->part, error) || x->part.done)
		return false;
	row_finish(&x->row, x->line, &s->row);
	return true;
}

static int xlsx_progress(const struct sheet *s)
{
	const struct xlsx *x = s->state;

	if (x->part.size <= x->part.read)
		return 1000;
	return (int)(x->part.read * 1000 / x->part.size);
}

/* --- Opening --- */

static bool fail_other_archive(struct xlsx *x, struct sheet_error *error)
{
	static const struct {
		const char *part, *zh, *en;
	} kinds[] = {
		{ "xl/workbook.bin", "这是 XLSB 二进制工作簿。请在 Excel 中另存为 XLSX 后上传。",
		  "This is a binary workbook (XLSB). Save it as XLSX in Excel and upload that." },
		{ "word/document.xml", "这是 Word 文档。请把表格复制到 Excel，保存为 XLSX 后上传。",
		  "This is a Word document. Copy the table into Excel, save it as XLSX and upload that." },
		{ "ppt/presentation.xml", "这是 PowerPoint 文件。请把表格复制到 Excel，保存为 XLSX 后上传。",
		  "This is a PowerPoint file. Copy the table into Excel, save it as XLSX and upload that." },
		{ "META-INF/manifest.xml", "这是 OpenDocument 文件。请另存为 XLSX 或 CSV 后上传。",
		  "This is an OpenDocument file. Save it as XLSX or CSV and upload that." },
	};

	for (size_t i = 0; i < LENGTH(kinds); i++)
		if (archive_has(&x->archive, kinds[i].part))
			return sheet_fail(error, 0, "format", kinds[i].zh, kinds[i].en);
	return sheet_fail(error, 0, "format", "这是 ZIP 压缩包，不是 Excel 工作簿。请解压后上传里面的表格。",
	                  "This is a ZIP archive, not a workbook. Unpack it and upload the table inside.");
}

/* The name of the workbook part; its relations are read. */
static bool open_workbook(struct xlsx *x, const char **ret_name, struct sheet_error *error)
{
	struct arena *own = &x->sheet->own;
	const char *name = "xl/workbook.xml";

	x->relations = (struct relations){ .mem = own };
	if (archive_has(&x->archive, "_rels/.rels")) {
		if (!parse(x, "_rels/.rels", &relation_handler, error))
			return false;

		const char *target = relation_target(&x->relations, "/officeDocument");

		if (target)
			name = resolve(own, "", target);
	}
	if (!text_ends(name, ".xml") || text_starts(name, "word/") || text_starts(name, "ppt/") ||
	    !archive_has(&x->archive, name))
		return fail_other_archive(x, error);

	const char *slash = strrchr(name, '/');
	size_t folder = slash ? (size_t)(slash - name) + 1 : 0;

	x->relations.n = 0;
	*ret_name = name;
	return parse(x, fmt(own, "%.*s_rels/%s.rels", (int)folder, name, name + folder),
	             &relation_handler, error) &&
	       parse(x, name, &workbook_handler, error);
}

/* Keeps the worksheets among the tabs: charts and macro sheets have no rows. */
static void keep_worksheets(struct xlsx *x)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->tabs; i++)
		for (size_t k = 0; k < x->relations.n; k++) {
			struct relation *r = &x->relations.at[k];

			if (text_eq(r->id, x->tab[i].relation) && text_ends(r->type, "/worksheet")) {
				x->tab[kept] = x->tab[i];
				x->tab[kept++].relation = r->target;
				break;
			}
		}
	x->tabs = kept;
}

/* The worksheet asked for, or the first visible one; SIZE_MAX if there is none. */
static size_t choose_tab(const struct xlsx *x)
{
	int wanted = x->sheet->options.tab;

	if (wanted > 0)
		return (size_t)wanted <= x->tabs ? (size_t)wanted - 1 : SIZE_MAX;
	for (size_t i = 0; i < x->tabs; i++)
		if (!x->tab[i].hidden)
			return i;
	return x->tabs > 0 ? 0 : SIZE_MAX;
}

static bool read_shared_parts(struct xlsx *x, const char *workbook, struct sheet_error *error)
{
	struct arena *own = &x->sheet->own;
	const char *styles = relation_target(&x->relations, "/styles");
	const char *strings = relation_target(&x->relations, "/sharedStrings");

	for (int id = 0; id < 100; id++)
		x->format[id] = (unsigned char)cell_format_id(id);
	if (styles && !parse(x, resolve(own, workbook, styles), &style_handler, error))
		return false;
	strings_init(&x->strings, own, SHEET_XLSX_STRINGS);
	return !strings || parse(x, resolve(own, workbook, strings), &string_handler, error);
}

bool xlsx_open(struct sheet *s, struct sheet_error *error)
{
	static const struct sheet_reader reader = { xlsx_next, xlsx_progress };
	struct xlsx *x = arena_alloc(&s->own, sizeof *x);
	const char *workbook = NULL;

	s->kind = SHEET_XLSX;
	s->encoding = SHEET_UTF8;
	s->reader = &reader;
	s->state = x;
	x->sheet = s;
	text_init(&x->value, &s->own);
	row_init(&x->row, &s->own);
	if (!archive_open(s, &x->archive, error) || !open_workbook(x, &workbook, error))
		return false;
	keep_worksheets(x);

	size_t tab = choose_tab(x);

	s->tabs = x->tabs;
	s->tab = arena_array(s->mem, x->tabs, sizeof *s->tab);
	for (size_t i = 0; i < x->tabs; i++)
		s->tab[i] = x->tab[i].name;
	if (tab == SIZE_MAX)
		return sheet_fail_tab(s, error);
	return read_shared_parts(x, workbook, error) &&
	       part_open(&x->archive, &x->part, resolve(&s->own, workbook, x->tab[tab].relation),
	                 &worksheet_handler, x, error);
}
