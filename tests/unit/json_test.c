#include "base/json.h"

#include <malloc.h>
#include <math.h>
#include <stdlib.h>

#include "tests/test.h"

static struct arena *fresh(void)
{
	static struct arena mem;

	arena_reset(&mem);
	return &mem;
}

static struct json_error why;

static struct json *parse(const char *s)
{
	return json_parse(fresh(), s, strlen(s), &why);
}

/* "line:column message" of a refusal, "" if it was taken. */
static const char *refusal(const char *s, size_t n)
{
	struct arena *mem = fresh();

	if (json_parse(mem, s, n, &why))
		return "";
	return fmt(mem, "%d:%d %s", why.line, why.column, why.message);
}

static const char *printed(const struct json *j)
{
	static struct arena mem;
	struct json_writer w;
	struct text t;

	arena_reset(&mem);
	text_init(&t, &mem);
	jw_init(&w, &t);
	jw_json(&w, j);
	return t.s;
}

static const char *written(const char *s, size_t n)
{
	struct json_writer w;
	struct text t;

	text_init(&t, fresh());
	jw_init(&w, &t);
	jw_textn(&w, s, n);
	return t.s;
}

TEST(json_reads_every_kind)
{
	struct json *j = parse(" { \"a\" : [ 1 , -2.5e1, \"x\" , true , false , null , { } , [ ] ] } ");

	CHECK(j != NULL);
	CHECK(j && j->kind == JSON_OBJECT && j->len == 1);
	if (!j || !j->first)
		return;

	static const enum json_kind kinds[] = {
		JSON_INT, JSON_REAL, JSON_TEXT, JSON_BOOL, JSON_BOOL, JSON_NULL, JSON_OBJECT, JSON_ARRAY,
	};
	const struct json *list = json_get(j, "a");
	size_t n = 0;

	CHECK_INT(list->len, LENGTH(kinds));
	for (const struct json *child = list->first; child; child = child->next, n++) {
		CHECK_INT(child->kind, kinds[n]);
		CHECK(child->key == NULL);
	}
	CHECK_INT(n, LENGTH(kinds));
	CHECK_INT(list->first->i, 1);
	CHECK(list->first->next->r == -25.0);
	CHECK_TEXT(list->first->next->text, "-2.5e1");
	CHECK_TEXT(printed(j), "{\"a\":[1,-2.5e1,\"x\",true,false,null,{},[]]}");
}

TEST(json_knows_where_everything_stood)
{
	struct json *j = parse("{\n  \"a\": 1,\n  \"b\": [true,\n    \"王\", 5]\n}");

	CHECK(j != NULL);
	if (!j)
		return;

	const struct json *b = json_get(j, "b");
	const struct json *last = b->first->next->next;

	CHECK_INT(j->line * 100 + j->column, 101);
	CHECK_INT(json_get(j, "a")->line * 100 + json_get(j, "a")->column, 208);
	CHECK_INT(b->line * 100 + b->column, 308);
	CHECK_INT(b->first->next->line * 100 + b->first->next->column, 405);
	CHECK_INT(last->line * 100 + last->column, 412);        /* columns are bytes */
}

TEST(json_keeps_integers_of_64_bits_exact)
{
	CHECK_INT(parse("9223372036854775807")->i, INT64_MAX);
	CHECK_INT(parse("-9223372036854775808")->i, INT64_MIN);
	CHECK_INT(parse("9007199254740993")->i, INT64_C(9007199254740993));
	CHECK_INT(parse("-0")->kind, JSON_INT);
	CHECK_INT(parse("9223372036854775808")->kind, JSON_REAL);
	CHECK_INT(parse("-9223372036854775809")->kind, JSON_REAL);
	CHECK_TEXT(printed(parse("123456789012345678901234567890")), "123456789012345678901234567890");
	CHECK(parse("1e308")->r == 1e308);
	CHECK(parse("1e-999")->r == 0.0);
}

TEST(json_reads_escapes)
{
	CHECK_TEXT(parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")->text, "\"\\/\b\f\n\r\t");
	CHECK_TEXT(parse("\"a\\u738b\\uD83D\\ude00z\"")->text, "a王😀z");
	CHECK_TEXT(parse("\"\\u0001\\u007f\\u0080\\uffff\"")->text, "\x01\x7F\xC2\x80\xEF\xBF\xBF");
	CHECK_INT(parse("\"a\\u738b\\uD83D\\ude00z\"")->len, 9);
	CHECK_TEXT(parse("{\"\\u0061b\":1}")->first->key, "ab");
	CHECK_TEXT(parse("\"\"")->text, "");
}

