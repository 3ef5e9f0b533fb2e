/* sheet: delimited text, encodings, dates as people write them. */
#include <unistd.h>

#include "base/date.h"
#include "sheet/sheet_inner.h"
#include "tests/test.h"
#include "tests/unit/sheet_files.h"

#define DATA "../shared/data/"

/* --- Delimited text --- */

TEST(csv_grammar)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "a,b\n1,2\n", "1:a|b\n2:1|2\n" },
		{ "a,b\n1,2", "1:a|b\n2:1|2\n" },
		{ "a,b\r\n1,2\r\n", "1:a|b\n2:1|2\n" },
		{ "a,b\r1,2\r", "1:a|b\n2:1|2\n" },
		{ "a,b\r\n1,2\n3,4\r5,6", "1:a|b\n2:1|2\n3:3|4\n4:5|6\n" },
		{ "\"a\",\"b\"\n", "1:a|b\n" },
		{ "\"a,b\",c\n", "1:a,b|c\n" },
		{ "\"say \"\"hi\"\"\",x\n", "1:say \"hi\"|x\n" },
		{ "\"\"\"\",\"\"\n", "1:\"|\n" },
		{ "\"two\nlines\",x\ny,z\n", "1:two\nlines|x\n3:y|z\n" },
		{ "\"two\r\nlines\",x\r\ny,z", "1:two\r\nlines|x\n3:y|z\n" },
		{ "\"a\rb\",x\ry,z", "1:a\rb|x\n3:y|z\n" },
		{ "12\" pipe,5'6\"\n", "1:12\" pipe|5'6\"\n" },           /* quotes within: literal */
		{ "\"a\"b,c\n", "1:ab|c\n" },                             /* text behind the quote */
		{ "\"a\" \"b\",c\n", "1:a \"b\"|c\n" },
		{ "a,b,c\n1\n1,2,3,4\n", "1:a|b|c\n2:1\n3:1|2|3|4\n" },   /* ragged rows as they are */
		{ "a,b\n\n , \n,\n1,2\n", "1:a|b\n5:1|2\n" },             /* empty rows are left out */
		{ "a,\n,b\n", "1:a|\n2:|b\n" },
		{ "x,", "1:x|\n" },
		{ "one\ntwo\n", "1:one\n2:two\n" },
		{ "sep=;\r\na;b,c\r\n", "2:a|b,c\n" },
		{ "\xEF\xBB\xBF\"a\",b\n", "1:a|b\n" },
		{ "007,1.0, x \n", "1:007|1.0| x \n" },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		CHECK_TEXT(read_all(&mem, file_text(&mem, cases[i].in), NULL), cases[i].out);
	arena_done(&mem);
}

TEST(csv_delimiter_is_found)
{
	static const struct {
		const char *in;
		char delimiter;
	} cases[] = {
		{ "a,b,c\n1,2,3\n", ',' },
		{ "a;b;c\n1,5;2,5;3\n4,5;5,5;6\n", ';' },                 /* decimal commas */
		{ "name\tcity\nSmith, J.\tYork\nDoe, A.\tBath\n", '\t' },
		{ "a|b\n1|2\n", '|' },
		{ "name,text\nx,\"a;b;c\"\ny,\"d;e;f\"\n", ',' },         /* within quotes: not counted */
		{ "报表\n\n姓名,电话\n王芳,1\n李雷,2\n", ',' },                /* a title in front */
		{ "text\nhello; world\nno\n", ',' },                      /* one column */
		{ "only one cell", ',' },
		{ "a,b;c\n1,2;3\n1,2,3;4\n1,2,4;4\n", ';' },
		{ "sep=|\nx,y|z\n", '|' },
	};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct sheet_error error;
		struct sheet *s = sheet_open(&mem, file_text(&mem, cases[i].in), NULL, &error);

		CHECK(s != NULL);
		if (s && sheet_delimiter(s) != cases[i].delimiter)
			test_fail(__FILE__, __LINE__, "case %zu: delimiter %d", i, sheet_delimiter(s));
	}
	/* … and may be given. */
	CHECK_TEXT(read_all(&mem, file_text(&mem, "a,b;c\n"), &(struct sheet_options){ .delimiter = ';' }),
	           "1:a,b|c\n");
	arena_done(&mem);
}

