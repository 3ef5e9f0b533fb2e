/* sheet: workbooks in (XLSX, XLS), CSV and XLSX out. */
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "sheet/sheet_inner.h"
#include "tests/test.h"
#include "tests/unit/sheet_files.h"

/* --- XLSX in --- */

TEST(xlsx_kinds_of_cells)
{
	static const struct {
		const char *cell, *want;
	} cases[] = {
		{ "<c t='s'><v>0</v></c>", "王芳" },
		{ "<c t='s'><v>1</v></c>", "rich text" },
		{ "<c t='s'><v>2</v></c>", "東京" },
		{ "<c t='s'><v>3</v></c>", "a\rb A <&> _x00GG_ 😀" },
		{ "<c t='s'><v>4</v></c>", "  kept  " },
		{ "<c t='inlineStr'><is><t>in</t></is></c>", "in" },
		{ "<c t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>", "inline" },
		{ "<c t='str'><f>A1</f><v>text</v></c>", "text" },
		{ "<c t='str'><v>a_x0009_b_x0000_</v></c>", "a\tb" },
		{ "<c t='b'><v>1</v></c>", "TRUE" },
		{ "<c t='b'><v>0</v></c>", "FALSE" },
		{ "<c t='e'><v>#N/A</v></c>", "#N/A" },
		{ "<c t='d'><v>2026-11-25</v></c>", "2026-11-25" },
		{ "<c t='d'><v>2026-11-25T09:30:00.000</v></c>", "2026-11-25 09:30:00" },
		{ "<c t='n'><v>7</v></c>", "7" },
		{ "<c><f>1+1</f><v>2</v></c>", "2" },
		{ "<x:c><x:v>8</x:v></x:c>", "8" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		CHECK_TEXT(read_all(&mem, file_xlsx(&mem, (struct file_book){
			.strings = "<si><t>王芳</t></si>"
			           "<si><r><rPr><b/></rPr><t>rich </t></r><r><t>text</t></r></si>"
			           "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr/></si>"
			           "<si><t>a_x000D_b _x0041_ &lt;&amp;&gt; _x00GG_ _xD83D__xDE00_</t></si>"
			           "<si><t xml:space='preserve'>  kept  </t></si>",
			.rows = fmt(&mem, "<row>%s<c><v>0</v></c></row>", cases[i].cell) }), NULL),
		           fmt(&mem, "1:%s|0\n", cases[i].want));
	arena_done(&mem);
}

TEST(xlsx_numbers_as_people_see_them)
{
	static const struct {
		const char *v, *want;
	} cases[] = {
		{ "13800138000", "13800138000" },
		{ "1.3800138E10", "13800138000" },
		{ "1.3800138000E+10", "13800138000" },
		{ "110101199003074512", "110101199003074512" },           /* as it stands in the file */
		{ "0.1", "0.1" },
		{ "0.30000000000000004", "0.3" },
		{ "1234.5600000000001", "1234.56" },
		{ "-12.50", "-12.5" },
		{ "1E-7", "0.0000001" },
		{ "1.5E-3", "0.0015" },
		{ "1E21", "1000000000000000000000" },
		{ "123456789012345.6", "123456789012346" },
		{ "0.1549999999999999", "0.155" },
		{ "99.999999999999986", "100" },
		{ "0", "0" },
		{ "-0", "0" },
		{ "007", "7" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		CHECK_TEXT(read_all(&mem, file_rows(&mem, fmt(&mem, "<row><c><v>%s</v></c></row>",
		                                              cases[i].v)), NULL),
		           fmt(&mem, "1:%s\n", cases[i].want));
	arena_done(&mem);
}

TEST(cell_number_gives_back_what_was_typed)
{
	uint32_t seed = 1;
	char out[CELL_ROOM];
	char typed[64];

	/* Up to 15 digits, any place of the point. */
	for (int i = 0; i < 20000; i++) {
		double v;

		seed = seed * 1664525 + 1013904223;
		snprintf(typed, sizeof typed, "%s%u.%04u1", seed & 1 ? "-" : "", seed >> (seed % 31),
		         (seed >> 7) % 10000);
		v = strtod(typed, NULL);
		cell_number(v, out);
		if (!text_eq(out, typed))
			test_fail(__FILE__, __LINE__, "%s became %s", typed, out);
	}
}

TEST(xlsx_dates)
{
	static const struct {
		int style;
		const char *v, *want, *want_1904;
	} cases[] = {
		{ 1, "46351", "2026-11-25", "2030-11-26" },
		{ 1, "46351.75", "2026-11-25", "2030-11-26" },
		{ 2, "46351.395833333336", "2026-11-25 09:30:00", "2030-11-26 09:30:00" },
		{ 2, "46351.999999999", "2026-11-26 00:00:00", "2030-11-27 00:00:00" },
		{ 2, "46351", "2026-11-25 00:00:00", "2030-11-26 00:00:00" },
		{ 3, "0.5", "12:00:00", "12:00:00" },
		{ 3, "46351.5", "2026-11-25 12:00:00", "2030-11-26 12:00:00" },
		{ 4, "1.5", "36:00:00", "36:00:00" },
		{ 5, "46351", "2026-11-25", "2030-11-26" },
		{ 6, "46351", "2026-11-25", "2030-11-26" },
		{ 7, "46351", "46351", "46351" },
		{ 8, "0.155", "15.5%", "15.5%" },
		{ 9, "46351.5", "2026-11-25 12:00:00", "2030-11-26 12:00:00" },
		{ 1, "1", "1900-01-01", "1904-01-02" },
		{ 1, "59", "1900-02-28", "1904-02-29" },
		{ 1, "60", "1900-02-29", "1904-03-01" },
		{ 1, "61", "1900-03-01", "1904-03-02" },
		{ 1, "-5", "-5", "-5" },
		{ 1, "2958466", "2958466", "2958466" },
		{ 99, "46351", "46351", "46351" },
	};
	static const char styles[] =
		"<numFmts><numFmt numFmtId='176' formatCode='yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;'/>"
		"<numFmt numFmtId='177' formatCode='#,##0.00&quot;days&quot;;[Red]-#,##0.00'/>"
		"<numFmt numFmtId='178' formatCode='[$-804]yyyy/m/d\\ h:mm;@'/></numFmts>"
		"<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
		"<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='22'/><xf numFmtId='20'/>"
		"<xf numFmtId='46'/><xf numFmtId='31'/><xf numFmtId='176'/><xf numFmtId='177'/>"
		"<xf numFmtId='10'/><xf numFmtId='178'/></cellXfs>"
		"<dxfs><dxf><numFmt numFmtId='177' formatCode='yyyy'/></dxf></dxfs>";
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases) * 2; i++) {
		bool later = i % 2 != 0;
		const char *row = fmt(&mem, "<row><c s='%d'><v>%s</v></c></row>", cases[i / 2].style,
		                      cases[i / 2].v);

		CHECK_TEXT(read_all(&mem, file_xlsx(&mem, (struct file_book){ .rows = row,
			.styles = styles, .properties = later ? "date1904='1'" : NULL }), NULL),
		           fmt(&mem, "1:%s\n", later ? cases[i / 2].want_1904 : cases[i / 2].want));
	}
	arena_done(&mem);
}

TEST(cell_formats_that_are_dates)
{
	static const struct {
		const char *code;
		enum cell_format want;
	} cases[] = {
		{ "General", FORMAT_NUMBER },           { "0.00", FORMAT_NUMBER },
		{ "#,##0;[Red]-#,##0", FORMAT_NUMBER }, { "0.00E+00", FORMAT_NUMBER },
		{ "\"day\"0", FORMAT_NUMBER },          { "0\\d", FORMAT_NUMBER },
		{ "_(* #,##0_);_(@_)", FORMAT_NUMBER }, { "[$¥-804]#,##0.00", FORMAT_NUMBER },
		{ "0;yyyy", FORMAT_NUMBER },            { "@", FORMAT_NUMBER },
		{ "0.0%", FORMAT_PERCENT },             { "0\"%\"", FORMAT_NUMBER },
		{ "yyyy-mm-dd", FORMAT_DATE },          { "d-mmm", FORMAT_DATE },
		{ "mmm-yy", FORMAT_DATE },              { "[$-F800]dddd, mmmm dd", FORMAT_DATE },
		{ "[DBNum1]yyyy\"年\"m\"月\"", FORMAT_DATE }, { "e\"年\"m\"月\"", FORMAT_DATE },
		{ "yyyy/m/d h:mm", FORMAT_INSTANT },    { "m/d/yy h:mm AM/PM", FORMAT_INSTANT },
		{ "h:mm", FORMAT_TIME },                { "mm:ss", FORMAT_TIME },
		{ "上午/下午h\"时\"mm\"分\"", FORMAT_TIME }, { "[h]:mm:ss", FORMAT_ELAPSED },
		{ "[mm]:ss", FORMAT_ELAPSED },          { "\"unclosed", FORMAT_NUMBER },
		{ "[unclosed", FORMAT_NUMBER },         { "", FORMAT_NUMBER },
	};
	static const int dates[] = { 14, 15, 16, 17, 27, 28, 31, 36, 50, 54, 57, 58 };
	static const int others[] = { 0, 1, 4, 11, 13, 23, 37, 44, 48, 49, 59 };

	for (size_t i = 0; i < LENGTH(cases); i++)
		if (cell_format_code(cases[i].code) != cases[i].want)
			test_fail(__FILE__, __LINE__, "%s is %d", cases[i].code,
			          cell_format_code(cases[i].code));
	for (size_t i = 0; i < LENGTH(dates); i++)
		CHECK_INT(cell_format_id(dates[i]), FORMAT_DATE);
	for (size_t i = 0; i < LENGTH(others); i++)
		CHECK_INT(cell_format_id(others[i]), FORMAT_NUMBER);
	CHECK_INT(cell_format_id(9), FORMAT_PERCENT);
	CHECK_INT(cell_format_id(10), FORMAT_PERCENT);
	CHECK_INT(cell_format_id(22), FORMAT_INSTANT);
	CHECK_INT(cell_format_id(32), FORMAT_TIME);
	CHECK_INT(cell_format_id(46), FORMAT_ELAPSED);
}

TEST(xlsx_sparse_rows_and_cells)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(read_all(&mem, file_rows(&mem,
		"<row r='2'><c r='B2'><v>1</v></c><c r='D2'><v>2</v></c></row>"
		"<row r='3'/><row r='4'><c r='A4' s='1'/></row>"
		"<row r='9'><c r='C9'><v>3</v></c><c r='A9'><v>4</v></c><c><v>5</v></c></row>"
		"<row><c><v>6</v></c><c/><c><v>7</v></c></row>"
		"<row r='1048576'><c r='AA1048576'><v>8</v></c></row>"), NULL),
	    "2:|1||2\n9:4|5|3\n10:6||7\n1048576:||||||||||||||||||||||||||8\n");
	/* Cells far out that are only painted do not count. */
	CHECK_TEXT(read_all(&mem, file_rows(&mem,
		"<row r='1'><c r='A1'><v>1</v></c><c r='XFD1' s='3'/></row>"), NULL), "1:1\n");
	arena_done(&mem);
}

TEST(xlsx_worksheets)
{
	struct arena mem;
	struct sheet_error error;
	const char *path;
	struct sheet *s;

	arena_init(&mem, 0);
	path = file_rows(&mem, "<row><c><v>1</v></c></row>");
	s = sheet_open(&mem, path, NULL, &error);
	CHECK(s != NULL);
	/* A chart between them is none. */
	CHECK_INT(sheet_kind(s), SHEET_XLSX);
	CHECK_INT(sheet_tabs(s), 2);
	CHECK_TEXT(sheet_tab(s, 0), "客户");
	CHECK_TEXT(sheet_tab(s, 1), "Second");
	CHECK_TEXT(read_all(&mem, path, &(struct sheet_options){ .tab = 1 }), "1:1\n");
	CHECK_TEXT(read_all(&mem, path, &(struct sheet_options){ .tab = 2 }), "1:zwei\n");
	CHECK_TEXT(read_all(&mem, path, &(struct sheet_options){ .tab = 3 }), "! format 0\n");
	arena_done(&mem);
}

TEST(xlsx_strings_many_and_long)
{
	struct arena mem;
	struct text strings;
	struct text rows;
	struct sheet_error error;
	const struct sheet_row *row;
	int64_t n = 0;
	bool same = true;

	arena_init(&mem, 0);
	text_init(&strings, &mem);
	text_init(&rows, &mem);
	for (int i = 0; i < 20000; i++) {
		text_addf(&strings, "<si><t>客户%d%.*s</t></si>", i, i % 50,
		          "..................................................");
		text_addf(&rows, "<row r='%d'><c t='s'><v>%d</v></c></row>", i + 1, 19999 - i);
	}

	struct sheet *s = sheet_open(&mem, file_xlsx(&mem, (struct file_book){
		.strings = strings.s, .rows = rows.s }), NULL, &error);

	for (; s && sheet_next(s, &row, &error); n++) {
		char want[32];

		snprintf(want, sizeof want, "客户%d", (int)(19999 - n));
		same = same && row->line == n + 1 && text_starts(row->cell[0].s, want) &&
		       row->cell[0].n == strlen(want) + (size_t)(19999 - n) % 50;
	}
	CHECK_INT(n, 20000);
	CHECK(same);
	arena_done(&mem);
}

/* --- XLS in --- */

TEST(xls_kinds_of_cells)
{
	static const char *const strings[] = { "王芳", "long" };
	struct arena mem;
	struct file_xls f;
	const double two = 2;
	const double moment = 46351.395833333336;

	arena_init(&mem, 0);
	xls_start(&f, &mem, false);
	xls_format(&f, 176, "yyyy-mm-dd");
	xls_style(&f, 0);
	xls_style(&f, 176);
	xls_style(&f, 22);
	xls_style(&f, 31);
	xls_strings(&f, strings, LENGTH(strings));
	/* Row 1: shared, label, double, two short numbers, a run of short numbers. */
	xls_shared(&f, 0, 0, 0);
	xls_words(&f.cells, 0x204, (unsigned[]){ 0, 1, 0, 2 }, 4, "\0ab", 3);
	xls_double(&f, 0, 2, 0, 13800138000.0);
	xls_words(&f.cells, 0x27E, (unsigned[]){ 0, 3, 0, (12345 << 2 | 3) & 0xFFFF, 0 }, 5, NULL, 0);
	xls_words(&f.cells, 0xBD, (unsigned[]){ 0, 4, 0, 0xFFFE, 0xFFFF, 0, 0, 0x3FF0, 5 }, 9, NULL, 0);
	/* Row 2: dates. */
	xls_double(&f, 1, 0, 1, 46351);
	xls_double(&f, 1, 1, 2, moment);
	xls_double(&f, 1, 2, 3, 46351);
	/* Row 4: truth, an error, formulas: a number, a text, a truth, an error, an empty text. */
	xls_words(&f.cells, 0x205, (unsigned[]){ 3, 0, 0, 1 }, 4, NULL, 0);
	xls_words(&f.cells, 0x205, (unsigned[]){ 3, 1, 0, 0x12A }, 4, NULL, 0);
	xls_words(&f.cells, 0x06, (unsigned[]){ 3, 2, 0 }, 3, &two, 8);
	xls_words(&f.cells, 0x06, (unsigned[]){ 3, 3, 0, 0, 0, 0, 0xFFFF }, 7, NULL, 0);
	xls_words(&f.cells, 0x4BC, NULL, 0, "shared", 6);
	xls_words(&f.cells, 0x207, (unsigned[]){ 2 }, 1, "\1\x8B\x73\xB3\x82", 5);
	xls_words(&f.cells, 0x06, (unsigned[]){ 3, 4, 0, 1, 1, 0, 0xFFFF }, 7, NULL, 0);
	xls_words(&f.cells, 0x06, (unsigned[]){ 3, 5, 0, 2, 7, 0, 0xFFFF }, 7, NULL, 0);
	xls_words(&f.cells, 0x06, (unsigned[]){ 3, 6, 0, 3, 0, 0, 0xFFFF }, 7, NULL, 0);
	/* Out of order: a cell of row 3 last; charts within a worksheet are passed over. */
	xls_words(&f.cells, 0x809, (unsigned[]){ 0x600, 0x20 }, 2, NULL, 0);
	xls_double(&f, 0, 0, 0, 666);
	xls_record(&f.cells, 0x0A, "", 0);
	xls_double(&f, 2, 1, 0, -0.5);
	CHECK_TEXT(read_all(&mem, xls_end(&f, &mem), NULL),
	           "1:王芳|ab|13800138000|123.45|-1|1\n"
	           "2:2026-11-25|2026-11-25 09:30:00|2026-11-25\n"
	           "3:|-0.5\n"
	           "4:TRUE|#N/A|2|王芳|TRUE|#DIV/0!\n");
	arena_done(&mem);
}

TEST(xls_strings_across_records)
{
	/* The second string goes on, in bytes of one, in the next record. */
	static const char first[] = "\2\0\0\0\2\0\0\0" "\1\0\0a" "\6\0\1" "b\0c\0";
	static const char second[] = "\0defg";
	static const char rich[] = "\1\0\0\0\1\0\0\0" "\2\0\x0C" "\1\0" "\4\0\0\0" "hi"
	                           "\0\0\1\0" "\1\2\3\4";
	struct arena mem;
	struct file_xls f;

	arena_init(&mem, 0);
	xls_start(&f, &mem, false);
	xls_record(&f.globals, 0xFC, first, sizeof first - 1);
	xls_record(&f.globals, 0x3C, second, sizeof second - 1);
	xls_shared(&f, 0, 0, 0);
	xls_shared(&f, 0, 1, 1);
	CHECK_TEXT(read_all(&mem, xls_end(&f, &mem), NULL), "1:a|bcdefg\n");
	/* Runs of fonts and reading aids behind a string. */
	xls_start(&f, &mem, false);
	xls_record(&f.globals, 0xFC, rich, sizeof rich - 1);
	xls_shared(&f, 6, 1, 0);
	CHECK_TEXT(read_all(&mem, xls_end(&f, &mem), NULL), "7:|hi\n");
	arena_done(&mem);
}

TEST(xls_of_excel_95_in_its_code_page)
{
	static const unsigned gbk = 936;
	struct arena mem;
	struct file_xls f;

	arena_init(&mem, 0);
	xls_start(&f, &mem, true);
	xls_words(&f.globals, 0x42, &gbk, 1, NULL, 0);
	xls_words(&f.cells, 0x204, (unsigned[]){ 0, 0, 0, 4 }, 4, "\xCD\xF5\xB7\xBC", 4);
	CHECK_TEXT(read_all(&mem, xls_end(&f, &mem), NULL), "1:王芳\n");
	xls_start(&f, &mem, true);
	xls_words(&f.cells, 0x204, (unsigned[]){ 0, 0, 0, 3 }, 4, "M\xFC\x81", 3);
	CHECK_TEXT(read_all(&mem, xls_end(&f, &mem), NULL), "1:Mü\xEF\xBF\xBD\n");
	arena_done(&mem);
}

TEST(xls_date_system_of_1904)
{
	static const unsigned yes = 1;
	struct arena mem;
	struct file_xls f;

	arena_init(&mem, 0);
	xls_start(&f, &mem, false);
	xls_words(&f.globals, 0x22, &yes, 1, NULL, 0);
	xls_style(&f, 14);
	xls_double(&f, 0, 0, 0, 44889);
	CHECK_TEXT(read_all(&mem, xls_end(&f, &mem), NULL), "1:2026-11-25\n");
	arena_done(&mem);
}

/* A worksheet large enough to have sectors of its own. */
static const char *large_xls(struct arena *mem)
{
	struct file_xls f;

	xls_start(&f, mem, false);
	for (unsigned i = 0; i < 1000; i++)
		xls_double(&f, i, 1, 0, i);
	return xls_end(&f, mem);
}

TEST(xls_broken)
{
	static const unsigned password = 1;
	struct arena mem;
	struct file_xls f;
	struct sheet_error error;
	char bytes[40000];
	size_t n;

	arena_init(&mem, 0);
	xls_start(&f, &mem, false);
	xls_words(&f.globals, 0x2F, &password, 1, NULL, 0);
	CHECK_TEXT(read_failure(&mem, xls_end(&f, &mem)), "! encrypted 0\n");
	xls_start(&f, &mem, false);
	xls_shared(&f, 4, 0, 9);                       /* no such string */
	CHECK_TEXT(read_failure(&mem, xls_end(&f, &mem)), "! format 5\n");
	xls_start(&f, &mem, false);
	xls_words(&f.cells, 0x203, (unsigned[]){ 4, 0, 0, 1 }, 4, NULL, 0);     /* too short */
	CHECK_TEXT(read_failure(&mem, xls_end(&f, &mem)), "! format 5\n");
	xls_start(&f, &mem, false);
	xls_record(&f.globals, 0xFC, "\xFF\xFF\xFF\x7F\xFF\xFF\xFF\x7F\1\0\0a", 12);
	CHECK_TEXT(read_failure(&mem, xls_end(&f, &mem)), "! format 0\n");
	xls_start(&f, &mem, false);
	CHECK_TEXT(read_failure(&mem, xls_end(&f, &mem)), "! empty 0\n");
	CHECK_TEXT(read_failure(&mem, file_ole(&mem, "Workbook", "\x09\x08", 2)), "! format 0\n");
	CHECK_TEXT(read_failure(&mem, large_xls(&mem)), "");

	/* Any byte of it changed, and any length: never more than a failure. */
	FILE *file = fopen(large_xls(&mem), "rb");

	CHECK(file != NULL);
	n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
	if (file)
		fclose(file);
	for (size_t i = 0; i < n; i += i < 2048 ? 7 : 997) {
		char was = bytes[i];

		bytes[i] = (char)(was ^ 0xFF);
		read_failure(&mem, file_of(&mem, bytes, n));
		bytes[i] = was;
		read_failure(&mem, file_of(&mem, bytes, i));
		arena_reset(&mem);
	}
	CHECK(sheet_open(&mem, file_of(&mem, bytes, n), &(struct sheet_options){ .tab = 2 }, &error) ==
	      NULL && text_eq(error.code, "format"));
	arena_done(&mem);
}

/* --- Out --- */

TEST(write_guards_formulas)
{
	static const struct {
		const char *cell, *csv;
	} cases[] = {
		{ "=1+1", "\"'=1+1\"" },            { "+1+1", "\"'+1+1\"" },
		{ "-1+1", "\"'-1+1\"" },            { "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\t=1", "\"'\t=1\"" },            { "\r=1", "\"'\r=1\"" },
		{ "\n=1", "\"'\n=1\"" },            { "＝1", "\"'＝1\"" },
		{ "＋1", "\"'＋1\"" },              { "－1", "\"'－1\"" },
		{ "＠a", "\"'＠a\"" },              { "=", "\"'=\"" },
		{ "-", "\"'-\"" },                  { "--1", "\"'--1\"" },
		{ "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"" },
		{ "'=1", "\"''=1\"" },              { "''=1", "\"'''=1\"" },
		{ "-12.5", "-12.5" },               { "+8613800138000", "+8613800138000" },
		{ "-0", "-0" },                     { "-1.", "\"'-1.\"" },
		{ "-12,5", "\"'-12,5\"" },          { "'quoted'", "'quoted'" },
		{ "'-12.5", "'-12.5" },             { "a=1", "a=1" },
		{ " =1", "\" =1\"" },               { "王芳", "王芳" },
		{ "a,b", "\"a,b\"" },               { "a;b", "\"a;b\"" },
		{ "say \"hi\"", "\"say \"\"hi\"\"\"" }, { "two\nlines", "\"two\nlines\"" },
		{ "sep=;", "\"sep=;\"" },           { "", "" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct text out;
		struct sheet_error error;
		const struct sheet_row *row;

		text_init(&out, &mem);

		struct sheet_writer *w = sheet_write(&mem, SHEET_CSV, &out, NULL);

		sheet_write_cell(w, SHEET_TEXT, cases[i].cell);
		sheet_write_cell(w, SHEET_TEXT, "x");
		CHECK(sheet_write_row(w));
		CHECK_TEXT(out.s, fmt(&mem, "\xEF\xBB\xBF%s,x\r\n", cases[i].csv));

		/* Read again, the cell is what it was. */
		struct sheet *s = sheet_open(&mem, file_of(&mem, out.s, out.len), NULL, &error);

		CHECK(s && sheet_next(s, &row, &error));
		CHECK_TEXT(s ? sheet_unguard(row->cell[0].s) : NULL, cases[i].cell);
	}
	arena_done(&mem);
}

TEST(write_csv_of_all_types)
{
	struct arena mem;
	struct text out;
	const char *path = NULL;

	arena_init(&mem, 0);
	text_init(&out, &mem);
	CHECK(date_zone("Asia/Shanghai"));

	struct sheet_writer *w = sheet_write(&mem, SHEET_CSV, &out, NULL);

	sheet_write_cell(w, SHEET_TEXT, NULL);
	sheet_write_cell(w, SHEET_NUMBER, "-1234.50");
	sheet_write_cell(w, SHEET_DATE, "2026-11-25");
	sheet_write_cell(w, SHEET_INSTANT, "2026-11-25T01:30:00Z");
	sheet_write_cell(w, SHEET_INSTANT, "soon");
	CHECK(sheet_write_row(w));
	CHECK(sheet_write_end(w, &path));
	CHECK_TEXT(out.s, "\xEF\xBB\xBF,-1234.50,2026-11-25,2026-11-25 09:30:00,soon\r\n");
	arena_done(&mem);
}

TEST(write_xlsx_and_read_it_again)
{
	static const struct {
		enum sheet_type type;
		const char *cell, *want;        /* NULL: the same */
	} cases[] = {
		{ SHEET_TEXT, "王芳 😀", NULL },           { SHEET_TEXT, "=1+1", NULL },
		{ SHEET_TEXT, "'=1", NULL },              { SHEET_TEXT, "007", NULL },
		{ SHEET_TEXT, " blank ", NULL },          { SHEET_TEXT, "<&>\"'", NULL },
		{ SHEET_TEXT, "_x0041_ _x", NULL },       { SHEET_TEXT, "a\x01\r\n\tb", NULL },
		{ SHEET_TEXT, NULL, "" },                 { SHEET_TEXT, "", NULL },
		{ SHEET_NUMBER, "13800138000", NULL },    { SHEET_NUMBER, "-1234.50", "-1234.5" },
		{ SHEET_NUMBER, "0.1", NULL },            { SHEET_NUMBER, "110101199003074512", NULL },
		{ SHEET_NUMBER, "9007199254740.99", NULL }, { SHEET_NUMBER, "n/a", NULL },
		{ SHEET_PERCENT, "12.5%", NULL },         { SHEET_PERCENT, "-3%", NULL },
		{ SHEET_PERCENT, "0.01%", NULL },         { SHEET_PERCENT, "n/a", NULL },
		{ SHEET_PERCENT, "12", NULL },            { SHEET_PERCENT, "1234567890123456%", NULL },
		{ SHEET_DATE, "2026-11-25", NULL },       { SHEET_DATE, "1900-03-01", NULL },
		{ SHEET_DATE, "1900-01-15", NULL },       { SHEET_DATE, "2999-12-31", NULL },
		{ SHEET_DATE, "open", NULL },
		{ SHEET_INSTANT, "2026-11-25T09:30:15+08:00", "2026-11-25 09:30:15" },
		{ SHEET_INSTANT, "2026-11-25T01:30:15Z", "2026-11-25 09:30:15" },
		{ SHEET_INSTANT, "2026-11-25 23:59:59", NULL },
		{ SHEET_INSTANT, "1970-01-01 08:00:00", NULL },
		{ SHEET_INSTANT, "later", NULL },
	};
	struct arena mem;
	const char *path = NULL;

	arena_init(&mem, 0);
	CHECK(date_zone("Asia/Shanghai"));

	struct sheet_writer *w = sheet_write(&mem, SHEET_XLSX, NULL, "/tmp");
	struct text want;

	CHECK(w != NULL);
	text_init(&want, &mem);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *cell = cases[i].want ? cases[i].want : cases[i].cell;

		sheet_write_cell(w, SHEET_NUMBER, "1");
		sheet_write_cell(w, cases[i].type, cases[i].cell);
		CHECK(sheet_write_row(w));
		text_addf(&want, "%zu:1%s%s\n", i + 1, *cell ? "|" : "", cell);
	}
	CHECK(sheet_write_end(w, &path));
	CHECK(path && text_starts(path, "/tmp/"));
	CHECK_TEXT(read_all(&mem, path ? path : "", NULL), want.s);
	if (path)
		unlink(path);
	arena_done(&mem);
}

TEST(write_xlsx_limits)
{
	struct arena mem;
	const char *path = NULL;
	char *path_of_abandoned;
	struct text longest;

	arena_init(&mem, 0);
	text_init(&longest, &mem);
	for (int i = 0; i < 20000; i++)
		text_add(&longest, "😀王");         /* 3 units, 7 bytes */

	struct sheet_writer *w = sheet_write(&mem, SHEET_XLSX, NULL, "/tmp");

	sheet_write_cell(w, SHEET_TEXT, longest.s);
	CHECK(sheet_write_row(w));
	for (int64_t i = 1; i < SHEET_XLSX_ROWS; i++)
		if (!sheet_write_row(w))
			test_fail(__FILE__, __LINE__, "row %d refused", (int)i);
	sheet_write_cell(w, SHEET_TEXT, "one too many");
	CHECK(!sheet_write_row(w));
	CHECK(sheet_write_end(w, &path));

	struct sheet_error error;
	const struct sheet_row *row;
	struct sheet *s = sheet_open(&mem, path ? path : "", NULL, &error);

	CHECK(s && sheet_next(s, &row, &error));
	/* 10,922 times three units and the first of the next would be too much by one. */
	CHECK_INT(s ? (int64_t)row->cell[0].n : 0, 10922 * 7);
	CHECK(s && !sheet_next(s, &row, &error) && !error.code);
	if (path)
		unlink(path);
	arena_done(&mem);

	/* A writer that is not ended leaves no file. */
	arena_init(&mem, 0);
	CHECK(mkdtemp(path_of_abandoned = arena_dup(&mem, "/tmp/loudou-sheet-XXXXXX")) != NULL);
	w = sheet_write(&mem, SHEET_XLSX, NULL, path_of_abandoned);
	sheet_write_cell(w, SHEET_TEXT, "x");
	path_of_abandoned = mem_dup(path_of_abandoned);
	arena_done(&mem);
	CHECK(rmdir(path_of_abandoned) == 0);
	free(path_of_abandoned);
	arena_init(&mem, 0);
	CHECK(sheet_write(&mem, SHEET_XLSX, NULL, "/no/such/directory") == NULL);
	arena_done(&mem);
}
