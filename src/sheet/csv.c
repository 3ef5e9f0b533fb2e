#include <strings.h>

#include "sheet/sheet_inner.h"

/*
 * One pass, one buffer.  Cells are places in the buffer, counted from the start
 * of the row, so that the buffer may be moved and filled up in the middle of a
 * row.  The terminator of a cell is written over the delimiter behind it, and
 * a quoted cell is closed up in place.  A line feed behind the last byte stops
 * every search, so the search itself need not look for the end.
 */

enum { BLOCK = 256 * 1024, SNIFF_ROWS = 50 };

struct piece {
	size_t start, n;                /* from the start of the row */
};

struct csv {
	struct source source;
	char *buf;                      /* cap bytes, and one for the line feed */
	size_t cap, len;
	size_t row;                     /* start of the row in buf */
	bool drained;                   /* the source has no more */
	int64_t line;                   /* of the next row */
	int64_t lines;                  /* line ends within quotes of this row */
	bool stop[256];                 /* bytes that end a cell: delimiter, CR, LF */
	struct piece *piece;            /* SHEET_COLUMNS */
	struct sheet_cell *cell;
};

/*
 * Moves the row to the start of the buffer and reads on.  False if there is no
 * more, for whatever reason: see source_failed.
 */
static bool fill(struct sheet *s, struct csv *c)
{
	if (c->drained)
		return false;
	if (c->row > 0) {
		memmove(c->buf, c->buf + c->row, c->len - c->row);
		c->len -= c->row;
		c->row = 0;
	}
	if (c->cap - c->len < BLOCK / 4) {
		size_t cap = c->cap * 2;
		char *buf = arena_alloc(&s->own, cap + 1);

		memcpy(buf, c->buf, c->len);
		c->buf = buf;
		c->cap = cap;
	}

	size_t got = encoding_read(&c->source, c->buf + c->len, c->cap - c->len);

	c->drained = got == 0;
	c->len += got;
	c->buf[c->len] = '\n';
	return got > 0;
}

/* True, with *error, if the file did not simply end at the byte after the buffer. */
static bool source_failed(struct sheet *s, struct csv *c, struct sheet_error *error)
{
	const char *code = c->source.bad;
	int64_t line = c->line + c->lines;
	const char *name = sheet_encoding_name(s->encoding);

	if (!code)
		return false;
	if (text_eq(code, "io"))
		sheet_fail(error, line, code, "读取文件失败，请重新上传。",
		           "Reading the file failed. Upload it again.");
	else if (text_eq(code, "binary"))
		sheet_fail(error, line, code,
		    fmt(s->mem, "第 %" PRId64 " 行有空字节 (NUL)：文件已损坏，或编码不是 %s。"
		        "请在 Excel 中打开后另存为 XLSX 或 UTF-8 CSV。", line, name),
		    fmt(s->mem, "Line %" PRId64 " holds a NUL byte: the file is damaged or not %s. Open it "
		        "in Excel and save it as XLSX or as CSV UTF-8.", line, name));
	else if (c->source.cut)
		sheet_fail(error, line, code,
		    fmt(s->mem, "文件在第 %" PRId64 " 行的一个字符中间断开：文件不完整。请重新导出或上传。",
		        line),
		    fmt(s->mem, "The file ends in the middle of a character in line %" PRId64 ": it is cut "
		        "off. Export or upload it again.", line));
	else
		sheet_fail(error, line, code,
		    fmt(s->mem, "第 %" PRId64 " 行有不属于 %s 编码的字节。请另选编码，"
		        "或另存为 UTF-8 后重新上传。", line, name),
		    fmt(s->mem, "Line %" PRId64 " holds bytes that are not %s. Choose another encoding, or "
		        "save the file as UTF-8 and upload it again.", line, name));
	return true;
}

/* The end of the cell at `at`: the place of a delimiter, CR or LF, or of the end of the file. */
static size_t plain_end(struct sheet *s, struct csv *c, size_t at)
{
	for (;;) {
		const unsigned char *start = (const unsigned char *)c->buf + c->row;
		const unsigned char *p = start + at;

		while (!c->stop[*p])
			p++;
		at = (size_t)(p - start);
		if (c->row + at < c->len || at > SHEET_ROW || !fill(s, c))
			return at;
	}
}

/* Line ends among n bytes; the byte behind them is there. */
static int64_t count_lines(const char *p, size_t n)
{
	int64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n' || (p[i] == '\r' && p[i + 1] != '\n');
	return lines;
}

/* Appends n bytes at `from` to the cell that is being closed up. */
static void close_up(const struct csv *c, struct piece *cell, size_t from, size_t n)
{
	char *row = c->buf + c->row;
	size_t to = cell->start + cell->n;

	if (to != from)
		memmove(row + to, row + from, n);
	cell->n += n;
}

/*
 * The cell whose opening quote is at `at`.  What follows the closing quote
 * belongs to the cell, too.  Sets the place where it ended.
 */
