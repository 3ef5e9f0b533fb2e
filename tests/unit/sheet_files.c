#include "tests/unit/sheet_files.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

enum { SECTOR = 512, SMALL = 4096 };

static void remove_file(void *ptr)
{
	unlink(ptr);
}

static char *new_path(struct arena *mem)
{
	char *path = arena_dup(mem, "/tmp/loudou-sheet-XXXXXX");
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	arena_defer(mem, remove_file, path);
	return path;
}

const char *file_of(struct arena *mem, const char *bytes, size_t n)
{
	char *path = new_path(mem);
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		abort();
	return path;
}

const char *file_text(struct arena *mem, const char *s)
{
	return file_of(mem, s, strlen(s));
}

const char *file_encoded(struct arena *mem, const char *utf8, const char *encoding, const char *bom,
                         size_t bom_len)
{
	iconv_t converter = iconv_open(encoding, "UTF-8");
	size_t left = strlen(utf8);
	size_t room = left * 4 + bom_len;
	char *in = arena_dup(mem, utf8);
	char *out = arena_alloc(mem, room + 1);
	char *to = out + bom_len;

	memcpy(out, bom, bom_len);
	room -= bom_len;
	if (iconv(converter, &in, &left, &to, &room) == (size_t)-1)
		abort();
	iconv_close(converter);
	return file_of(mem, out, (size_t)(to - out));
}

const char *file_zip(struct arena *mem, const struct file_part *parts)
{
	char *path = new_path(mem);
	int code;
	zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

	for (; z && parts->name; parts++) {
		size_t n = parts->n ? parts->n : strlen(parts->content);
		zip_source_t *source = zip_source_buffer(z, parts->content, n, 0);
		int64_t index = zip_file_add(z, parts->name, source, ZIP_FL_ENC_GUESS);

		if (index < 0 || zip_set_file_compression(z, (zip_uint64_t)index,
		                                          parts->stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE,
		                                          1) != 0)
			abort();
	}
	if (!z || zip_close(z) != 0)
		abort();
	return path;
}

#define TYPE_ "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

const char *file_xlsx(struct arena *mem, struct file_book b)
{
	const struct file_part parts[] = {
		{ "[Content_Types].xml", "<Types/>", 0, false },
		{ "_rels/.rels", "<Relationships><Relationship Id='r1' Type='" TYPE_ "/officeDocument' "
		  "Target='xl/workbook.xml'/></Relationships>", 0, false },
		{ "xl/workbook.xml", fmt(mem, "<workbook xmlns:r='" TYPE_ "'><workbookPr %s/><sheets>"
		  "<sheet name='客户' sheetId='1' r:id='a'/><sheet name='图表' sheetId='2' r:id='c'/>"
		  "<sheet name='Second' sheetId='3' r:id='b'/></sheets></workbook>",
		  b.properties ? b.properties : ""), 0, false },
		{ "xl/_rels/workbook.xml.rels", "<Relationships>"
		  "<Relationship Id='a' Type='" TYPE_ "/worksheet' Target='worksheets/sheet1.xml'/>"
		  "<Relationship Id='b' Type='" TYPE_ "/worksheet' Target='/xl/worksheets/sheet2.xml'/>"
		  "<Relationship Id='c' Type='" TYPE_ "/chartsheet' Target='chartsheets/sheet1.xml'/>"
		  "<Relationship Id='d' Type='" TYPE_ "/styles' Target='./styles.xml'/>"
		  "<Relationship Id='e' Type='" TYPE_ "/sharedStrings' Target='../xl/strings.xml'/>"
		  "</Relationships>", 0, false },
		{ "xl/styles.xml", fmt(mem, "<styleSheet>%s</styleSheet>", b.styles ? b.styles : ""), 0,
		  false },
		{ "xl/strings.xml", fmt(mem, "<sst>%s</sst>", b.strings ? b.strings : ""), 0, false },
		{ "xl/worksheets/sheet1.xml", fmt(mem, "%s<worksheet><sheetData>%s</sheetData></worksheet>",
		  b.before ? b.before : "<?xml version='1.0' encoding='UTF-8'?>", b.rows), 0, false },
		{ "xl/worksheets/sheet2.xml", "<worksheet><sheetData><row><c t='inlineStr'><is><t>zwei</t>"
		  "</is></c></row></sheetData></worksheet>", 0, false },
		{ NULL, NULL, 0, false },
	};

	return file_zip(mem, parts);
}