static const struct {
	const char *text;
	const char *refusal;
} refused[] = {
	{ "", "1:1 a value was expected here" },
	{ " \n ", "2:2 a value was expected here" },
	{ "tru", "1:1 a value was expected here" },
	{ "True", "1:1 a value was expected here" },
	{ "NaN", "1:1 a value was expected here" },
	{ "Infinity", "1:1 a value was expected here" },
	{ "'a'", "1:1 a value was expected here" },
	{ "// a\n1", "1:1 a value was expected here" },
	{ "\xEF\xBB\xBF{}", "1:1 a value was expected here" },
	{ "+1", "1:1 a value was expected here" },
	{ "-", "1:1 a value was expected here" },
	{ ".5", "1:1 a value was expected here" },
	{ "1.", "1:1 digits must follow the point" },
	{ "1.e5", "1:1 digits must follow the point" },
	{ "1e", "1:1 digits must follow the e" },
	{ "1e+", "1:1 digits must follow the e" },
	{ "01", "1:1 a number may not start with 0" },
	{ "-012", "1:1 a number may not start with 0" },
	{ "0x10", "1:2 something stands behind the end" },
	{ "1e999", "1:1 the number is too large" },
	{ "-1e999", "1:1 the number is too large" },
	{ "nullx", "1:5 something stands behind the end" },
	{ "{} {}", "1:4 something stands behind the end" },
	{ "1 2", "1:3 something stands behind the end" },
	{ "[1,]", "1:4 a value was expected here" },
	{ "[,1]", "1:2 a value was expected here" },
	{ "[1 2]", "1:4 a comma was expected here" },
	{ "[1}", "1:3 a comma was expected here" },
	{ "[1", "1:3 the list is not closed" },
	{ "[", "1:2 a value was expected here" },
	{ "{\"a\":1", "1:7 the object is not closed" },
	{ "{\"a\":1,}", "1:8 a key in quotes was expected here" },
	{ "{a:1}", "1:2 a key in quotes was expected here" },
	{ "{1:1}", "1:2 a key in quotes was expected here" },
	{ "{\"a\" 1}", "1:6 a colon was expected here" },
	{ "{\"a\":}", "1:6 a value was expected here" },
	{ "{\"a\":", "1:6 a value was expected here" },
	{ "{", "1:2 a key in quotes was expected here" },
	{ "\"abc", "1:5 the text is not closed" },
	{ "\"abc\\", "1:6 the text is not closed" },
	{ "\"abc\\\"", "1:7 the text is not closed" },
	{ "\"a\nb\"", "1:3 control characters must be escaped in text" },
	{ "\"\\x\"", "1:3 unknown escape" },
	{ "\"\\u12\"", "1:4 four hexadecimal digits must follow \\u" },
	{ "\"\\u12g4\"", "1:4 four hexadecimal digits must follow \\u" },
	{ "\"\\u0000\"", "1:8 the character NUL is not allowed" },
	{ "\"\\ud83d\"", "1:8 half a surrogate pair" },
	{ "\"\\ud83d\\n\"", "1:8 half a surrogate pair" },
	{ "\"\\ud83d\\u0041\"", "1:8 half a surrogate pair" },
	{ "\"\\ude00\"", "1:8 half a surrogate pair" },
	{ "{\"a\":1,\n\"a\":2}", "2:5 the key \"a\" stands here twice" },
	{ "{\"a\":1,\"\\u0061\":2}", "1:17 the key \"a\" stands here twice" },
	{ "[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", "1:24 the key \"b\" stands here twice" },
};

TEST(json_refuses_what_is_not_json_and_says_where)
{
	for (size_t i = 0; i < LENGTH(refused); i++)
		CHECK_TEXT(refusal(refused[i].text, strlen(refused[i].text)), refused[i].refusal);
}

TEST(json_refuses_broken_utf8_and_nul_and_says_where)
{
	static const char *const broken[] = {
		"\xC0\xAF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xED\xA0\x80", "\xED\xBF\xBF",
		"\xF4\x90\x80\x80", "\xC3", "\xE4\xB8", "\xF0\x9F\x98", "\x80", "\xFF",
	};

	for (size_t i = 0; i < LENGTH(broken); i++) {
		char s[32] = "[1,\n\"王";
		size_t n = strlen(s);

		memcpy(s + n, broken[i], strlen(broken[i]));
		n += strlen(broken[i]);
		memcpy(s + n, "\"]", 2);
		CHECK_TEXT(refusal(s, n + 2), "2:5 the text is not valid UTF-8");
	}
	CHECK_TEXT(refusal("[1,\0 2]", 7), "1:4 the text is not valid UTF-8");
	CHECK_TEXT(refusal("1\0", 2), "1:2 the text is not valid UTF-8");
	CHECK_TEXT(refusal("12345", 0), "1:1 a value was expected here");
}

