/* sheet: what is broken, hostile or something else is told, with the right code and place. */
#include <sys/resource.h>
#include <zip.h>

#include "sheet/sheet_inner.h"
#include "tests/test.h"
#include "tests/unit/sheet_files.h"

#define SHEET_PART "xl/worksheets/sheet1.xml"

static void check(struct arena *mem, int line, const char *path, const char *want)
{
	const char *got = read_failure(mem, path);

	if (!text_eq(got, want))
		test_fail(__FILE__, line, "failure is \"%s\", not \"%s\"", got, want);
}

/* The bytes of a file that is there. */
static struct text bytes_of(struct arena *mem, const char *path)
{
	struct text t;
	char block[4096];
	FILE *f = fopen(path, "rb");
	size_t n;

	text_init(&t, mem);
	while (f && (n = fread(block, 1, sizeof block, f)) > 0)
		text_addn(&t, block, n);
	if (f)
		fclose(f);
	return t;
}

static char *repeated(struct arena *mem, const char *s, size_t times)
{
	struct text t;

	text_init(&t, mem);
	while (times-- > 0)
		text_add(&t, s);
	return t.s;
}

TEST(broken_text_files)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *want;
	} cases[] = {
		{ "", 0, "! empty 0\n" },
		{ "\xEF\xBB\xBF", 3, "! empty 0\n" },
		{ "\n\n , \n", 6, "! empty 0\n" },
		{ "a,b\n1,\"x\n2,y\n", 13, "! quote 2\n" },
		{ "\"a\nb\",c\n\"d\ne", 12, "! quote 3\n" },
		{ "\"x\ny\",\"z\n", 9, "! quote 2\n" },
		{ "\xFF\xFE" "a\0,\0b", 7, "! encoding 0\n" },                  /* odd length */
		{ "\xFF\xFE" "a\0\n\0\x00\xD8\n\0", 10, "! encoding 2\n" },     /* half a pair */
		{ "\xFF\xFE\0\0a\0\0\0", 8, "! encoding 0\n" },                 /* UTF-32 */
		{ "a,b\n1,\0x\n", 9, "! binary 2\n" },
		{ "\x01\x02\x03\x04\x05\x06", 6, "! binary 0\n" },
		{ "a\x81 b", 4, "! encoding 0\n" },                       /* no encoding at all */
		{ "%PDF-1.7\n%abc", 13, "! binary 0\n" },
		{ "\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16, "! binary 0\n" },
		{ "\xFF\xD8\xFF\xE0\0\x10JFIF", 10, "! binary 0\n" },
		{ "GIF89a\1\0", 8, "! binary 0\n" },
		{ "Rar!\x1A\7\0", 7, "! binary 0\n" },
		{ "7z\xBC\xAF\x27\x1C", 6, "! binary 0\n" },
		{ "\x1F\x8B\x08\0\0", 5, "! binary 0\n" },
		{ "SQLite format 3\0\x10\0", 18, "! binary 0\n" },
		{ "\x7F" "ELF\2\1\1", 7, "! binary 0\n" },
		{ "\n <HTML><body><table>", 21, "! format 0\n" },               /* saved as .xls */
		{ "<table><tr><td>1</td></tr></table>", 34, "! format 0\n" },
		{ "\xEF\xBB\xBF<?xml version='1.0'?><Workbook/>", 35, "! format 0\n" },
		{ "{\\rtf1\\ansi a}", 14, "! format 0\n" },
		{ "[{\"a\":1}]", 9, "! format 0\n" },
		{ "MIME-Version: 1.0\n\n", 19, "! format 0\n" },
		{ "PK\3\4", 4, "! zip 0\n" },
		{ "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, "! format 0\n" },  /* an empty archive */
		{ "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, "! format 0\n" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *got = read_failure(&mem, file_of(&mem, cases[i].bytes, cases[i].n));

		if (!text_eq(got, cases[i].want))
			test_fail(__FILE__, __LINE__, "case %zu: \"%s\", not \"%s\"", i, got, cases[i].want);
	}
	check(&mem, __LINE__, "/tmp/no/such/file", "! io 0\n");
	check(&mem, __LINE__, "/tmp", "! io 0\n");
	/* Only a header is no failure. */
	check(&mem, __LINE__, file_text(&mem, "a,b,c\n"), "");
	arena_done(&mem);
}

TEST(broken_by_size)
{
	struct arena mem;
	char *commas;
	char *cell;

	arena_init(&mem, 0);
	commas = repeated(&mem, ",", SHEET_COLUMNS - 1);
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a\n%sx", commas)), "");
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a\nx%s,", commas)), "! columns 2\n");
	cell = repeated(&mem, "x", SHEET_CELL);
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a,b\n1,%s\n", cell)), "");
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a,b\n1,%sx\n", cell)), "! cell 2\n");
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a,b\n1,\"%s\"\n", cell)), "");
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a,b\n1,\"%sx\"\n", cell)), "! cell 2\n");
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a,b\n1,\"%s\"x\n", cell)), "! cell 2\n");
	/* A quote that swallows the rest of a large file ends at the limit, not in memory. */
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a\n1,\"%s%s%s", cell, cell, cell)),
	      "! cell 2\n");
	/* A row within all other limits. */
	check(&mem, __LINE__, file_text(&mem, fmt(&mem, "a\n%s", repeated(&mem,
	      fmt(&mem, "%s,", cell), SHEET_ROW / SHEET_CELL + 1))), "! cell 2\n");
	arena_done(&mem);
}

