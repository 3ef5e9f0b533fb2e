#include "sheet/sheet.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sheet/sheet_inner.h"

enum { HEAD = 16 };

/* Beginnings of files that people send by mistake. */
static const struct {
	const char *magic;
	size_t n;
	const char *zh, *en;
} others[] = {
	{ "%PDF", 4, "PDF 文件", "a PDF document" },
	{ "\x89PNG", 4, "PNG 图片", "a PNG picture" },
	{ "\xFF\xD8\xFF", 3, "JPEG 图片", "a JPEG picture" },
	{ "GIF8", 4, "GIF 图片", "a GIF picture" },
	{ "RIFF", 4, "多媒体文件", "a media file" },
	{ "Rar!", 4, "RAR 压缩包", "a RAR archive" },
	{ "7z\xBC\xAF", 4, "7z 压缩包", "a 7z archive" },
	{ "\x1F\x8B", 2, "gzip 压缩包", "a gzip archive" },
	{ "SQLite format 3", 16, "SQLite 数据库", "an SQLite database" },
	{ "\x7F" "ELF", 4, "程序文件", "a program" },
};

bool sheet_fail(struct sheet_error *error, int64_t line, const char *code, const char *zh,
                const char *en)
{
	*error = (struct sheet_error){ line, code, zh, en };
	return false;
}

bool sheet_fail_columns(struct sheet *s, struct sheet_error *error, int64_t line)
{
	return sheet_fail(error, line, "columns",
	    fmt(s->mem, "第 %" PRId64 " 行超过 %d 列。请删除多余的列，或检查分隔符是否正确。", line,
	        SHEET_COLUMNS),
	    fmt(s->mem, "Line %" PRId64 " has more than %d columns. Remove the columns you do not need, "
	        "or check the delimiter.", line, SHEET_COLUMNS));
}

bool sheet_fail_cell(struct sheet *s, struct sheet_error *error, int64_t line, size_t column)
{
	char name[8];

	cell_column(column, name);
	return sheet_fail(error, line, "cell",
	    fmt(s->mem, "第 %" PRId64 " 行第 %s 列的单元格超过 %d 字节，可能缺少结束引号。"
	        "请缩短内容或补上引号。", line, name, SHEET_CELL),
	    fmt(s->mem, "The cell in line %" PRId64 ", column %s is longer than %d bytes; perhaps a "
	        "closing quote is missing. Shorten it or close the quote.", line, name, SHEET_CELL));
}

bool sheet_fail_row(struct sheet *s, struct sheet_error *error, int64_t line)
{
	return sheet_fail(error, line, "cell",
	    fmt(s->mem, "第 %" PRId64 " 行超过 %d MB，请缩短内容。", line, SHEET_ROW >> 20),
	    fmt(s->mem, "Line %" PRId64 " is longer than %d MB. Shorten its cells.", line,
	        SHEET_ROW >> 20));
}

bool sheet_fail_encrypted(struct sheet_error *error)
{
	return sheet_fail(error, 0, "encrypted",
	    "文件有密码保护。请在 Excel 或 WPS 中取消密码后另存，再重新上传。",
	    "The file is protected by a password. Remove the password in Excel, save it and upload "
	    "it again.");
}

bool sheet_fail_tab(struct sheet *s, struct sheet_error *error)
{
	if (s->options.tab <= 0)
		return sheet_fail(error, 0, "format", "文件里没有工作表。请另选文件。",
		                  "The file has no worksheet. Choose another file.");
	return sheet_fail(error, 0, "format",
	    fmt(s->mem, "没有第 %d 个工作表，文件共有 %zu 个。请另选一个。", s->options.tab, s->tabs),
	    fmt(s->mem, "There is no worksheet %d; the file has %zu. Choose another one.",
	        s->options.tab, s->tabs));
}

int64_t sheet_pread(const struct sheet *s, void *to, size_t n, int64_t offset)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(s->fd, (char *)to + got, n - got, (off_t)offset + (off_t)got);

		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (int64_t)got;
}

