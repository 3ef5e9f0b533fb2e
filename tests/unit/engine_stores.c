#include "tests/unit/engine_stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "engine/ctx.h"

static void open_engine(struct house *h)
{
	struct engine_options options = { .data = h->dir, .db = h->url, .create = true };
	struct complaint *complaints = NULL;

	h->e = engine_open(&options, &h->mem, &complaints);
	for (; complaints; complaints = complaints->next)
		test_fail(__FILE__, __LINE__, "%s: %s", complaints->where, complaints->message);
}

/* What modules have a new store do is no part of these tests. */
static bool idle(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "DELETE FROM t_job WHERE key IS NULL", NULL, NULL);
}

/* In a new directory, which is removed afterwards; with the files of another store if there is one. */
static void run_house(struct house *h, const char *of, void (*run)(struct house *h))
{
	char dir[] = "/tmp/loudou-engine-XXXXXX";

	h->dir = mkdtemp(dir);
	CHECK(h->dir != NULL);
	CHECK(!of || system(fmt(&h->mem, "cp -R '%s/.' '%s'", of, h->dir)) == 0);
	CHECK(date_zone("Asia/Shanghai"));
	open_engine(h);
	if (h->e) {
		CHECK(house_write(h, NULL, idle, NULL));
		run(h);
		engine_close(h->e);
	}
	if (system(fmt(&h->mem, "rm -rf '%s'", h->dir)) != 0)
		test_fail(__FILE__, __LINE__, "%s stays behind", h->dir);
}

static void nothing(struct house *h)
{
	(void)h;
}

static char empty_dir[] = "/tmp/loudou-empty-XXXXXX";   /* a store nobody has used: copying it is quicker than making one */

static void remove_empty(void)
{
	struct arena mem;

	arena_init(&mem, 0);
	if (system(fmt(&mem, "rm -rf '%s'", empty_dir)) != 0)
		fprintf(stderr, "%s stays behind\n", empty_dir);
	arena_done(&mem);
}

void engine_on_sqlite(void (*run)(struct house *h))
{
	static bool made;
	struct house h = { 0 };

	arena_init(&h.mem, 0);
	if (!made) {
		h.dir = mkdtemp(empty_dir);
		made = h.dir && atexit(remove_empty) == 0 && date_zone("Asia/Shanghai");
		CHECK(made);
		open_engine(&h);
		if (h.e)
			engine_close(h.e);
	}
	run_house(&h, empty_dir, run);
	arena_done(&h.mem);
}

/* A database of the same server from tools/pg.sh; empty, or a copy of one.  NULL if it makes none. */
static const char *database(struct arena *mem, const char *url, const char *of)
{
	const char *host = strstr(url, "host=");
	char line[512] = "";

	if (!host)
		return NULL;
	host += strlen("host=");

	FILE *made = popen(fmt(mem, "tools/pg.sh %s '%.*s' %s%s%s", of ? "copy" : "fresh",
	                       (int)strcspn(host, "&"), host, of ? "'" : "", of ? of : "", of ? "'" : ""), "r");

	if (!made)
		return NULL;
	while (fgets(line, sizeof(line), made))
		;
	line[strcspn(line, "\n")] = 0;
	return pclose(made) == 0 && line[0] ? fmt(mem, "%s", line) : NULL;
}

void engine_on_postgres(void (*run)(struct house *h))
{
	static struct arena always;
	static const char *empty;       /* a store nobody has used: making its tables takes seconds, a copy none */
	static bool said;
	const char *url = getenv("TEST_PG_URL");
	struct house h = { 0 };

	if (!url) {
		if (!said)
			test_skip("the PostgreSQL half of the engine's tests: TEST_PG_URL is not set");
		said = true;
		return;
	}
	arena_init(&h.mem, 0);
	if (!empty) {
		arena_init(&always, 0);
		h.url = empty = database(&always, url, NULL);
		if (empty)
			run_house(&h, NULL, nothing);
	}
	h.url = empty ? database(&h.mem, url, empty) : NULL;
	if (h.url)
		run_house(&h, NULL, run);
	else
		test_fail(__FILE__, __LINE__, "tools/pg.sh makes no database beside %s", url);
	arena_done(&h.mem);
}

void house_again(struct house *h)
{
	engine_close(h->e);
	open_engine(h);
}

static const char *messages(struct house *h, const struct work *w)
{
	struct text t;

	text_init(&t, &h->mem);
	for (const struct error *e = w->errors; e; e = e->next)
		text_addf(&t, "%s%s", t.len ? "; " : "", e->message);
	return t.len ? t.s : "failed without a message";
}

bool house_write(struct house *h, const struct member *me, work_fn *fn, void *arg)
{
	struct work w = { .fn = fn, .arg = arg, .mem = &h->mem, .me = me };
	bool ok = engine_wait(h->e, &w);

	if (!ok)
		test_fail(__FILE__, __LINE__, "write: %s", messages(h, &w));
	return ok;
}

bool house_read(struct house *h, const struct member *me, work_fn *fn, void *arg)
{
	struct work w = { .fn = fn, .arg = arg, .mem = &h->mem, .me = me };
	bool ok = engine_read(h->e, &w);

	if (!ok)
		test_fail(__FILE__, __LINE__, "read: %s", messages(h, &w));
	return ok;
}

const char *house_refused(struct house *h, const struct member *me, work_fn *fn, void *arg)
{
	struct work w = { .fn = fn, .arg = arg, .mem = &h->mem, .me = me };

	return engine_wait(h->e, &w) ? "" : messages(h, &w);
}

struct seen {
	const char *sql, *text;
};

static bool see(struct ctx *ctx, void *arg)
{
	struct seen *s = arg;

	return ctx_get_text(ctx, s->sql, NULL, &s->text);
}

const char *house_text(struct house *h, const char *sql)
{
	struct seen s = { .sql = sql };

	house_read(h, NULL, see, &s);
	return s.text;
}

struct new_record {
	const char *object;
	const char *json;
	int64_t id;
};

static bool create_record(struct ctx *ctx, void *arg)
{
	struct new_record *n = arg;
	struct json_error error;
	const struct json *body = json_parse(ctx->mem, n->json, strlen(n->json), &error);

	assert(body);
	return record_create_json(ctx, schema_object(ctx->schema, n->object), body, &n->id);
}

int64_t house_record(struct house *h, const char *object, const char *json)
{
	struct new_record n = { .object = object, .json = json };

	house_write(h, NULL, create_record, &n);
	return n.id;
}

struct new_member {
	const char *name;
	const char *role;
	int64_t id;
};

static bool create_member(struct ctx *ctx, void *arg)
{
	struct new_member *n = arg;
	int64_t role;

	return record_need(ctx, "role", fmt(ctx->mem, "name=eq.%s", n->role), &role) &&
	       record_create(ctx, "member", (struct cell[]){
	               { "name", v_text(n->name) }, { "label", v_text(n->name) }, { "active", v_int(1) },
	               { "roles", v_text(fmt(ctx->mem, ",%" PRId64 ",", role)) }, { 0 } }, &n->id);
}

const struct member *house_member(struct house *h, const char *name, const char *role)
{
	struct new_member n = { .name = name, .role = role };

	house_write(h, NULL, create_member, &n);

	const struct member *m = engine_member(h->e, &h->mem, n.id);

	CHECK(m != NULL);
	return m;
}
