#include "tests/unit/declared.h"

static void drop(void *ptr)
{
	schema_free(ptr);
}

struct source *declared_sources(struct arena *mem, const char *text, bool builtin, size_t *ret_n)
{
	struct source *all;
	size_t n = schema_builtin(mem, &all);
	struct source *list = arena_array(mem, n + 1, sizeof *list);
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (text_eq(all[i].module, "engine"))
			list[kept++] = all[i];
	if (text)
		list[kept++] = (struct source){ .name = "test.json", .module = builtin ? "test" : "custom", .text = text,
		                                .size = strlen(text), .builtin = builtin };
	*ret_n = kept;
	return list;
}

const struct schema *declared_load(struct arena *mem, const struct source *list, size_t n)
{
	struct complaint *first = NULL;
	struct schema *s = schema_load(mem, list, n, &first);

	for (struct complaint *c = first; c; c = c->next)
		test_fail(__FILE__, __LINE__, "%s: %s", c->where, c->message);
	if (s)
		arena_defer(mem, drop, s);
	return s;
}

const struct schema *declared(struct arena *mem, const char *text)
{
	size_t n;
	const struct source *list = declared_sources(mem, text, true, &n);

	return declared_load(mem, list, n);
}

const struct schema *declared_kept(struct arena *mem, const char *text, const char *kept)
{
	size_t n;
	const struct source *list = declared_sources(mem, text, true, &n);
	struct source *all = arena_array(mem, n + 1, sizeof *all);

	memcpy(all, list, n * sizeof *all);
	all[n] = (struct source){ .name = "kept", .module = "engine", .text = kept, .size = kept ? strlen(kept) : 0,
	                          .builtin = true };
	return declared_load(mem, all, kept ? n + 1 : n);
}

const char *complaints(struct arena *mem, const char *text)
{
	struct complaint *first = NULL;
	struct text out;
	size_t n;
	const struct source *list = declared_sources(mem, text, true, &n);

	text_init(&out, mem);
	schema_free(schema_load(mem, list, n, &first));
	for (struct complaint *c = first; c; c = c->next)
		text_addf(&out, "%s %s\n", strchr(c->where, ':') + 1, c->message);
	return out.s;
}

struct ctx *plain_ctx(struct arena *mem, const struct schema *s, const char *language)
{
	static const char *no_roles[] = { NULL };
	struct member *me = arena_alloc(mem, sizeof *me);
	struct ctx *ctx = arena_alloc(mem, sizeof *ctx);

	*me = (struct member){ .language = language, .roles = no_roles, .system = true };
	*ctx = (struct ctx){ .mem = mem, .me = me, .schema = s, .today = "2026-11-25" };
	return ctx;
}