TEST(broken_archives)
{
	struct arena mem;
	struct text good;

	arena_init(&mem, 0);
	good = bytes_of(&mem, file_rows(&mem, "<row><c><v>1</v></c></row>"));
	check(&mem, __LINE__, file_of(&mem, good.s, good.len), "");
	check(&mem, __LINE__, file_of(&mem, good.s, good.len - 10), "! zip 0\n");
	check(&mem, __LINE__, file_of(&mem, good.s, good.len / 2), "! zip 0\n");
	/* Any byte of the worksheet's data changed: the check sum tells at the latest. */
	{
		const struct file_part parts[] = {
			{ "xl/workbook.xml", "<workbook><sheets><sheet name='a' id='1'/></sheets></workbook>",
			  0, true },
			{ "xl/_rels/workbook.xml.rels", "<R><Relationship Id='1' Type='/worksheet' "
			  "Target='s.xml'/></R>", 0, true },
			{ "xl/s.xml", "<s><sheetData><row><c><v>4711</v></c></row></sheetData></s>", 0, true },
			{ NULL, NULL, 0, false },
		};
		struct text t = bytes_of(&mem, file_zip(&mem, parts));
		char *digit = memmem(t.s, t.len, "4711", 4);

		check(&mem, __LINE__, file_of(&mem, t.s, t.len), "");
		*digit = '5';
		check(&mem, __LINE__, file_of(&mem, t.s, t.len), "! zip 0\n");
	}
	static const char *const names[] = { "../../etc/passwd", "/etc/passwd", "xl/../../x",
	                                     "..\\x", "xl\\..\\x", ".." };

	for (size_t i = 0; i < LENGTH(names); i++) {
		const struct file_part parts[] = { { "xl/workbook.xml", "<w/>", 0, false },
		                                   { names[i], "x", 0, false }, { NULL, NULL, 0, false } };

		check(&mem, __LINE__, file_zip(&mem, parts), "! zip 0\n");
	}

	struct file_part many[SHEET_XLSX_ENTRIES + 2] = { { NULL, NULL, 0, false } };

	for (size_t i = 0; i <= SHEET_XLSX_ENTRIES; i++)
		many[i] = (struct file_part){ fmt(&mem, "x%zu", i), "x", 0, true };
	check(&mem, __LINE__, file_zip(&mem, many), "! bomb 0\n");
	many[SHEET_XLSX_ENTRIES].name = NULL;
	check(&mem, __LINE__, file_zip(&mem, many), "! format 0\n");
	arena_done(&mem);
}

