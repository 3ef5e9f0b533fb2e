/*
 * query_fuzz: any text is a query or is refused; what becomes SQL holds names and
 * operators only, never a byte of a value.
 */
#include <stdlib.h>

#include "base/date.h"
#include "engine/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema *builtin(void)
{
	static struct arena mem;
	static const struct schema *s;
	struct source *sources;
	struct complaint *complaints;

	if (s)
		return s;
	arena_init(&mem, 0);
	date_zone("Asia/Shanghai");

	size_t n = schema_builtin(&mem, &sources);

	s = schema_load(&mem, sources, n, &complaints);
	if (!s)
		abort();
	return s;
}

/* Quotes stand in the text of LIKE … ESCAPE only, and brackets close. */
static void check_sql(const char *sql)
{
	int depth = 0;
	size_t quotes = 0;
	size_t escapes = 0;

	for (const char *p = sql; *p; p++) {
		depth += (*p == '(') - (*p == ')');
		quotes += *p == '\'';
		escapes += strncmp(p, "ESCAPE '\\'", 10) == 0;
		if (depth < 0 || *p == ';' || *p == '"')
			abort();
	}
	if (depth != 0 || quotes != escapes * 2)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *no_roles[] = { NULL };
	static const char *const objects[] = { "opportunity", "activity", "customer" };
	struct member me = { .id = 1, .roles = no_roles, .language = "zh", .admin = true };
	struct arena mem;
	struct ctx ctx = { .mem = &mem, .schema = builtin(), .me = &me, .today = "2026-11-25" };
	struct list l;

	if (size < 1 || memchr(data, 0, size))
		return 0;
	arena_init(&mem, 0);

	const struct object *o = schema_object(ctx.schema, objects[data[0] % 3]);

	if (query_parse(&ctx, o, arena_dupn(&mem, (const char *)data + 1, size - 1), &l)) {
		struct binds b = { 0 };
		struct text sql;

		text_init(&sql, &mem);
		if (query_where(&ctx, o, l.where, "r.", &sql, &b))
			check_sql(sql.s);
	} else if (!ctx.errors) {
		abort();                /* a refusal says why */
	}
	arena_done(&mem);
	return 0;
}
