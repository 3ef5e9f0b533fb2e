#include "tests/test.h"

static struct arena *fresh(void)
{
	static struct arena mem;

	arena_reset(&mem);
	return &mem;
}

TEST(text_grows_and_stays_terminated)
{
	struct text t;
	size_t wrong = 0;

	text_init(&t, fresh());
	CHECK_TEXT(t.s, "");
	for (size_t i = 0; i < 5000; i++) {
		text_addc(&t, (char)('a' + i % 26));
		wrong += t.len != i + 1 || t.s[t.len] != '\0';
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(strlen(t.s), 5000);
	text_clear(&t);
	CHECK_TEXT(t.s, "");
	text_add(&t, "王");
	text_addn(&t, "芳xyz", 3);
	text_addn(&t, NULL, 0);
	text_addf(&t, " %d%%", 50);
	CHECK_TEXT(t.s, "王芳 50%");
}

TEST(text_clear_of_a_fresh_text_is_harmless)
{
	struct text t;
	struct text other;

	text_init(&t, fresh());
	text_clear(&t);
	CHECK_TEXT(t.s, "");
	text_add(&t, "x");
	text_init(&other, t.mem);
	CHECK_TEXT(other.s, "");
}

TEST(text_addf_is_whole_around_its_buffer)
{
	static char many[600];
	struct text t;

	memset(many, 'q', sizeof many - 1);
	text_init(&t, fresh());
	for (int n = 505; n < 520; n++) {
		text_clear(&t);
		text_addf(&t, "<%.*s>", n, many);
		CHECK_INT(t.len, n + 2);
		CHECK_INT(strlen(t.s), n + 2);
		CHECK(text_ends(t.s, "q>"));
	}
}

TEST(text_add_int_writes_every_magnitude)
{
	struct text t;
	int64_t n = 1;

	text_init(&t, fresh());
	text_add_int(&t, 0);
	text_addc(&t, ' ');
	text_add_int(&t, INT64_MAX);
	text_addc(&t, ' ');
	text_add_int(&t, INT64_MIN);
	CHECK_TEXT(t.s, "0 9223372036854775807 -9223372036854775808");
	for (int i = 0; i < 18; i++, n *= 10) {
		text_clear(&t);
		text_add_int(&t, -n);
		CHECK_TEXT(t.s, fmt(t.mem, "%" PRId64, -n));
		text_clear(&t);
		text_add_int(&t, n - 1);
		CHECK_TEXT(t.s, fmt(t.mem, "%" PRId64, n - 1));
	}
}

TEST(text_compares)
{
	CHECK(text_eq(NULL, NULL) && text_eq("a", "a"));
	CHECK(!text_eq(NULL, "") && !text_eq("", NULL) && !text_eq("a", "ab"));
	CHECK(text_starts("abc", "") && text_starts("abc", "ab") && !text_starts("ab", "abc"));
	CHECK(text_ends("abc", "") && text_ends("abc", "bc") && !text_ends("bc", "abc"));
}

static const struct {
	const char *bytes;
	size_t n;
	bool valid;
} sequences[] = {
	{ "", 0, true },
	{ "plain", 5, true },
	{ "eight by", 8, true },
	{ "zero\0", 5, false },
	{ "seven 7\0", 8, false },
	{ "\0eight by", 9, false },
	{ "\x7F", 1, true },
	{ "\xC2\x80", 2, true },                /* U+0080, the least of two bytes */
	{ "\xDF\xBF", 2, true },
	{ "\xE0\xA0\x80", 3, true },            /* U+0800 */
	{ "\xED\x9F\xBF", 3, true },            /* U+D7FF */
	{ "\xEE\x80\x80", 3, true },            /* U+E000 */
	{ "\xEF\xBF\xBF", 3, true },
	{ "\xF0\x90\x80\x80", 4, true },        /* U+10000 */
	{ "\xF4\x8F\xBF\xBF", 4, true },        /* U+10FFFF */
	{ "\xC0\x80", 2, false },               /* overlong NUL */
	{ "\xC0\xAF", 2, false },               /* overlong slash */
	{ "\xC1\xBF", 2, false },
	{ "\xE0\x80\xAF", 3, false },
	{ "\xE0\x9F\xBF", 3, false },
	{ "\xF0\x80\x80\xAF", 4, false },
	{ "\xF0\x8F\xBF\xBF", 4, false },
	{ "\xED\xA0\x80", 3, false },           /* high surrogate */
	{ "\xED\xBF\xBF", 3, false },           /* low surrogate */
	{ "\xED\xA0\xBD\xED\xB8\x80", 6, false },
	{ "\xF4\x90\x80\x80", 4, false },       /* past U+10FFFF */
	{ "\xF5\x80\x80\x80", 4, false },
	{ "\xF8\x88\x80\x80\x80", 5, false },
	{ "\xFC\x84\x80\x80\x80\x80", 6, false },
	{ "\xFE", 1, false },
	{ "\xFF", 1, false },
	{ "\x80", 1, false },                   /* a continuation alone */
	{ "\xBF", 1, false },
	{ "\xC3", 1, false },                   /* truncated */
	{ "\xE4\xB8", 2, false },
	{ "\xF0\x9F\x98", 3, false },
	{ "\xC3(", 2, false },
	{ "\xE4\xB8(", 3, false },
	{ "\xE4(\xAD", 3, false },
	{ "\xF0\x9F(\x80", 4, false },
	{ "\xF0\x9F\x98(", 4, false },
};

TEST(utf8_valid_knows_good_from_broken)
{
	struct arena *mem = fresh();

	/* Also in the middle of ASCII, where eight bytes are taken at once. */
	for (size_t i = 0; i < LENGTH(sequences); i++) {
		if (utf8_valid(sequences[i].bytes, sequences[i].n) != sequences[i].valid)
			test_fail(__FILE__, __LINE__, "sequence %zu", i);
		for (size_t before = 0; before < 18; before++) {
			char *s = arena_alloc(mem, before + sequences[i].n + 9);

			memset(s, 'a', before + sequences[i].n + 9);
			memcpy(s + before, sequences[i].bytes, sequences[i].n);
			if (utf8_valid(s, before + sequences[i].n + 9) != sequences[i].valid)
				test_fail(__FILE__, __LINE__, "sequence %zu at %zu", i, before);
		}
	}
}

TEST(utf8_round_trips_every_character)
{
	struct text t;
	size_t wrong = 0;

	text_init(&t, fresh());
	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		text_clear(&t);
		utf8_add(&t, c);

		const char *s = t.s;

		wrong += !utf8_valid(t.s, t.len) || utf8_next(&s) != c || s != t.s + t.len;
		wrong += utf8_next(&s) != 0 || s != t.s + t.len || utf8_length(t.s) != 1;
	}
	CHECK_INT(wrong, 0);
}