TEST(broken_other_documents)
{
	static const char *const names[] = { "readme.txt", "xl/workbook.bin", "word/document.xml",
	                                     "ppt/presentation.xml", "META-INF/manifest.xml" };
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(names); i++) {
		const struct file_part parts[] = { { names[i], "<x/>", 0, false },
		                                   { NULL, NULL, 0, false } };

		check(&mem, __LINE__, file_zip(&mem, parts), "! format 0\n");
	}
	check(&mem, __LINE__, file_ole(&mem, "WordDocument", "x", 1), "! format 0\n");
	check(&mem, __LINE__, file_ole(&mem, "Other", "x", 1), "! format 0\n");
	check(&mem, __LINE__, file_ole(&mem, "EncryptedPackage", "x", 1), "! encrypted 0\n");
	arena_done(&mem);
}

TEST(broken_xml)
{
	static const struct {
		const char *before, *rows, *want;
	} cases[] = {
		{ "<!DOCTYPE x>", "<row/>", "! entity 0\n" },
		{ "<!DOCTYPE x [<!ENTITY a 'b'>]>", "<row><c t='str'><v>&a;</v></c></row>", "! entity 0\n" },
		{ "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", "&a;", "! entity 0\n" },
		{ "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
		  "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>", "&c;&c;&c;", "! entity 0\n" },
		{ "<!DOCTYPE x SYSTEM 'http://127.0.0.1/x.dtd'>", "", "! entity 0\n" },
		{ NULL, "<row><c t='str'><v>&other;</v></c></row>", "! entity 0\n" },
		{ NULL, "<row><c></row>", "! xml 0\n" },
		{ NULL, "<row><c><v>1</v>", "! xml 0\n" },
		{ NULL, "\xC3(", "! xml 0\n" },
		{ NULL, "<row r='0'/>", "! xml 0\n" },
		{ NULL, "<row r='1048577'/>", "! rows 1048577\n" },
		{ NULL, "<row r='99999999999'/>", "! rows 99999999999\n" },
		{ NULL, "<row r='x'/>", "! xml 0\n" },
		{ NULL, "<row r='7'><c r='XFE7'><v>1</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c r='7'><v>1</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c r='A'><v>1</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c r='ALM7'><v>1</v></c></row>", "! columns 7\n" },
		{ NULL, "<row r='7'><c t='s'><v>0</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c t='s'><v>-1</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c><v>0x10</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c><v>nan</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c><v>1 2</v></c></row>", "! xml 7\n" },
		{ NULL, "<row r='7'><c><f>A1*2</f></c></row>", "! format 7\n" },
		{ NULL, "<row r='7'><c><f>A1*2</f><v/></c></row>", "! format 7\n" },
		{ NULL, "", "! empty 0\n" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *got = read_failure(&mem, file_xlsx(&mem, (struct file_book){
			.before = cases[i].before, .rows = cases[i].rows }));

		if (!text_eq(got, cases[i].want))
			test_fail(__FILE__, __LINE__, "case %zu: \"%s\", not \"%s\"", i, got, cases[i].want);
	}
	/* UTF-16, although XML allows it. */
	{
		const char wide[] = "\xFF\xFE<\0s\0/\0>\0";
		const struct file_part parts[] = { { "xl/workbook.xml", wide, sizeof wide - 1, false },
		                                   { "xl/_rels/workbook.xml.rels", "<R/>", 0, false },
		                                   { NULL, NULL, 0, false } };

		check(&mem, __LINE__, file_zip(&mem, parts), "! xml 0\n");
	}
	arena_done(&mem);
}

TEST(broken_xlsx_by_size)
{
	struct arena mem;
	char *cell;

	arena_init(&mem, 0);
	cell = repeated(&mem, "x", SHEET_CELL + 1);
	check(&mem, __LINE__, file_rows(&mem, fmt(&mem, "<row r='3'><c t='str'><v>%s</v></c></row>",
	                                          cell + 1)), "");
	check(&mem, __LINE__, file_rows(&mem, fmt(&mem, "<row r='3'><c t='str'><v>%s</v></c></row>",
	                                          cell)), "! cell 3\n");
	check(&mem, __LINE__, file_xlsx(&mem, (struct file_book){
		.strings = fmt(&mem, "<si><t>%s</t></si>", cell),
		.rows = "<row r='3'><c t='s'><v>0</v></c></row>" }), "! cell 3\n");
	check(&mem, __LINE__, file_rows(&mem, repeated(&mem, "<a>", 80)), "! xml 0\n");
	/* One tag, one comment of 2 MB: the parser would have to keep all of it. */
	check(&mem, __LINE__, file_rows(&mem, fmt(&mem, "<row r='%s'/>",
	                                          repeated(&mem, "1", 2 << 20))), "! bomb 0\n");
	check(&mem, __LINE__, file_rows(&mem, fmt(&mem, "<!--%s--><row/>",
	                                          repeated(&mem, "-x", 1 << 20))), "! bomb 0\n");
	check(&mem, __LINE__, file_xlsx(&mem, (struct file_book){ .rows = "",
		.styles = fmt(&mem, "<cellXfs>%s</cellXfs>", repeated(&mem, "<xf/>", 65537)) }),
	      "! bomb 0\n");
	arena_done(&mem);
}

/* Rows without an end, made while they are packed. */
struct endless {
	int64_t left;
	const char *piece;              /* at last one byte of it, again and again */
};

static int64_t make_endless(void *ptr, void *to, uint64_t n, zip_source_cmd_t command)
{
	struct endless *e = ptr;

	if (command == ZIP_SOURCE_STAT) {
		zip_stat_init(to);
		return sizeof(struct zip_stat);
	}
	if (command == ZIP_SOURCE_SUPPORTS)
		return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
		                                      ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
		                                      -1);
	if (command != ZIP_SOURCE_READ)
		return 0;
	if (e->left < (int64_t)n)
		n = (uint64_t)e->left;

	size_t head = strlen(e->piece) - 1;     /* 0 from the second time on */

	memset(to, e->piece[head], n);
	memcpy(to, e->piece, head);
	e->piece += head;
	e->left -= (int64_t)n;
	return (int64_t)n;
}