const char *file_rows(struct arena *mem, const char *rows)
{
	return file_xlsx(mem, (struct file_book){ .rows = rows });
}

static void put(unsigned char *to, unsigned long v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(v >> (8 * i));
}

static void put_entry(unsigned char *to, const char *name, int kind, unsigned long start, size_t n)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		put(to + i * 2, (unsigned char)name[i], 2);
	put(to + 64, len * 2 + 2, 2);
	put(to + 66, (unsigned long)kind, 1);
	put(to + 116, start, 4);
	put(to + 120, n, 4);
}

/* Sectors: 0 table, 1 directory, 2 table of the small ones, 3 … data. */
const char *file_ole(struct arena *mem, const char *stream, const char *data, size_t n)
{
	const unsigned long end = 0xFFFFFFFE;
	bool small = n < SMALL;
	size_t sectors = 3 + (n + SECTOR - 1) / SECTOR;
	unsigned char *f = arena_alloc(mem, (sectors + 1) * SECTOR);
	unsigned char *table = f + SECTOR;
	unsigned char *directory = f + (size_t)2 * SECTOR;
	unsigned char *small_table = f + (size_t)3 * SECTOR;

	assert(sectors <= SECTOR / 4);
	memcpy(f, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	put(f + 26, 3, 2);
	put(f + 28, 0xFFFE, 2);
	put(f + 30, 9, 2);
	put(f + 32, 6, 2);
	put(f + 44, 1, 4);
	put(f + 48, 1, 4);
	put(f + 56, SMALL, 4);
	put(f + 60, 2, 4);
	put(f + 64, 1, 4);
	put(f + 68, end, 4);
	memset(f + 76, 0xFF, 436);
	put(f + 76, 0, 4);
	memset(table, 0xFF, SECTOR);
	put(table, 0xFFFFFFFD, 4);
	put(table + 4, end, 4);
	put(table + 8, end, 4);
	for (size_t i = 3; i < sectors; i++)
		put(table + i * 4, i + 1 < sectors ? i + 1 : end, 4);
	for (size_t i = 0; i < SECTOR / 4; i++)
		put(small_table + i * 4, (i + 1) * 64 < n ? i + 1 : end, 4);
	put_entry(directory, "Root Entry", 5, small ? 3 : end, small ? n : 0);
	put_entry(directory + 128, stream, 2, small ? 0 : 3, n);
	memcpy(f + (size_t)4 * SECTOR, data, n);
	return file_of(mem, (const char *)f, (sectors + 1) * SECTOR);
}

void xls_record(struct text *t, unsigned id, const void *data, size_t n)
{
	unsigned char head[4];

	put(head, id, 2);
	put(head + 2, n, 2);
	text_addn(t, (const char *)head, 4);
	text_addn(t, data, n);
}

void xls_words(struct text *t, unsigned id, const unsigned *words, size_t n, const void *data,
               size_t data_n)
{
	unsigned char bytes[8224];

	assert(n * 2 + data_n <= sizeof bytes);
	for (size_t i = 0; i < n; i++)
		put(bytes + i * 2, words[i], 2);
	if (data_n)
		memcpy(bytes + n * 2, data, data_n);
	xls_record(t, id, bytes, n * 2 + data_n);
}

void xls_start(struct file_xls *f, struct arena *mem, bool old)
{
	unsigned version = old ? 0x500 : 0x600;

	*f = (struct file_xls){ .old = old };
	text_init(&f->globals, mem);
	text_init(&f->cells, mem);
	xls_words(&f->globals, 0x809, (unsigned[]){ version, 5, 0, 0 }, 4, NULL, 0);
	xls_words(&f->cells, 0x809, (unsigned[]){ version, 0x10, 0, 0 }, 4, NULL, 0);
}

void xls_double(struct file_xls *f, unsigned row, unsigned column, unsigned style, double v)
{
	xls_words(&f->cells, 0x203, (unsigned[]){ row, column, style }, 3, &v, sizeof v);
}

void xls_format(struct file_xls *f, unsigned id, const char *code)
{
	struct text t;

	text_init(&t, f->globals.mem);
	text_addc(&t, (char)strlen(code));
	if (!f->old)
		text_addn(&t, "\0\0", 2);
	text_add(&t, code);
	xls_words(&f->globals, 0x41E, &id, 1, t.s, t.len);
}

void xls_style(struct file_xls *f, unsigned format)
{
	xls_words(&f->globals, 0xE0, (unsigned[]){ 0, format, 0, 0, 0, 0, 0, 0, 0, 0 }, 10, NULL, 0);
}

void xls_strings(struct file_xls *f, const char *const *strings, size_t n)
{
	struct text t;
	unsigned char head[8];

	text_init(&t, f->globals.mem);
	put(head, n, 4);
	put(head + 4, n, 4);
	text_addn(&t, (const char *)head, 8);
	for (size_t i = 0; i < n; i++) {
		const char *s = strings[i];
		unsigned char unit[2];

		put(unit, utf8_length(s), 2);
		text_addn(&t, (const char *)unit, 2);
		text_addc(&t, 1);
		for (uint32_t c; (c = utf8_next(&s)) != 0;) {
			put(unit, c, 2);
			text_addn(&t, (const char *)unit, 2);
		}
	}
	xls_record(&f->globals, 0xFC, t.s, t.len);
}

void xls_shared(struct file_xls *f, unsigned row, unsigned column, unsigned string)
{
	xls_words(&f->cells, 0xFD, (unsigned[]){ row, column, 0, string, 0 }, 5, NULL, 0);
}

const char *xls_end(struct file_xls *f, struct arena *mem)
{
	struct text all;
	const char *name = f->old ? "\6Blatt1" : "\6\0Sheet1";
	size_t name_n = f->old ? 7 : 8;
	size_t at = f->globals.len + 4 + 6 + name_n + 4;

	xls_words(&f->globals, 0x85, (unsigned[]){ (unsigned)at, 0, 0 }, 3, name, name_n);
	xls_record(&f->globals, 0x0A, "", 0);
	xls_record(&f->cells, 0x0A, "", 0);
	text_init(&all, mem);
	text_addn(&all, f->globals.s, f->globals.len);
	text_addn(&all, f->cells.s, f->cells.len);
	return file_ole(mem, f->old ? "Book" : "Workbook", all.s, all.len);
}

static void show_failure(struct text *t, const struct sheet_error *e)
{
	if (e->code)
		text_addf(t, "! %s %" PRId64 "\n", e->code, e->line);
}

const char *read_all(struct arena *mem, const char *path, const struct sheet_options *options)
{
	struct text t;
	struct sheet_error error;
	const struct sheet_row *row;
	struct sheet *s = sheet_open(mem, path, options, &error);

	text_init(&t, mem);
	while (s && sheet_next(s, &row, &error)) {
		text_addf(&t, "%" PRId64 ":", row->line);
		for (size_t i = 0; i < row->cells; i++) {
			if (i > 0)
				text_addc(&t, '|');
			text_add(&t, row->cell[i].s);
		}
		text_addc(&t, '\n');
	}
	show_failure(&t, &error);
	return t.s;
}

const char *read_failure(struct arena *mem, const char *path)
{
	struct text t;
	struct sheet_error error;
	const struct sheet_row *row;
	struct sheet *s = sheet_open(mem, path, NULL, &error);

	text_init(&t, mem);
	while (s && sheet_next(s, &row, &error))
		;
	show_failure(&t, &error);
	/* Every failure is told in both languages, in whole sentences. */
	if (error.code && (!error.message_zh || !error.message_en || !strstr(error.message_zh, "。") ||
	                   !text_ends(error.message_en, ".")))
		text_add(&t, "without words");
	return t.s;
}