static bool quoted(struct sheet *s, struct csv *c, size_t at, struct piece *cell, size_t *ret_end,
                   struct sheet_error *error)
{
	int64_t opened = c->line + c->lines;
	size_t from = at + 1;
	size_t to = from;               /* searched up to here */

	*cell = (struct piece){ at, 0 };
	for (;;) {
		const char *row = c->buf + c->row;
		const char *quote = memchr(row + to, '"', c->len - c->row - to);

		if (!quote) {
			to = c->len - c->row;
			if (to - at > SHEET_CELL * 2)
				return sheet_fail_cell(s, error, c->line, (size_t)(cell - c->piece));
			if (fill(s, c))
				continue;
			c->lines += count_lines(c->buf + c->row + from, to - from);
			if (source_failed(s, c, error))
				return false;
			return sheet_fail(error, opened, "quote",
			    fmt(s->mem, "第 %" PRId64 " 行打开的引号直到文件末尾都没有关闭。"
			        "请补上引号，或删除多余的引号。", opened),
			    fmt(s->mem, "The quote opened in line %" PRId64 " is never closed. Add the closing "
			        "quote or remove the extra one.", opened));
		}
		to = (size_t)(quote - row);
		if (c->row + to + 1 == c->len)
			fill(s, c);
		row = c->buf + c->row;

		bool doubled = c->row + to + 1 < c->len && row[to + 1] == '"';

		if (cell->n + (to - from) > SHEET_CELL)
			return sheet_fail_cell(s, error, c->line, (size_t)(cell - c->piece));
		c->lines += count_lines(row + from, to - from);
		close_up(c, cell, from, to - from + doubled);
		if (!doubled)
			break;
		from = to = to + 2;
	}

	size_t end = plain_end(s, c, to + 1);

	close_up(c, cell, to + 1, end - to - 1);
	*ret_end = end;
	return true;
}

static void deliver(struct sheet *s, const struct csv *c, size_t cells)
{
	char *row = c->buf + c->row;

	for (size_t i = 0; i < cells; i++) {
		c->cell[i] = (struct sheet_cell){ row + c->piece[i].start, c->piece[i].n };
		row[c->piece[i].start + c->piece[i].n] = '\0';
	}
	s->row = (struct sheet_row){ c->line, cells, c->cell };
}

/* Steps behind the line end at `at`. */
static size_t behind_line(struct sheet *s, struct csv *c, size_t at)
{
	if (c->row + at >= c->len)
		return at;
	if (c->buf[c->row + at] == '\r') {
		if (c->row + at + 1 == c->len)
			fill(s, c);
		if (c->row + at + 1 < c->len && c->buf[c->row + at + 1] == '\n')
			return at + 2;
	}
	return at + 1;
}

static bool csv_next(struct sheet *s, struct sheet_error *error)
{
	struct csv *c = s->state;
	size_t at = 0;
	size_t cells = 0;

	c->lines = 0;
	if (c->row == c->len && !fill(s, c)) {
		source_failed(s, c, error);
		return false;
	}
	for (;;) {
		if (cells == SHEET_COLUMNS)
			return sheet_fail_columns(s, error, c->line);

		struct piece *cell = &c->piece[cells++];
		size_t end = 0;

		if (c->row + at == c->len)
			fill(s, c);
		if (c->row + at < c->len && c->buf[c->row + at] == '"') {
			if (!quoted(s, c, at, cell, &end, error))
				return false;
		} else {
			end = plain_end(s, c, at);
			*cell = (struct piece){ at, end - at };
		}
		if (cell->n > SHEET_CELL)
			return sheet_fail_cell(s, error, c->line, cells - 1);
		if (end > SHEET_ROW)
			return sheet_fail_row(s, error, c->line);
		at = end + 1;
		if (c->row + end >= c->len || c->buf[c->row + end] != s->delimiter) {
			at = end;
			break;
		}
	}
	/* The end of the buffer is the end of the file only if the source did not fail. */
	if (c->row + at >= c->len && source_failed(s, c, error))
		return false;

	size_t next = behind_line(s, c, at);

	deliver(s, c, cells);
	c->row += next;
	c->line += c->lines + (next > at);
	return true;
}

static int csv_progress(const struct sheet *s)
{
	const struct csv *c = s->state;
	int64_t waiting = (int64_t)(c->len - c->row);

	/* What waits in the buffer is counted as if a character were a byte: near enough. */
	return (int)((c->source.taken > waiting ? c->source.taken - waiting : 0) * 1000 / s->size);
}

/* Delimiters a line, outside quotes, for the first rows.  Returns the number of rows. */
static size_t count_delimiters(const char *p, const char *end, char delimiter,
                               size_t counts[static SNIFF_ROWS])
{
	size_t rows = 0;
	size_t count = 0;
	bool begins = true;             /* a cell begins here */
	bool content = false;

	for (; p < end && rows < SNIFF_ROWS; p++) {
		bool begun = begins;

		begins = false;
		if (*p == '"' && begun) {
			/* Up to the closing quote; a doubled one opens again at once. */
			do {
				const char *quote = memchr(p + 1, '"', (size_t)(end - p - 1));

				p = quote ? quote + 1 : end;
			} while (p < end && *p == '"');
			p--;
			content = true;
		} else if (*p == delimiter) {
			count++;
			begins = true;
		} else if (*p == '\n' || *p == '\r') {
			if (content || count)
				counts[rows++] = count;
			count = 0;
			begins = true;
			content = false;
		} else {
			content = true;
		}
	}
	if (rows < SNIFF_ROWS && (content || count))
		counts[rows++] = count;
	return rows;
}