TEST(utf8_counts_and_cuts_characters_not_bytes)
{
	struct arena *mem = fresh();

	CHECK_INT(utf8_length("a王😀"), 3);
	CHECK_INT(utf8_length(""), 0);
	CHECK_TEXT(utf8_cut(mem, "a王😀b", 0), "");
	CHECK_TEXT(utf8_cut(mem, "a王😀b", 3), "a王😀");
	CHECK_TEXT(utf8_cut(mem, "a王😀b", 9), "a王😀b");
	CHECK(utf8_is_han(0x4E00) && utf8_is_han(0x9FFF) && utf8_is_han(0x3007) &&
	      utf8_is_han(0x20000));
	CHECK(!utf8_is_han('a') && !utf8_is_han(0x3001) && !utf8_is_han(0xAC00));
}

TEST(text_fold_brings_spellings_together)
{
	struct arena *mem = fresh();

	CHECK_TEXT(text_fold(mem, "  ＡＢＣ　Ｃｏ．，Ｌｔｄ  "), "abc co.,ltd");
	CHECK_TEXT(text_fold(mem, "\t上海\xC2\xA0\n 华润\xE3\x80\x80"), "上海 华润");
	CHECK_TEXT(text_fold(mem, "ÄÖÜÉ×ÿß"), "äöüé×ÿß");
	CHECK_TEXT(text_fold(mem, "ŸİŁŻŽŃŊĦŐ"), "ÿiłżžńŋħő");
	CHECK_TEXT(text_fold(mem, "ıĸŉſ"), "ıĸŉſ");
	CHECK_TEXT(text_fold(mem, "ΑΩΆΈΉΊΌΎΏΪΫ"), "αωάέήίόύώϊϋ");
	CHECK_TEXT(text_fold(mem, "АЯЁЂҐӘӀӁЎ"), "аяёђґәӏӂў");
	CHECK_TEXT(text_fold(mem, ""), "");
	CHECK_TEXT(text_fold(mem, " \xE3\x80\x80 "), "");
}

