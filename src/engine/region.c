#include "engine/region.h"

#include "base/embed.h"
#include "engine/scope.h"

/* A line `code,"name",parent,…` of the package's files: no quotes inside names. */
static bool read_line(struct ctx *ctx, const char **s, const char **ret_code,
                      const char **ret_name, const char **ret_parent)
{
	const char *end = strchr(*s, '\n');
	char **cells;
	char *line;
	size_t n;

	if (!**s)
		return false;
	line = arena_dupn(ctx->mem, *s, end ? (size_t)(end - *s) : strlen(*s));
	*s = end ? end + 1 : *s + strlen(*s);
	n = text_split(ctx->mem, line, ',', &cells);
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(cells[i], "\r");

		if (cells[i][0] == '"' && len >= 2) {
			cells[i][len - 1] = '\0';
			cells[i]++;
		} else {
			cells[i][len] = '\0';
		}
	}
	*ret_code = n > 1 ? cells[0] : NULL;
	*ret_name = n > 1 ? cells[1] : NULL;
	*ret_parent = n > 2 ? cells[2] : NULL;
	return true;
}

static bool is_filler(const char *name)
{
	return text_eq(name, "市辖区") || text_eq(name, "县") || text_starts(name, "省直辖") ||
	       text_starts(name, "自治区直辖");
}

enum { CELLS = 5 };             /* of a division: code, name, code of what it is in, whether its name says nothing, level */

/* Those that are there already stay as they are. */
static bool add_regions(struct ctx *ctx, const struct value *values, size_t n)
{
	const char *table = scope_table(ctx->mem, schema_object(ctx->schema, "region"));

	return n == 0 || ctx_rows(ctx, fmt(ctx->mem,
		"INSERT INTO %s (version, created_at, changed_at, code, name, parent, full_name, level)"
		" SELECT 1, $now, $now, v.column1, v.column2, nullif(v.column3, ''),"
		" coalesce(CASE WHEN v.column4 = 1 THEN p.full_name ELSE p.full_name || v.column2 END, v.column2), v.column5 FROM (VALUES ", table),
		"(CAST($? AS TEXT), CAST($? AS TEXT), CAST($? AS TEXT), CAST($? AS BIGINT), CAST($? AS BIGINT))",
		fmt(ctx->mem, ") v LEFT JOIN %s p ON p.code = v.column3 AND p.deleted_at IS NULL"
		    " WHERE NOT EXISTS (SELECT 1 FROM %s r WHERE r.code = v.column1 AND r.deleted_at IS NULL)", table, table),
		values, n, CELLS);
}

/* Adds up to `most` lines from the text at *s, which moves on.  What a division is in stands in another file. */
static bool load_lines(struct ctx *ctx, const char **s, int most)
{
	static const int64_t levels[] = { [2] = 1, [4] = 2, [6] = 3, [9] = 4 };
	struct value values[ROWS_AT_ONCE * CELLS];
	const char *code;
	const char *name;
	const char *parent;
	size_t n = 0;

	while (most-- > 0 && read_line(ctx, s, &code, &name, &parent)) {
		size_t len = code ? strlen(code) : 0;

		if (len == 0 || len >= LENGTH(levels))
			continue;
		memcpy(&values[n++ * CELLS], (struct value[CELLS]){ v_text(code), v_text(name), v_text(parent ? parent : ""),
		                                                     v_int(is_filler(name)), v_int(levels[len]) }, CELLS * sizeof *values);
		if (n == ROWS_AT_ONCE) {
			if (!add_regions(ctx, values, n))
				return false;
			n = 0;
		}
	}
	return add_regions(ctx, values, n);
}

/* The text behind the header of an embedded file. */
static const char *lines_of(struct ctx *ctx, const char *path)
{
	const struct embedded_file *file = embedded_find(path);
	const char *s = file ? strchr(file->data, '\n') : NULL;

	if (!s)
		fail(ctx, ERR_INTERNAL, NULL, "缺少行政区划数据", "The divisions are missing");
	return s ? s + 1 : NULL;
}

bool region_load(struct ctx *ctx, const char *path)
{
	const char *s = lines_of(ctx, path);

	return s && load_lines(ctx, &s, INT32_MAX);
}

bool region_streets(struct ctx *ctx, const struct json *args)
{
	enum { SLICE = 2000 };
	const char *first = lines_of(ctx, "region/streets.csv");
	const char *s = first ? first + json_int(args, "at", 0) : NULL;

	if (!s || !load_lines(ctx, &s, SLICE))
		return false;
	return !*s || job_add(ctx, "streets", fmt(ctx->mem, "{\"at\":%td}", s - first), ctx->now, NULL);
}

bool region_ask(struct ctx *ctx, void *none)
{
	int64_t found = 0;
	(void)none;

	return ctx_get_int(ctx, fmt(ctx->mem, "SELECT 1 FROM %s WHERE code = '110101001' AND deleted_at IS NULL",
	                            scope_table(ctx->mem, schema_object(ctx->schema, "region"))),
	                   NULL, 0, &found) &&
	       (found || job_add(ctx, "streets", NULL, ctx->now, "streets"));
}