static void close_sheet(void *ptr)
{
	struct sheet *s = ptr;

	arena_done(&s->own);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->over = true;
}

static bool open_file(struct sheet *s, struct sheet_error *error)
{
	struct stat st;

	s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return sheet_fail(error, 0, "io", "无法打开文件，请重新上传。",
		                  "The file cannot be opened. Upload it again.");
	s->size = st.st_size;
	if (s->size == 0)
		return sheet_fail(error, 0, "empty", "文件是空的。请选择有内容的文件。",
		                  "The file is empty. Choose one with content.");
	return true;
}

static bool open_by_content(struct sheet *s, struct sheet_error *error)
{
	char head[HEAD] = "";
	int64_t n = sheet_pread(s, head, sizeof head, 0);

	if (n < 0)
		return sheet_fail(error, 0, "io", "读取文件失败，请重新上传。",
		                  "Reading the file failed. Upload it again.");
	if (n >= 4 && (memcmp(head, "PK\x03\x04", 4) == 0 || memcmp(head, "PK\x05\x06", 4) == 0))
		return xlsx_open(s, error);
	if (n >= 8 && memcmp(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0)
		return xls_open(s, error);
	for (size_t i = 0; i < LENGTH(others); i++)
		if ((size_t)n >= others[i].n && memcmp(head, others[i].magic, others[i].n) == 0)
			return sheet_fail(error, 0, "binary",
			    fmt(s->mem, "这是%s，不是表格。请上传 CSV、TSV、XLSX 或 XLS 文件。",
			        others[i].zh),
			    fmt(s->mem, "This is %s, not a table. Upload a CSV, TSV, XLSX or XLS file.",
			        others[i].en));
	return csv_open(s, error);
}

struct sheet *sheet_open(struct arena *mem, const char *path, const struct sheet_options *options,
                         struct sheet_error *error)
{
	struct sheet *s = arena_alloc(mem, sizeof *s);

	*error = (struct sheet_error){ 0 };
	s->mem = mem;
	s->path = arena_dup(mem, path);
	s->fd = -1;
	if (options)
		s->options = *options;
	arena_init(&s->own, 0);
	arena_defer(mem, close_sheet, s);
	if (open_file(s, error) && open_by_content(s, error))
		return s;
	close_sheet(s);
	return NULL;
}

enum sheet_kind sheet_kind(const struct sheet *s)
{
	return s->kind;
}

enum sheet_encoding sheet_encoding(const struct sheet *s)
{
	return s->encoding;
}

char sheet_delimiter(const struct sheet *s)
{
	return s->delimiter;
}

size_t sheet_tabs(const struct sheet *s)
{
	return s->tabs;
}

const char *sheet_tab(const struct sheet *s, size_t i)
{
	return s->tab[i];
}

/* Nothing in it, or only blanks. */
static bool row_is_empty(const struct sheet_row *r)
{
	for (size_t i = 0; i < r->cells; i++)
		if (strspn(r->cell[i].s, " \t") != r->cell[i].n)
			return false;
	return true;
}

bool sheet_next(struct sheet *s, const struct sheet_row **ret_row, struct sheet_error *error)
{
	*error = (struct sheet_error){ 0 };
	while (!s->over) {
		if (!s->reader->next(s, error)) {
			s->over = true;
			if (!error->code && !s->delivered)
				sheet_fail(error, 0, "empty", "文件里没有数据。请选择有内容的文件或工作表。",
				           "There are no data in it. Choose a file or worksheet with content.");
			s->failure = *error;
			break;
		}
		if (row_is_empty(&s->row))
			continue;
		s->delivered = true;
		*ret_row = &s->row;
		return true;
	}
	*error = s->failure;
	return false;
}

int sheet_progress(const struct sheet *s)
{
	return s->over ? 1000 : s->reader->progress(s);
}