TEST(text_fold_twice_is_fold_once)
{
	struct arena *mem = fresh();
	struct text t;

	text_init(&t, mem);
	for (uint32_t c = 0x80; c < 0x530; c++)
		utf8_add(&t, c);
	for (uint32_t c = 0xFF00; c < 0xFFF0; c++)
		utf8_add(&t, c);

	char *once = text_fold(mem, t.s);

	CHECK(utf8_valid(once, strlen(once)));
	CHECK_TEXT(text_fold(mem, once), once);
}

TEST(text_trim_knows_wide_and_invisible_blanks)
{
	struct arena *mem = fresh();

	CHECK_TEXT(text_trim(mem, "\xE3\x80\x80\xE2\x80\x8B 王 芳 \xC2\xA0\r\n"), "王 芳");
	CHECK_TEXT(text_trim(mem, "x"), "x");
	CHECK_TEXT(text_trim(mem, "\t \xEF\xBB\xBF"), "");
	CHECK_TEXT(text_trim(mem, ""), "");
}

TEST(text_split_keeps_empty_parts)
{
	char **parts;

	CHECK_INT(text_split(fresh(), "", ',', &parts), 0);
	CHECK_INT(text_split(fresh(), "one", ',', &parts), 1);
	CHECK_TEXT(parts[0], "one");
	CHECK_INT(text_split(fresh(), ",a,,b,", ',', &parts), 5);
	CHECK_TEXT(parts[0], "");
	CHECK_TEXT(parts[1], "a");
	CHECK_TEXT(parts[2], "");
	CHECK_TEXT(parts[3], "b");
	CHECK_TEXT(parts[4], "");
}

static const char *decoded(const char *s, bool plus)
{
	return text_url_decode(fresh(), s, strlen(s), plus);
}

TEST(text_url_decodes_only_well_formed_text)
{
	CHECK_TEXT(decoded("a%20b+c", false), "a b+c");
	CHECK_TEXT(decoded("a%20b+c", true), "a b c");
	CHECK_TEXT(decoded("%E7%8e%8B", true), "王");
	CHECK_TEXT(decoded("", true), "");
	CHECK_TEXT(decoded("%", true), NULL);
	CHECK_TEXT(decoded("a%2", true), NULL);
	CHECK_TEXT(decoded("%zz", true), NULL);
	CHECK_TEXT(decoded("%2g", true), NULL);
	CHECK_TEXT(decoded("%00", true), NULL);
	CHECK_TEXT(decoded("%C0%AF", true), NULL);
	CHECK_TEXT(decoded("%E7%8E", true), NULL);
	CHECK_TEXT(decoded("\xFF", true), NULL);
	/* Only the bytes given count, not those behind. */
	CHECK_TEXT(text_url_decode(fresh(), "a%20", 3, true), NULL);
}

TEST(text_url_encode_is_undone_by_decode)
{
	struct text t;
	const char *s = "a b&c=d/é王%+~-_.";

	text_init(&t, fresh());
	text_url_encode(&t, s);
	CHECK_TEXT(t.s, "a%20b%26c%3Dd%2F%C3%A9%E7%8E%8B%25%2B~-_.");
	CHECK_TEXT(text_url_decode(t.mem, t.s, t.len, true), s);
}

static int similar(const char *a, const char *b)
{
	return text_similar(fresh(), a, b);
}

TEST(text_similar_is_100_only_for_equal_names)
{
	static char a[500];
	static char b[500];

	CHECK_INT(similar("上海华润(集团)", "上海 华润集团"), 100);
	CHECK_INT(similar("o'neill & sons", "oneill sons"), 100);
	CHECK_INT(similar("约翰·史密斯", "约翰史密斯"), 100);
	CHECK_INT(similar("", ""), 100);
	CHECK_INT(similar("?", "!"), 0);
	CHECK_INT(similar("abc", ""), 0);
	CHECK_INT(similar("abcd", "abcx"), 75);
	CHECK_INT(similar("abc", "xyz"), 0);
	CHECK_INT(similar("华润", "华为"), 50);
	CHECK_INT(similar("〇一", "一"), 50);
	CHECK_INT(similar("kitten", "sitting"), similar("sitting", "kitten"));

	/* One letter in many, and one beyond what is compared letter by letter. */
	memset(a, 'a', sizeof a - 1);
	memset(b, 'a', sizeof b - 1);
	b[150] = 'b';
	CHECK_INT(similar(a, b), 99);
	b[150] = 'a';
	CHECK_INT(similar(a, b), 100);
	b[400] = 'b';
	CHECK_INT(similar(a, b), 99);
}
