/*
 * json_fuzz: what the parser takes, the writer prints so that the parser takes
 * it again and sees the same tree; and any bytes can be written as text.
 *
 *     clang -std=c17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Isrc -I. \
 *         tests/fuzz/json_fuzz.c src/base/{arena,text,json}.c -lm -o json_fuzz
 *     ./json_fuzz -max_total_time=300
 *     ./json_fuzz --selftest      proves that a difference would be found
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static bool same(const struct json *a, const struct json *b)
{
	if (a->kind != b->kind || a->len != b->len || !text_eq(a->key, b->key))
		return false;
	switch (a->kind) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return a->b == b->b;
	case JSON_INT:
		return a->i == b->i && text_eq(a->text, b->text);
	case JSON_REAL:
		return memcmp(&a->r, &b->r, sizeof a->r) == 0 && text_eq(a->text, b->text);
	case JSON_TEXT:
		return memcmp(a->text, b->text, a->len + 1) == 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	a = a->first;
	b = b->first;
	for (; a && b; a = a->next, b = b->next)
		if (!same(a, b))
			return false;
	return !a && !b;
}

static void must(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "json_fuzz: %s\n", what);
		abort();
	}
}

/* Parses, prints, parses again. */
static void round_trip(struct arena *mem, const char *s, size_t n)
{
	struct json_error error;
	struct json_writer w;
	struct text out;
	struct json *j = json_parse(mem, s, n, &error);

	if (!j) {
		must(error.message && error.line >= 1 && error.column >= 1, "a refusal without a place");
		must((size_t)error.line <= n + 1 && (size_t)error.column <= n + 1, "a place outside");
		return;
	}
	text_init(&out, mem);
	jw_init(&w, &out);
	jw_json(&w, j);

	struct json *again = json_parse(mem, out.s, out.len, &error);

	must(again != NULL, "what was printed is refused");
	must(same(j, again), "what was printed is another tree");
}

/* Any bytes become a JSON text; valid ones come back unchanged. */
static void as_text(struct arena *mem, const char *s, size_t n)
{
	struct json_error error;
	struct json_writer w;
	struct text out;

	text_init(&out, mem);
	jw_init(&w, &out);
	jw_textn(&w, s, n);

	struct json *j = json_parse(mem, out.s, out.len, &error);

	must(j && j->kind == JSON_TEXT, "text was written that is refused");
	must(!utf8_valid(s, n) || (j->len == n && memcmp(j->text, s, n) == 0), "text was changed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena mem;

	arena_init(&mem, 0);

	/* A copy of its exact size, so that reading past the end is seen. */
	char *s = mem_grow(NULL, size);

	if (size)
		memcpy(s, data, size);
	round_trip(&mem, s, size);
	as_text(&mem, s, size);
	free(s);
	arena_done(&mem);
	return 0;
}

/* Pairs of trees that differ in one thing: every one must be found. */
static int selftest(void)
{
	static const char *const pairs[][2] = {
		{ "1", "2" },
		{ "1", "1.0" },
		{ "1.5", "1.50" },
		{ "null", "false" },
		{ "true", "false" },
		{ "\"a\"", "\"b\"" },
		{ "\"a\"", "\"ab\"" },
		{ "[]", "{}" },
		{ "[1,2]", "[2,1]" },
		{ "[1]", "[1,1]" },
		{ "{\"a\":1}", "{\"b\":1}" },
		{ "[[[1]]]", "[[[2]]]" },
	};
	struct arena mem;
	int missed = 0;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(pairs); i++) {
		struct json_error error;
		struct json *a = json_parse(&mem, pairs[i][0], strlen(pairs[i][0]), &error);
		struct json *b = json_parse(&mem, pairs[i][1], strlen(pairs[i][1]), &error);

		if (!a || !b || same(a, b) || !same(a, a)) {
			fprintf(stderr, "json_fuzz: %s and %s look the same\n", pairs[i][0], pairs[i][1]);
			missed++;
		}
	}
	arena_done(&mem);
	printf("json_fuzz: %zu planted, %d missed\n", LENGTH(pairs), missed);
	return missed ? 1 : 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	for (int i = 1; i < *argc; i++)
		if (text_eq((*argv)[i], "--selftest"))
			exit(selftest());
	return 0;
}