/* `depth` lists or objects around a 1. */
static const char *nested(int depth, bool objects)
{
	static struct arena mem;
	struct text t;

	arena_reset(&mem);
	text_init(&t, &mem);
	for (int i = 0; i < depth; i++)
		text_add(&t, objects ? "{\"a\":" : "[");
	text_add(&t, "1");
	for (int i = 0; i < depth; i++)
		text_addc(&t, objects ? '}' : ']');
	return t.s;
}

TEST(json_nests_64_levels_and_no_more)
{
	CHECK(parse(nested(64, false)) != NULL);
	CHECK(parse(nested(64, true)) != NULL);
	CHECK(parse(nested(65, false)) == NULL);
	CHECK_TEXT(why.message, "nested too deeply");
	CHECK_INT(why.column, 65);
	CHECK(parse(nested(65, true)) == NULL);
	CHECK(parse(nested(500, false)) == NULL);
	CHECK(parse(nested(500, true)) == NULL);
	CHECK(parse(nested(100000, false)) == NULL);

	/* Levels that were closed do not count. */
	struct text t;
	struct arena mem;

	arena_init(&mem, 0);
	text_init(&t, &mem);
	for (int i = 0; i < 500; i++)
		text_add(&t, i ? ",[{}]" : "[[{}]");
	text_addc(&t, ']');
	CHECK(parse(t.s) != NULL);
	arena_done(&mem);
}

/* An object of `n` keys, and once more the key `again` if not negative. */
static char *many_keys(struct arena *mem, int n, int again)
{
	struct text t;

	text_init(&t, mem);
	for (int i = 0; i < n; i++)
		text_addf(&t, "%s\"k%d\":%d", i ? "," : "{", i * 7919 % n, i);
	if (again >= 0)
		text_addf(&t, ",\n\"k%d\":0", again);
	text_addc(&t, '}');
	return t.s;
}

TEST(json_finds_a_repeated_key_among_few_and_many)
{
	struct arena mem;

	arena_init(&mem, 0);
	for (int n = 1; n < 60; n++) {
		CHECK(parse(many_keys(&mem, n, -1)) != NULL);
		CHECK(parse(many_keys(&mem, n, n / 2)) == NULL);
		CHECK_TEXT(why.message, fmt(&mem, "the key \"k%d\" stands here twice", n / 2));
		CHECK_INT(why.line, 2);
	}
	arena_done(&mem);
}

/* Comparing all pairs would take minutes. */
TEST(json_finds_one_of_a_hundred_thousand_keys_twice)
{
	struct arena mem;

	arena_init(&mem, 0);

	char *s = many_keys(&mem, 100003, 5);

	CHECK(parse(s) == NULL);
	CHECK_TEXT(why.message, "the key \"k5\" stands here twice");
	arena_done(&mem);
}

TEST(json_get_is_forgiving)
{
	const struct json *j = parse("{\"name\":\"王芳\",\"age\":7,\"big\":1.5,"
	                             "\"yes\":true,\"no\":null}");

	CHECK_TEXT(json_text(j, "name", "-"), "王芳");
	CHECK_TEXT(json_text(j, "age", "-"), "-");
	CHECK_TEXT(json_text(j, "gone", NULL), NULL);
	CHECK_INT(json_int(j, "age", 1), 7);
	CHECK_INT(json_int(j, "big", 1), 1);
	CHECK_INT(json_int(j, "name", 1), 1);
	CHECK(json_bool(j, "yes", false));
	CHECK(json_bool(j, "age", true) && !json_bool(j, "no", false));
	CHECK(json_get(NULL, "x") == NULL);
	CHECK(json_get(json_get(j, "name"), "x") == NULL);
	CHECK(json_get(j, "no") != NULL);
}

TEST(json_writer_places_the_commas)
{
	struct json_writer w;
	struct text t;

	text_init(&t, fresh());
	jw_init(&w, &t);
	jw_object(&w);
	jw_key(&w, "a");
	jw_int(&w, INT64_MIN);
	jw_key_any(&w, "b\"\n");
	jw_array(&w);
	jw_id(&w, 12);
	jw_bool(&w, true);
	jw_bool(&w, false);
	jw_null(&w);
	jw_text(&w, NULL);
	jw_text(&w, "");
	jw_raw(&w, "{\"r\":1}");
	jw_object(&w);
	jw_object_end(&w);
	jw_array(&w);
	jw_array_end(&w);
	jw_array_end(&w);
	jw_key(&w, "c");
	jw_object(&w);
	jw_object_end(&w);
	jw_object_end(&w);
	CHECK_TEXT(t.s, "{\"a\":-9223372036854775808,\"b\\\"\\n\":[\"12\",true,false,null,null,\"\","
	                "{\"r\":1},{},[]],\"c\":{}}");
}

