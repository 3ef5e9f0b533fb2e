#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/import_inner.h"

/* `loudou import`: an import without a browser. */

struct starting {
	const struct import_command *c;
	const char *path;
	int64_t id;
};

static bool start_command(struct ctx *ctx, void *arg)
{
	struct starting *s = arg;
	const struct object *o = schema_object(ctx->schema, s->c->object);
	const char *name = strrchr(s->c->file, '/');
	struct json_error error;
	struct text map;

	if (!o)
		return fail(ctx, ERR_MISSING, NULL, "没有对象“%s”", "There is no object \"%s\"", s->c->object);
	bool ours;

	if (!import_start(ctx, o, s->path, name ? name + 1 : s->c->file, &s->id) || !import_claim(ctx, s->id, &ours))
		return false;
	text_init(&map, ctx->mem);
	if (s->c->map) {
		FILE *f = fopen(s->c->map, "rb");
		char block[4096];
		size_t n;

		while (f && (n = fread(block, 1, sizeof block, f)) > 0)
			text_addn(&map, block, n);
		if (f)
			fclose(f);
		else
			return fail(ctx, ERR_INVALID, NULL, "读不到文件 %s", "Cannot read the file %s", s->c->map);
	} else {
		text_add(&map, "{}");
	}

	struct json *body = json_parse(ctx->mem, map.s, map.len, &error);

	if (!body || body->kind != JSON_OBJECT)
		return fail(ctx, ERR_INVALID, NULL, "%s 第 %d 行不是正确的 JSON：%s", "%s line %d is no proper JSON: %s",
		            s->c->map, error.line, error.message ? error.message : "");
	if (s->c->key && !json_get(body, "key")) {
		struct json *key = arena_alloc(ctx->mem, sizeof *key);

		*key = (struct json){ .kind = JSON_TEXT, .key = "key", .text = s->c->key,
		                      .len = strlen(s->c->key), .next = body->first };
		body->first = key;
	}
	return import_change(ctx, s->id, body);
}

/* A copy in the data directory: the import may be looked at, and undone, later. */
static bool copy_file(struct arena *mem, const char *from, const char *to)
{
	FILE *in = fopen(from, "rb");
	FILE *out = in ? fopen(to, "wb") : NULL;
	char *block = arena_alloc(mem, 65536);
	size_t n;
	bool ok = out != NULL;

	while (ok && (n = fread(block, 1, 65536, in)) > 0)
		ok = fwrite(block, 1, n, out) == n;
	ok = ok && !ferror(in);
	if (in)
		fclose(in);
	if (out)
		ok &= fclose(out) == 0;
	return ok;
}

static bool print_found(struct ctx *ctx, void *arg)
{
	struct starting *s = arg;
	struct json_error error;
	const char *found = NULL;

	if (!ctx_get_text(ctx, fmt(ctx->mem, "SELECT problems FROM %s WHERE id = $id", scope_table(ctx->mem, schema_object(ctx->schema, "import"))),
	                  (struct bind[]){ { "id", v_int(s->id) }, { 0 } }, &found))
		return false;

	const struct json *j = found ? json_parse(ctx->mem, found, strlen(found), &error) : NULL;
	const struct json *problems = json_get(j, "problems");
	const struct json *unresolved = json_get(j, "unresolved");
	int n = 0;

	for (const struct json *p = problems ? problems->first : NULL; p && n++ < 20; p = p->next) {
		/* Line 0 is the file: it lacks a column. */
		if (json_int(p, "line", 0))
			fprintf(stderr, "line %" PRId64 ", %s: %s  ", json_int(p, "line", 0), json_text(p, "column", ""),
			        json_text(p, "value", ""));
		fprintf(stderr, "%s\n", json_text(p, "message", ""));
	}
	for (const struct json *u = unresolved ? unresolved->first : NULL; u; u = u->next) {
		const struct json *first = json_get(u, "suggestions");

		fprintf(stderr, "%s \"%s\" (%" PRId64 " rows) is no known %s", json_text(u, "column", ""),
		        json_text(u, "value", ""), json_int(u, "rows", 0), json_text(u, "to", ""));
		if (json_bool(u, "create", false))
			fputs("; it will be made", stderr);
		else if (first && first->first)
			fprintf(stderr, "; perhaps \"%s\": say so with {\"values\": {\"%s\": {\"%s\": \"%s\"}}} in --map",
			        json_text(first->first, "title", ""), json_text(u, "field", ""), json_text(u, "value", ""),
			        json_text(first->first, "title", ""));
		fputc('\n', stderr);
	}
	return true;
}

int import_command(struct engine *e, const struct import_command *c, struct arena *mem)
{
	struct starting s = { .c = c };
	struct import_result counts;
	char *path = fmt(mem, "%s/temp/import-XXXXXX", engine_data(e));

	import_recover(e);

	int fd = mkstemp(path);

	if (fd >= 0)
		close(fd);
	if (fd < 0 || !copy_file(mem, c->file, path)) {
		fprintf(stderr, "loudou: cannot read %s\n", c->file);
		return 1;
	}
	s.path = path;

	struct work w = { .fn = start_command, .arg = &s, .mem = mem, .me = c->me };

	if (!engine_wait(e, &w)) {
		for (const struct error *err = w.errors; err; err = err->next)
			fprintf(stderr, "loudou: %s\n", err->message);
		puts("0 created, 0 updated, 0 unchanged, 1 failed");
		return 1;
	}

	bool ok = import_run(e, s.id, c->me, !c->dry_run, &counts);
	struct work found = { .fn = print_found, .arg = &s, .mem = mem };

	engine_read(e, &found);
	if (c->errors && !copy_file(mem, import_errors(mem, e, s.id), c->errors))
		fprintf(stderr, "loudou: cannot write %s\n", c->errors);
	printf("%" PRId64 " created, %" PRId64 " updated, %" PRId64 " unchanged, %" PRId64 " failed\n",
	       counts.created, counts.updated, counts.unchanged, counts.failed);
	return ok ? 0 : 1;
}