static int64_t peak_memory(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return use.ru_maxrss;
}

TEST(broken_bomb_is_stopped_while_inflating)
{
	struct arena mem;
	struct sheet_error error = { 0 };
	const struct sheet_row *row;
	struct endless e = { .left = INT64_C(40) << 20, .piece = "<w><sheetData> " };
	int code;

	arena_init(&mem, 0);

	const char *path = file_rows(&mem, "");
	zip_t *z = zip_open(path, 0, &code);
	int64_t index = zip_name_locate(z, SHEET_PART, 0);

	zip_file_replace(z, (zip_uint64_t)index, zip_source_function(z, make_endless, &e), 0);
	zip_set_file_compression(z, (zip_uint64_t)index, ZIP_CM_DEFLATE, 1);
	CHECK(zip_close(z) == 0);
	CHECK_INT(e.left, 0);

	int64_t before = peak_memory();
	struct sheet *s = sheet_open(&mem, path, NULL, &error);

	/* As if nearly a gigabyte of it had come before. */
	s->inflated += SHEET_XLSX_BYTES - (32 << 20);
	while (sheet_next(s, &row, &error))
		;
	CHECK_TEXT(error.code, "bomb");
	CHECK(s->inflated <= SHEET_XLSX_BYTES + 64 * 1024);
	CHECK(peak_memory() - before < 16 * 1024);      /* in KB */
	arena_done(&mem);
}