TEST(json_writes_reals_that_read_back_the_same)
{
	static const double reals[] = {
		0.1, 1.0 / 3, 1e22, 5e-324, 1.7976931348623157e308, -2.5, 100000, 1e15, 123456789.125,
	};
	struct json_writer w;
	struct text t;

	for (size_t i = 0; i < LENGTH(reals); i++) {
		text_init(&t, fresh());
		jw_init(&w, &t);
		jw_real(&w, reals[i]);
		CHECK(strtod(t.s, NULL) == reals[i]);
		CHECK(json_parse(t.mem, t.s, t.len, &why) != NULL);
	}
	text_init(&t, fresh());
	jw_init(&w, &t);
	jw_array(&w);
	jw_real(&w, 0.1);
	jw_real(&w, (double)NAN);
	jw_real(&w, -(double)INFINITY);
	jw_array_end(&w);
	CHECK_TEXT(t.s, "[0.1,null,null]");
}

TEST(json_escapes_what_may_not_stand_in_text)
{
	CHECK_TEXT(written("a\"b\\c/\b\f\n\r\t", 11), "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\"");
	CHECK_TEXT(written("\x01\x1F\x7F", 3), "\"\\u0001\\u001f\\u007f\"");
	CHECK_TEXT(written("\xC2\x85\xC2\x9B\xC2\xA0", 6), "\"\\u0085\\u009b\xC2\xA0\"");
	CHECK_TEXT(written("x\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", 10),
	           "\"x\\u2028\\u2029\xE2\x80\xAA\"");
	CHECK_TEXT(written("王芳 é 😀 €", strlen("王芳 é 😀 €")), "\"王芳 é 😀 €\"");
	CHECK_TEXT(written(NULL, 0), "\"\"");
}

TEST(json_replaces_broken_utf8)
{
	CHECK_TEXT(written("a\xFFz", 3), "\"a\xEF\xBF\xBDz\"");
	CHECK_TEXT(written("a\0z", 3), "\"a\xEF\xBF\xBDz\"");
	CHECK_TEXT(written("王\xE7\x8E", 5), "\"王\xEF\xBF\xBD\xEF\xBF\xBD\"");
	CHECK_TEXT(written("\xC0\xAF", 2), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
	CHECK_TEXT(written("\xED\xA0\x80\"", 4), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\\\"\"");
	CHECK_TEXT(written("\xE2\x80", 2), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
	CHECK_TEXT(written("\xC2", 1), "\"\xEF\xBF\xBD\"");
	CHECK_TEXT(written("\xFF\xE2\x80\xA8", 4), "\"\xEF\xBF\xBD\\u2028\"");
	/* A character that goes on behind the end is not read there. */
	CHECK_TEXT(written("王", 2), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(json_text_of_every_character_reads_back_and_is_printable)
{
	struct arena mem;
	struct json_writer w;
	struct text all;
	struct text t;
	size_t raw = 0;

	arena_init(&mem, 0);
	text_init(&all, &mem);
	text_init(&t, &mem);
	for (uint32_t c = 1; c <= 0xFFFF; c++)
		if (c < 0xD800 || c > 0xDFFF)
			utf8_add(&all, c);
	jw_init(&w, &t);
	jw_textn(&w, all.s, all.len);
	for (const char *s = t.s; *s;) {
		uint32_t c = utf8_next(&s);

		raw += c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
	}
	CHECK_INT(raw, 0);

	struct json *j = json_parse(&mem, t.s, t.len, &why);

	CHECK(j && j->len == all.len);
	CHECK(j && memcmp(j->text, all.s, all.len) == 0);
	arena_done(&mem);
}

/* A list page as the API answers it: 50 rows of 12 columns, 16 KB. */
static void write_page(struct text *t)
{
	struct json_writer w;

	jw_init(&w, t);
	jw_array(&w);
	for (int row = 0; row < 50; row++) {
		jw_object(&w);
		for (int column = 0; column < 12; column++) {
			jw_key(&w, "column_name");
			if (column % 3 == 0)
				jw_int(&w, row * column);
			else
				jw_text(&w, column % 3 == 1 ? "上海华润科技" : "to be called back");
		}
		jw_object_end(&w);
	}
	jw_array_end(&w);
}

TEST(json_page_needs_no_memory_beyond_the_arena)
{
	struct arena mem;
	struct text t;

	/* Twice the first page fills the block that the arena keeps. */
	arena_init(&mem, 0);
	for (int i = 0; i < 2; i++) {
		arena_reset(&mem);
		text_init(&t, &mem);
		write_page(&t);
	}

	struct mallinfo2 before = mallinfo2();
	const struct arena_block *block = mem.blocks;

	arena_reset(&mem);
	text_init(&t, &mem);
	write_page(&t);
	CHECK(t.len > 15000);
	CHECK(mem.blocks == block);
	CHECK_INT(mallinfo2().uordblks, before.uordblks);
	arena_done(&mem);
}