/* In how many of the rows, of a thousand, the most frequent number of delimiters stands; 0: none. */
static size_t consistency(const size_t *counts, size_t rows)
{
	size_t best = 0;
	size_t best_rows = 0;

	for (size_t i = 0; i < rows; i++) {
		size_t same = 0;

		for (size_t k = 0; k < rows; k++)
			same += counts[k] == counts[i];
		if (same > best_rows || (same == best_rows && counts[i] > best)) {
			best = counts[i];
			best_rows = same;
		}
	}
	return best == 0 || rows == 0 ? 0 : best_rows * 1000 / rows;
}

/*
 * The delimiter whose number is most often the same.  At a tie the less usual
 * one: commas also stand in numbers and texts.
 */
static char choose_delimiter(const char *p, size_t n)
{
	static const char candidates[] = { '\t', ';', '|', ',' };
	size_t counts[SNIFF_ROWS];
	size_t best = 0;
	char delimiter = ',';

	for (size_t i = 0; i < LENGTH(candidates); i++) {
		size_t rows = count_delimiters(p, p + n, candidates[i], counts);
		size_t score = consistency(counts, rows);

		if (score > best) {
			best = score;
			delimiter = candidates[i];
		}
	}
	return delimiter;
}

/* Other text formats that carry the name .csv or .xls. */
static bool refuse_markup(const char *p, size_t n, struct sheet_error *error)
{
	static const char *const html[] = { "<html", "<!doctype html", "<table", "<head", "<body",
	                                    "<meta", "<style", "<div", "<!--" };
	static const char *const others[] = { "<?xml", "<workbook", "{\\rtf", "MIME-Version:",
	                                      "[{\"", "{\"" };

	while (n > 0 && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
		p++;
		n--;
	}
	for (size_t i = 0; i < LENGTH(html); i++)
		if (n >= strlen(html[i]) && strncasecmp(p, html[i], strlen(html[i])) == 0)
			return sheet_fail(error, 0, "format",
			    "这是网页 (HTML)，只是用了表格的扩展名。"
			    "请在 Excel 或 WPS 中打开，另存为 XLSX 后重新上传。",
			    "This is a web page (HTML) under the name of a table. Open it in Excel, save it as "
			    "XLSX and upload that.");
	for (size_t i = 0; i < LENGTH(others); i++)
		if (n >= strlen(others[i]) && strncasecmp(p, others[i], strlen(others[i])) == 0)
			return sheet_fail(error, 0, "format",
			    "这是 XML、JSON 或 RTF，不是表格。请在 Excel 中打开，另存为 XLSX 后重新上传。",
			    "This is XML, JSON or RTF, not a table. Open it in Excel, save it as XLSX and "
			    "upload that.");
	return true;
}

/* "sep=;" in the first line, as Excel reads and some programs write it: the delimiter. */
static char declared_delimiter(const struct csv *c)
{
	bool declared = c->len >= 5 && strncasecmp(c->buf, "sep=", 4) == 0 &&
	                strchr(",;\t|", c->buf[4]) &&
	                (c->len == 5 || c->buf[5] == '\r' || c->buf[5] == '\n');

	return declared ? c->buf[4] : '\0';
}

bool csv_open(struct sheet *s, struct sheet_error *error)
{
	static const struct sheet_reader reader = { csv_next, csv_progress };
	struct csv *c = arena_alloc(&s->own, sizeof *c);

	s->kind = SHEET_CSV;
	s->reader = &reader;
	s->state = c;
	if (!encoding_open(s, &c->source, error))
		return false;
	c->cap = BLOCK;
	c->buf = arena_alloc(&s->own, c->cap + 1);
	c->buf[0] = '\n';
	c->line = 1;
	c->piece = arena_array(&s->own, SHEET_COLUMNS, sizeof *c->piece);
	c->cell = arena_array(&s->own, SHEET_COLUMNS, sizeof *c->cell);
	fill(s, c);
	if (!refuse_markup(c->buf, c->len, error))
		return false;

	char given = s->options.delimiter;
	char declared = declared_delimiter(c);

	s->delimiter = given && strchr(",;\t|", given) ? given
	             : declared                        ? declared
	                                               : choose_delimiter(c->buf, c->len);
	c->stop[(unsigned char)s->delimiter] = true;
	c->stop['\n'] = true;
	c->stop['\r'] = true;
	if (declared) {
		c->row = behind_line(s, c, 5);
		c->line++;
	}
	return true;
}
