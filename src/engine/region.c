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

/* Adds up to `most` lines from the text at *s, which moves on. */
static bool load_lines(struct ctx *ctx, const char **s, int most)
{
	static const int64_t levels[] = { [2] = 1, [4] = 2, [6] = 3, [9] = 4 };
	const char *table = scope_table(ctx->mem, schema_object(ctx->schema, "region"));
	const char *insert = fmt(ctx->mem,
		"INSERT INTO %s (version, created_at, changed_at, code, name, parent, full_name, level)"
		" SELECT 1, $now, $now, $code, $name, CAST($parent AS TEXT), coalesce((SELECT CASE WHEN $filler = 1 THEN p.full_name"
		" ELSE p.full_name || $name END FROM %s p WHERE p.code = CAST($parent AS TEXT) AND p.deleted_at IS NULL), $name), $level"
		" WHERE NOT EXISTS (SELECT 1 FROM %s WHERE code = $code AND deleted_at IS NULL)", table, table, table);
	const char *code;
	const char *name;
	const char *parent;

	while (most-- > 0 && read_line(ctx, s, &code, &name, &parent)) {
		size_t n = code ? strlen(code) : 0;

		if (n == 0 || n >= LENGTH(levels))
			continue;
		if (!ctx_exec(ctx, insert, (struct bind[]){
		        { "code", v_text(code) }, { "name", v_text(name) }, { "parent", v_text(parent) },
		        { "filler", v_int(is_filler(name)) }, { "level", v_int(levels[n]) }, { 0 } }, NULL))
			return false;
	}
	return true;
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