/* The grammar once more, as slowly and plainly as can be. */
static const char *plain_read(struct arena *mem, const char *s)
{
	struct text all;
	struct text row;
	int64_t line = 1;

	text_init(&all, mem);
	text_init(&row, mem);
	while (*s) {
		int64_t start = line;
		bool content = false;

		text_clear(&row);
		for (bool more = true; more;) {
			size_t before = row.len;

			if (*s == '"') {
				for (s++; *s != '"' || s[1] == '"'; s++) {
					if (!*s)
						return fmt(mem, "%s! quote\n", all.s);
					s += *s == '"';
					line += *s == '\n' || (*s == '\r' && s[1] != '\n');
					text_addc(&row, *s);
				}
				s++;
			}
			for (; *s && *s != ',' && *s != '\n' && *s != '\r'; s++)
				text_addc(&row, *s);
			content = content || strspn(row.s + before, " \t") != row.len - before;
			more = *s == ',';
			if (more)
				text_addc(&row, '|');
			s += more;
		}
		if (*s == '\r' && s[1] == '\n')
			s++;
		line += *s != '\0';
		s += *s != '\0';
		if (content)
			text_addf(&all, "%" PRId64 ":%s\n", start, row.s);
	}
	return all.s;
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

TEST(csv_agrees_with_a_plain_reader_on_random_text)
{
	static const char *const pieces[] = { ",", ",", "\"", "\"\"", "\n", "\r\n", "\r", "a", "bc",
	                                      " ", "王", "\"x,y\"", "0" };
	struct arena mem;
	uint32_t seed = 7;

	arena_init(&mem, 0);
	for (int i = 0; i < 3000; i++) {
		struct text t;
		size_t n = 1 + random_next(&seed) % 40;

		text_init(&t, &mem);
		for (size_t k = 0; k < n; k++)
			text_add(&t, pieces[random_next(&seed) % LENGTH(pieces)]);

		const char *want = plain_read(&mem, t.s);
		const char *got = read_all(&mem, file_text(&mem, t.s),
		                           &(struct sheet_options){ .delimiter = ',',
		                                                    .encoding = SHEET_UTF8 });
		/* Which line is named is checked elsewhere. */
		char *failure = strstr(got, "! quote ");

		if (failure)
			got = fmt(&mem, "%.*s! quote\n", (int)(failure - got), got);
		if (!*want || text_starts(got, "! empty"))
			continue;
		CHECK_TEXT(got, want);
		if (i % 100 == 0)
			arena_reset(&mem);
	}
	arena_done(&mem);
}

TEST(csv_rows_may_lie_across_blocks)
{
	struct arena mem;
	struct text t;
	struct sheet_error error;
	const struct sheet_row *row;
	int64_t rows = 0;

	/* 3 MB; quoted cells, doubled quotes, line ends and Han at every position of a block's end. */
	arena_init(&mem, 0);
	text_init(&t, &mem);
	for (int i = 0; i < 40000; i++)
		text_addf(&t, "%d,\"客户 \"\"%d\"\"\r\n%.*s\",末\r\n", i, i, i % 61,
		          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

	struct sheet *s = sheet_open(&mem, file_of(&mem, t.s, t.len), NULL, &error);
	bool same = s != NULL;

	for (; same && sheet_next(s, &row, &error); rows++) {
		char want[128];
		int n = snprintf(want, sizeof want, "客户 \"%d\"\r\n", (int)rows);

		same = row->cells == 3 && row->line == rows * 2 + 1 &&
		       strncmp(row->cell[1].s, want, (size_t)n) == 0 &&
		       row->cell[1].n == (size_t)n + (size_t)rows % 61 &&
		       text_eq(row->cell[2].s, "末");
	}
	CHECK(same);
	CHECK_INT(rows, 40000);
	CHECK(!error.code);
	arena_done(&mem);
}

TEST(csv_reading_takes_no_memory_by_the_row)
{
	struct arena mem;
	struct arena small;
	struct text t;
	struct sheet_error error;
	const struct sheet_row *row;
	int64_t rows = 0;

	arena_init(&mem, 0);
	text_init(&t, &mem);
	for (int i = 0; i < 300000; i++)
		text_addf(&t, "%d,customer,13800138000\n", i);

	const char *path = file_of(&mem, t.s, t.len);

	arena_init(&small, 64 * 1024);          /* the caller's arena aborts above this */

	struct sheet *s = sheet_open(&small, path, NULL, &error);
	size_t before = s ? s->own.used : 0;
	int last = 0;
	bool grows = true;

	for (; s && sheet_next(s, &row, &error); rows++) {
		grows = grows && sheet_progress(s) >= last;
		last = sheet_progress(s);
	}
	CHECK_INT(rows, 300000);
	CHECK(s && s->own.used == before);
	CHECK(grows && last > 900 && last <= 1000);
	CHECK(s && sheet_progress(s) == 1000);
	arena_done(&small);
	arena_done(&mem);
}

TEST(csv_end_and_failure_stay)
{
	struct arena mem;
	struct sheet_error error;
	const struct sheet_row *row;

	arena_init(&mem, 0);

	struct sheet *s = sheet_open(&mem, file_text(&mem, "a\nb,\"c"), NULL, &error);

	CHECK(s && sheet_next(s, &row, &error));
	CHECK(s && !sheet_next(s, &row, &error) && text_eq(error.code, "quote"));
	CHECK(s && !sheet_next(s, &row, &error) && text_eq(error.code, "quote") && error.line == 2);
	s = sheet_open(&mem, file_text(&mem, "a\n"), NULL, &error);
	CHECK(s && sheet_next(s, &row, &error));
	CHECK(s && !sheet_next(s, &row, &error) && !error.code);
	CHECK(s && !sheet_next(s, &row, &error) && !error.code);
	arena_done(&mem);
}

/* --- Encodings --- */

static const char chinese[] = "姓名,电话,备注\n王芳,13800138000,上海一号店\n李雷,021-5888,“引号”、句号。\n";
static const char western[] = "Name;Stadt;Preis\nMüller;Köln;5 €\nLefèvre;Besançon;“deux”\n";

static void check_encoding(struct arena *mem, const char *path, enum sheet_encoding want,
                           const char *utf8)
{
	struct sheet_error error;
	struct sheet *s = sheet_open(mem, path, NULL, &error);

	CHECK(s != NULL);
	if (!s)
		return;
	CHECK_TEXT(sheet_encoding_name(sheet_encoding(s)), sheet_encoding_name(want));
	CHECK_TEXT(read_all(mem, path, NULL), read_all(mem, file_text(mem, utf8), NULL));
}

TEST(encoding_is_found)
{
	static const struct {
		const char *iconv, *bom;
		size_t bom_len;
		enum sheet_encoding want;
	} cases[] = {
		{ "UTF-8", "", 0, SHEET_UTF8 },
		{ "UTF-8", "\xEF\xBB\xBF", 3, SHEET_UTF8 },
		{ "UTF-16LE", "\xFF\xFE", 2, SHEET_UTF16LE },
		{ "UTF-16LE", "", 0, SHEET_UTF16LE },
		{ "UTF-16BE", "\xFE\xFF", 2, SHEET_UTF16BE },
		{ "UTF-16BE", "", 0, SHEET_UTF16BE },
		{ "GBK", "", 0, SHEET_GB18030 },
		{ "GB18030", "", 0, SHEET_GB18030 },
	};
	static const char delimiters[] = { ',', ';', '\t', '|' };
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		for (size_t k = 0; k < LENGTH(delimiters); k++) {
			char *text = arena_dup(&mem, chinese);

			for (char *p = text; *p; p++)
				if (*p == ',')
					*p = delimiters[k];
			check_encoding(&mem, file_encoded(&mem, text, cases[i].iconv, cases[i].bom,
			                                  cases[i].bom_len), cases[i].want, text);
		}
	check_encoding(&mem, file_encoded(&mem, western, "CP1252", "", 0), SHEET_WINDOWS1252, western);
	check_encoding(&mem, file_encoded(&mem, western, "UTF-16LE", "", 0), SHEET_UTF16LE, western);
	/* Outside the basic plane, in pairs and in four bytes. */
	check_encoding(&mem, file_encoded(&mem, "名,x\n湖㳇镇,😀\n", "UTF-16BE", "\xFE\xFF", 2),
	               SHEET_UTF16BE, "名,x\n湖㳇镇,😀\n");
	check_encoding(&mem, file_encoded(&mem, "名称,备注\n湖㳇镇,😀你好\n", "GB18030", "", 0),
	               SHEET_GB18030, "名称,备注\n湖㳇镇,😀你好\n");
	arena_done(&mem);
}

TEST(encoding_can_be_given)
{
	struct arena mem;
	struct sheet_options gbk = { .encoding = SHEET_GB18030 };
	struct sheet_options latin = { .encoding = SHEET_WINDOWS1252 };
	struct sheet_options utf8 = { .encoding = SHEET_UTF8 };

	arena_init(&mem, 0);
	/* Two bytes that are 镕 in GBK and "éF" in Windows-1252: too little to tell. */
	CHECK_TEXT(read_all(&mem, file_text(&mem, "\xE9\x46"), NULL), "1:éF\n");
	CHECK_TEXT(read_all(&mem, file_text(&mem, "\xE9\x46"), &gbk), "1:镕\n");
	CHECK_TEXT(read_all(&mem, file_encoded(&mem, chinese, "GBK", "", 0), &utf8), "! encoding 1\n");
	CHECK_TEXT(read_all(&mem, file_text(&mem, "M\xC3\xBC"), &latin), "1:MÃ¼\n");
	CHECK_TEXT(read_all(&mem, file_text(&mem, "\xEF\xBB\xBFx"), &utf8), "1:x\n");
	arena_done(&mem);
}

TEST(encoding_names)
{
	for (int e = SHEET_UTF8; e <= SHEET_WINDOWS1252; e++)
		CHECK_INT(sheet_encoding_find(sheet_encoding_name((enum sheet_encoding)e)), e);
	CHECK_INT(sheet_encoding_find("gbk"), SHEET_GB18030);
	CHECK_INT(sheet_encoding_find("utf8"), SHEET_UTF8);
	CHECK_INT(sheet_encoding_find("Shift-JIS"), SHEET_AUTO);
	CHECK_INT(sheet_encoding_find(""), SHEET_AUTO);
}

TEST(encoding_damage_names_the_line)
{
	struct arena mem;
	struct text t;

	arena_init(&mem, 0);
	text_init(&t, &mem);
	for (int i = 0; i < 30000; i++)
		text_addf(&t, "%d,上海市浦东新区\n", i);

	/* One broken byte in the middle of 900 KB: still UTF-8, and the line is told. */
	char *broken = strstr(t.s, "\n20000,");

	broken[8] = '\xFF';
	CHECK(strstr(read_all(&mem, file_of(&mem, t.s, t.len), NULL), "\n! encoding 20001\n") != NULL);
	/* A character cut at the very end. */
	CHECK_TEXT(read_all(&mem, file_text(&mem, "名,x\n王\xE8\x8A"), NULL), "1:名|x\n! encoding 2\n");
	/* A NUL deep in the text. */
	broken[8] = '\xB8';
	broken[3] = '\0';
	CHECK(strstr(read_all(&mem, file_of(&mem, t.s, t.len), NULL), "\n! binary 20001\n") != NULL);
	/* GBK cut in the middle of a character. */
	CHECK_TEXT(read_all(&mem, file_text(&mem, "\xD0\xD5\xC3\xFB\xB5\xE7\xBB\xB0\xB1\xB8\xD7\xA2\xC9"
	                                          "\xCF\xBA\xA3\xBA\xC5\xC1\xEB\xCD\xF5\xB7\xBC\xC0\xEE"
	                                          "\xC0\xD7\xBE\xE4\xBA\xC5\xD2\xFD\xBA\xC5\xB6\xAB\xC7"
	                                          "\xF8\xCA\xD0\xD4\xB1\n\xB5"), NULL),
	           "1:姓名电话备注上海号岭王芳李雷句号引号东区市员\n! encoding 2\n");
	arena_done(&mem);
}

TEST(encoding_of_streets_needs_more_than_gbk)
{
	if (access(DATA "cn-divisions/streets.csv", R_OK) != 0) {
		test_skip("../shared/data is not there");
		return;
	}

	struct arena mem;
	struct text t;
	struct sheet_error error;
	const struct sheet_row *row;
	iconv_t gbk = iconv_open("GBK", "UTF-8");
	struct sheet *s;
	int beyond = 0;

	arena_init(&mem, 0);
	text_init(&t, &mem);
	s = sheet_open(&mem, DATA "cn-divisions/streets.csv", NULL, &error);
	while (s && sheet_next(s, &row, &error)) {
		char in[256];
		char out[512];
		char *from = in;
		char *to = out;
		size_t n = row->cell[1].n;
		size_t room = sizeof out;

		memcpy(in, row->cell[1].s, n);
		beyond += iconv(gbk, &from, &n, &to, &room) == (size_t)-1;
		iconv(gbk, NULL, NULL, NULL, NULL);
		text_addf(&t, "%s,%s\n", row->cell[0].s, row->cell[1].s);
	}
	iconv_close(gbk);
	CHECK_INT(beyond, 8);
	/* The whole list there and back. */
	check_encoding(&mem, file_encoded(&mem, t.s, "GB18030", "", 0), SHEET_GB18030, t.s);
	arena_done(&mem);
}

TEST(files_of_others_have_the_rows_their_readme_says)
{
	static const struct {
		const char *name;
		int rows, columns;              /* rows without the header */
		char delimiter;
	} files[] = {
		{ "bank-calls/bank-calls.csv", 11435, 17, ';' },
		{ "cn-divisions/provinces.csv", 31, 2, ',' },
		{ "cn-divisions/cities.csv", 342, 3, ',' },
		{ "cn-divisions/areas.csv", 2978, 4, ',' },
		{ "cn-divisions/streets.csv", 41352, 5, ',' },
		{ "cn-holidays/holidays.csv", 678, 4, ',' },
		{ "cn-ids/industry_gb4754_2017_level1_2.csv", 117, 4, ',' },
		{ "cn-ids/mobile_segments.csv", 90, 4, ',' },
		{ "cn-ids/uscc_examples.csv", 16, 3, ',' },
		{ "helpdesk-log/helpdesk.csv", 21348, 6, ',' },
		{ "lead-scoring/leads.csv", 9240, 38, ',' },
		{ "maven-crm/accounts.csv", 85, 7, ',' },
		{ "maven-crm/data_dictionary.csv", 21, 3, ',' },
		{ "maven-crm/products.csv", 7, 3, ',' },
		{ "maven-crm/sales_pipeline.csv", 8800, 8, ',' },
		{ "maven-crm/sales_teams.csv", 35, 3, ',' },
		{ "superstore/superstore.csv", 10194, 21, ',' },
		{ "telco-churn/telco-churn.csv", 7043, 21, ',' },
	};

	if (access(DATA, R_OK) != 0) {
		test_skip("../shared/data is not there");
		return;
	}
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct arena mem;
		struct sheet_error error;
		const struct sheet_row *row;
		int rows = -1;
		bool even = true;

		arena_init(&mem, 0);

		struct sheet *s = sheet_open(&mem, fmt(&mem, DATA "%s", files[i].name), NULL, &error);

		for (; s && sheet_next(s, &row, &error); rows++)
			even = even && row->cells == (size_t)files[i].columns;
		if (!s || error.code || rows != files[i].rows || !even ||
		    sheet_delimiter(s) != files[i].delimiter || sheet_encoding(s) != SHEET_UTF8)
			test_fail(__FILE__, __LINE__, "%s: %d rows%s", files[i].name, rows,
			          even ? "" : ", ragged");
		arena_done(&mem);
	}
}

/* --- Dates --- */

static void check_date(const char *cell, enum date_order order, const char *want)
{
	int64_t days;
	int time;
	char day[11];
	char got[32] = "no date";

	if (date_read(cell, order, &days, &time)) {
		date_format(days, day);
		if (time < 0)
			snprintf(got, sizeof got, "%s", day);
		else
			snprintf(got, sizeof got, "%s %02d:%02d:%02d", day, time / 3600, time / 60 % 60,
			         time % 60);
	}
	if (!text_eq(got, want))
		test_fail(__FILE__, __LINE__, "\"%s\" is %s, not %s", cell, got, want);
}

TEST(date_as_people_write_it)
{
	static const struct {
		const char *cell;
		enum date_order order;
		const char *want;
	} cases[] = {
		{ "2026-11-25", DATE_YMD, "2026-11-25" },
		{ "2026/11/25", DATE_YMD, "2026-11-25" },
		{ "2026/1/5", DATE_YMD, "2026-01-05" },
		{ "2026.11.25", DATE_YMD, "2026-11-25" },
		{ "20261125", DATE_YMD, "2026-11-25" },
		{ "2026年11月25日", DATE_YMD, "2026-11-25" },
		{ "2026年1月5号", DATE_DMY, "2026-01-05" },
		{ "2026年11月25", DATE_YMD, "2026-11-25" },
		{ " 2026-11-25 ", DATE_YMD, "2026-11-25" },
		{ "2026／11／25", DATE_YMD, "2026-11-25" },
		{ "25/11/26", DATE_DMY, "2026-11-25" },
		{ "25/11/2026", DATE_DMY, "2026-11-25" },
		{ "11/25/2026", DATE_MDY, "2026-11-25" },
		{ "03/01/19", DATE_DMY, "2019-01-03" },
		{ "03/01/19", DATE_MDY, "2019-03-01" },
		{ "03/01/19", DATE_YMD, "2003-01-19" },
		{ "26-11-25", DATE_YMD, "2026-11-25" },
		{ "25-Nov-2026", DATE_DMY, "2026-11-25" },
		{ "25 November 2026", DATE_YMD, "2026-11-25" },
		{ "Nov 25, 2026", DATE_MDY, "2026-11-25" },
		{ "Sept. 5, 2026", DATE_MDY, "2026-09-05" },
		{ "2026-Nov-25", DATE_DMY, "2026-11-25" },
		{ "1/1/68", DATE_DMY, "2068-01-01" },
		{ "1/1/69", DATE_DMY, "1969-01-01" },
		{ "2024-02-29", DATE_YMD, "2024-02-29" },
		{ "2026-11-25 9:30", DATE_YMD, "2026-11-25 09:30:00" },
		{ "2026-11-25T09:30:15+08:00", DATE_YMD, "2026-11-25 09:30:15" },
		{ "2026-11-25T09:30:15.123Z", DATE_YMD, "2026-11-25 09:30:15" },
		{ "2026/11/25 下午3点30分", DATE_YMD, "2026-11-25 15:30:00" },
		{ "2026年11月25日 15时30分20秒", DATE_YMD, "2026-11-25 15:30:20" },
		{ "11/25/2026 3:30 PM", DATE_MDY, "2026-11-25 15:30:00" },
		{ "11/25/2026 12:05 am", DATE_MDY, "2026-11-25 00:05:00" },
		{ "2026-11-25", DATE_DMY, "2026-11-25" },     /* four digits in front decide */
		{ "2025-02-29", DATE_YMD, "no date" },
		{ "2026-13-01", DATE_YMD, "no date" },
		{ "25/11/2026", DATE_YMD, "no date" },
		{ "25/11/2026", DATE_MDY, "no date" },
		{ "2026-11", DATE_YMD, "no date" },
		{ "2026/11-25", DATE_YMD, "no date" },
		{ "2026-11-25 25:00", DATE_YMD, "no date" },
		{ "2026-11-25x", DATE_YMD, "no date" },
		{ "45000", DATE_YMD, "no date" },             /* serials are not guessed */
		{ "10240512", DATE_YMD, "no date" },          /* the year 1024 */
		{ "13800138000", DATE_YMD, "no date" },
		{ "1.2.3", DATE_DMY, "no date" },
		{ "", DATE_YMD, "no date" },
		{ "无", DATE_YMD, "no date" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		check_date(cases[i].cell, cases[i].order, cases[i].want);
}

TEST(date_order_of_a_column)
{
	static const struct {
		const char *cells[5];
		enum date_order want;
	} cases[] = {
		{ { "2026-11-25", "2026-01-02" }, DATE_YMD },
		{ { "2026年11月25日", "" }, DATE_YMD },
		{ { "99/12/31" }, DATE_YMD },
		{ { "03/01/19", "13/01/19" }, DATE_DMY },
		{ { "03/01/19", "01/13/19" }, DATE_MDY },
		{ { "03/01/19", "04/02/19" }, DATE_ASK },
		{ { "05/05/19", "06/06/19" }, DATE_DMY },     /* the same either way */
		{ { "2019-05-04", "13/01/19" }, DATE_DMY },
		{ { "25-Nov-2026", "1-Dec-2026" }, DATE_DMY },
		{ { "03/01/19", "13/01/19", "n/a" }, DATE_DMY },
		{ { "13/01/19", "14/01/19", "01/13/19" }, DATE_DMY },
		{ { "13/01/19", "01/13/19" }, DATE_ASK },     /* both orders in one column */
		{ { "", "  " }, DATE_NONE },
		{ { "王芳", "李雷" }, DATE_NONE },
		{ { "2026-11-25", "a", "b" }, DATE_NONE },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct date_guess g = { 0 };

		for (size_t k = 0; k < 5 && cases[i].cells[k]; k++)
			date_guess_add(&g, cases[i].cells[k]);
		if (date_guess_order(&g) != cases[i].want)
			test_fail(__FILE__, __LINE__, "case %zu: order %d, not %d", i, date_guess_order(&g),
			          cases[i].want);
	}
}

TEST(date_order_of_superstore_is_day_first)
{
	if (access(DATA "superstore/superstore.csv", R_OK) != 0) {
		test_skip("../shared/data is not there");
		return;
	}

	struct arena mem;
	struct date_guess g = { 0 };
	struct sheet_error error;
	const struct sheet_row *row;
	int64_t first = INT64_MAX;
	int64_t last = 0;

	arena_init(&mem, 0);

	struct sheet *s = sheet_open(&mem, DATA "superstore/superstore.csv", NULL, &error);

	CHECK(s && sheet_next(s, &row, &error));
	CHECK_TEXT(s ? row->cell[0].s : NULL, "Row ID");
	while (s && sheet_next(s, &row, &error)) {
		int64_t days = 0;
		int time;

		date_guess_add(&g, row->cell[2].s);
		CHECK(date_read(row->cell[2].s, DATE_DMY, &days, &time));
		first = days < first ? days : first;
		last = days > last ? days : last;
	}
	CHECK_INT(date_guess_order(&g), DATE_DMY);
	CHECK_TEXT(date_text(&mem, first), "2019-01-03");
	CHECK_TEXT(date_text(&mem, last), "2022-12-30");
	arena_done(&mem);
}
