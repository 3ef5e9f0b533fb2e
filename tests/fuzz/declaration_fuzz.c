/*
 * declaration_fuzz: any text may be posted as a declaration.  It is refused
 * with messages in both languages, or it is a schema whose tables can be made, whose
 * formulas run, and whose merged declarations give the same schema again.
 *
 *     tools/fuzz.sh 300
 *     build/fuzz/tests/fuzz/declaration_fuzz -max_len=8000 CORPUS src/engine/objects
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/ddl.h"
#include "engine/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

static void must(bool holds, const char *what, const char *detail)
{
	if (!holds) {
		fprintf(stderr, "declaration_fuzz: %s: %s\n", what, detail);
		abort();
	}
}

/* The engine's documents with this one behind. */
static struct schema *load(struct arena *mem, const char *s, size_t n, bool builtin,
                           struct complaint **ret)
{
	struct source *all;
	size_t count = schema_builtin(mem, &all);
	struct source *list = arena_array(mem, count + 1, sizeof *list);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (text_eq(all[i].module, "engine"))
			list[kept++] = all[i];
	list[kept++] = (struct source){ .name = "fuzz.json", .module = builtin ? "fuzz" : "custom", .text = s, .size = n, .builtin = builtin };
	return schema_load(mem, list, kept, ret);
}

/* All tables can be made and every formula is SQL. */
static void check_tables(struct arena *mem, const struct schema *s)
{
	const char *error = NULL;
	struct db *db = db_open(mem, ":memory:", DB_WRITE, &error);
	struct complaint *c = NULL;
	struct text sql;

	must(db != NULL, "open", error);
	text_init(&sql, mem);
	must(ddl_plan(mem, db, NULL, s, &sql, &c), "plan", "refused");
	must(db_script(db, sql.s), "tables", db_message(db));
	for (size_t i = 0; i < s->n_objects; i++) {
		const struct object *o = &s->objects[i];

		for (size_t k = 0; k < o->n_fields; k++) {
			struct query *q;

			if (o->fields[k].type != TYPE_FORMULA)
				continue;
			q = db_query(db, fmt(mem, "SELECT (%s) FROM %s", o->fields[k].formula_sql,
			                     scope_table(mem, o)), NULL);
			must(q != NULL, o->fields[k].formula, db_message(db));
			db_done(q);
		}
	}
	text_clear(&sql);
	must(ddl_plan(mem, db, s, s, &sql, &c) && sql.len == 0, "same plan", sql.s);
	db_close(db);
}

/* Loaded once more from its own merged declarations, every object is the same. */
static void check_merged(struct arena *mem, const struct schema *s)
{
	struct complaint *c = NULL;
	struct schema *again;
	struct text all;
	size_t n = 0;

	text_init(&all, mem);
	for (size_t i = 0; i < s->n_roles; i++)
		if (!text_eq(s->roles[i].module, "engine"))
			text_addf(&all, "%s{\"role\":\"%s\",\"label\":\"x\"}", n++ ? "," : "[", s->roles[i].name);
	for (size_t i = 0; i < s->n_objects; i++)
		if (!text_eq(s->objects[i].module, "engine"))
			text_addf(&all, "%s%s", n++ ? "," : "[", s->objects[i].json);
	if (n == 0)
		return;
	text_add(&all, "]");
	again = load(mem, all.s, all.len, true, &c);
	must(again != NULL, "merged declarations are refused", c ? c->message : "");
	for (size_t i = 0; i < s->n_objects; i++) {
		const struct object *o = schema_object(again, s->objects[i].name);

		/* Extensions of the engine's own objects are not among these. */
		if (text_eq(s->objects[i].module, "engine"))
			continue;
		must(o && text_eq(o->json, s->objects[i].json), "merged differently", s->objects[i].json);
		must(o->n_fields == s->objects[i].n_fields, "fields", o->name);
	}
	schema_free(again);
}

static void check_complaints(const struct complaint *c)
{
	must(c != NULL, "refused", "without a word");
	for (; c; c = c->next) {
		must(c->where && *c->where, "a complaint without place", c->message);
		must(c->message && utf8_valid(c->message, strlen(c->message)), "message", c->where);
		must(c->message_zh && utf8_valid(c->message_zh, strlen(c->message_zh)), "message", c->where);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena mem;
	struct complaint *c = NULL;
	struct schema *s;
	bool builtin = size > 0 && data[0] != ' ';

	arena_init(&mem, 0);
	s = load(&mem, arena_dupn(&mem, (const char *)data, size), size, builtin, &c);
	if (s) {
		check_tables(&mem, s);
		if (builtin)
			check_merged(&mem, s);
		schema_free(s);
	} else {
		check_complaints(c);
	}
	arena_done(&mem);
	return 0;
}

/* Words that mean something somewhere. */
static const char *const words[] = {
	"text", "long", "integer", "decimal", "money", "percent", "bool", "date", "instant", "duration",
	"choice", "choices", "ref", "refs", "member", "team", "phone", "email", "url", "region",
	"location", "file", "image", "number", "formula", "total", "name", "label", "owner", "public",
	"to", "over", "via", "sum", "where", "filter", "yields", "scale", "min", "max", "default",
	"$me", "$today", "required", "unique", "index", "search", "was", "extend", "object", "role",
	"metric", "report", "kept", "columns", "scope", "access", "*", "rep", "read", "own", "all",
	"amount * 2 / 3", "if(amount > 1, round(amount, 1), days(day, day))", "{yyyy}-{001}",
	"owner=eq.$me&sort=-id", "unowned", "visible", "fields", "measures", "on", "by", "split",
	"id", "created_at", "created_by", "0", "9007199254740991", "-1.5", "x_a", "client", "top",
};

/* The start of the n-th quoted text and its length, without the quotes. */
static size_t quoted(const char *s, size_t size, unsigned n, size_t *ret_length)
{
	size_t found = 0;

	for (size_t i = 0; i + 1 < size; i++) {
		const char *end = s[i] == '"' ? memchr(s + i + 1, '"', size - i - 1) : NULL;

		if (!end)
			continue;
		*ret_length = (size_t)(end - s) - i - 1;
		found = i + 1;
		if (n-- == 0)
			break;
		i = (size_t)(end - s);
	}
	return found;
}

/* Now and then one quoted text becomes another word, which keeps the JSON whole. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	size_t length = 0;
	size_t at = quoted((const char *)data, size, seed / 7 % 60, &length);
	const char *word = words[seed / 5 % LENGTH(words)];
	size_t n = strlen(word);

	if (seed % 4 == 0 || at == 0 || size - length + n > most)
		return LLVMFuzzerMutate(data, size, most);
	memmove(data + at + n, data + at + length, size - at - length);
	memcpy(data + at, word, n);
	return size - length + n;
}
