#include <dirent.h>
#include <stdio.h>

#include "tests/unit/declared.h"

/*
 * Must-fail first: every file of tests/refuse is a declaration that must be
 * refused, with the message a person should see.
 *
 *   { "document": { … } or "raw text", "with": [ { … } ], "custom": true,
 *     "position": "3:12", "message": "part of a message" }
 *
 * "with" are documents beside it, which alone are fine; "custom" makes it an
 * administrator's.  A position counts in the test file itself (in the raw text, if it is one).
 */

static const char *read_file(struct arena *mem, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct text all;
	char part[4096];
	size_t n;

	text_init(&all, mem);
	while (f && (n = fread(part, 1, sizeof part, f)) > 0)
		text_addn(&all, part, n);
	if (f)
		fclose(f);
	return all.s;
}

/* The length of the bracketed value at `s`. */
static size_t value_length(const char *s)
{
	int depth = 0;
	bool quoted = false;
	size_t i = 0;

	do {
		if (quoted && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (s[i] == '{' || s[i] == '[') - (s[i] == '}' || s[i] == ']');
		i++;
	} while (s[i] && (depth > 0 || quoted));
	return i;
}

/* The text of a value in its file, moved to where it stands, so that positions agree. */
static const char *text_of(struct arena *mem, const char *file, const struct json *j)
{
	const char *s = file;
	struct text out;

	if (j->kind == JSON_TEXT)
		return j->text;
	text_init(&out, mem);
	for (int line = 1; line < j->line; line++) {
		s = strchr(s, '\n') + 1;
		text_addc(&out, '\n');
	}
	s += j->column - 1;
	for (int column = 1; column < j->column; column++)
		text_addc(&out, ' ');
	text_addn(&out, s, value_length(s));
	return out.s;
}

static void add(struct source *list, size_t *n, const char *text, bool builtin)
{
	list[(*n)++] = (struct source){ .name = "document", .module = builtin ? "test" : "custom", .text = text,
	                                .size = strlen(text), .builtin = builtin };
}

static bool told(const struct complaint *c, const char *message, const char *position)
{
	for (; c; c = c->next)
		if ((strstr(c->message, message) || strstr(c->message_zh, message)) &&
		    (!position || text_ends(c->where, position)))
			return true;
	return false;
}

static void refuse_one(struct arena *mem, const char *path)
{
	const char *file = read_file(mem, path);
	struct json_error error = { 0 };
	const struct json *j = json_parse(mem, file, strlen(file), &error);
	const struct json *with = json_get(j, "with");
	const char *message = json_text(j, "message", NULL);
	const char *position = json_text(j, "position", NULL);
	struct complaint *c = NULL;
	size_t n;
	size_t told_of = 0;
	struct source *engine = declared_sources(mem, NULL, true, &n);
	struct source *list = arena_array(mem, n + (with ? with->len : 0) + 1, sizeof *list);

	memcpy(list, engine, n * sizeof *list);
	if (!j || !message || !json_get(j, "document")) {
		test_fail(path, error.line, "needs document and message: %s", error.message);
		return;
	}
	for (const struct json *d = with ? with->first : NULL; d; d = d->next)
		add(list, &n, text_of(mem, file, d), true);
	declared_load(mem, list, n);
	add(list, &n, text_of(mem, file, json_get(j, "document")), !json_bool(j, "custom", false));
	schema_free(schema_load(mem, list, n, &c));
	if (!c)
		test_fail(path, 1, "was not refused");
	else if (!told(c, message, position ? fmt(mem, ":%s", position) : NULL))
		for (const struct complaint *p = c; p; p = p->next)
			test_fail(path, 1, "said: %s %s / %s", p->where, p->message, p->message_zh);
	/* One mistake is told once, not by everything that follows from it. */
	for (const struct complaint *p = c; p; p = p->next)
		told_of++;
	if (told_of > 2)
		test_fail(path, 1, "told of %zu problems", told_of);
}

TEST(refuse_every_broken_declaration)
{
	struct dirent *entry;
	DIR *dir = opendir("tests/refuse");
	int cases = 0;

	while (dir && (entry = readdir(dir))) {
		struct arena mem;

		if (!text_ends(entry->d_name, ".json"))
			continue;
		arena_init(&mem, 0);
		refuse_one(&mem, fmt(&mem, "tests/refuse/%s", entry->d_name));
		arena_done(&mem);
		cases++;
	}
	if (dir)
		closedir(dir);
	CHECK(cases >= 60);
}
