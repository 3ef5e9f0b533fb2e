#include "engine/setting.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/number.h"
#include "engine/record.h"
#include "engine/scope.h"

/*
 * What the store holds, for reading work.  Work in the write lane asks the store: it may
 * have changed a setting itself, and not committed it yet.
 */
static struct {
	pthread_mutex_t lock;
	const struct engine *engine;
	bool filled;
	int64_t forgotten_at;
	char **values;                  /* by the order of the schema's settings, which is that of the files in the program */
	size_t n;
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* All values the store holds, in the order of the settings; the default where there is none. */
static const char **load(struct ctx *ctx)
{
	const struct schema *s = ctx->schema;
	const char **values = arena_array(ctx->mem, s->n_settings + 1, sizeof *values);
	const struct object *set[] = { schema_object(ctx->schema, "setting"), NULL };
	const struct member *before = ctx_as_system(ctx);
	struct text sql;

	text_init(&sql, ctx->mem);
	scope_with(ctx, set, SCOPE_ALIVE, &sql);
	ctx_as(ctx, before);
	text_add(&sql, "SELECT name, value FROM setting");

	struct query *q = ctx_query(ctx, sql.s, NULL);

	if (!q)
		return NULL;
	for (size_t i = 0; i < s->n_settings; i++)
		values[i] = s->settings[i].initial;
	while (db_next(q)) {
		const struct setting *k = schema_setting(s, db_text(q, 0));
		const char *value = db_text(q, 1);

		if (k && value && *value)
			values[k - s->settings] = arena_dup(ctx->mem, value);
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		fail_db(ctx, "setting");
	return failed ? NULL : values;
}

/* Under the lock. */
static void drop(void)
{
	for (size_t i = 0; i < cache.n; i++)
		free(cache.values[i]);
	free(cache.values);
	cache.values = NULL;
	cache.n = 0;
	cache.filled = false;
}

void setting_forget(void)
{
	pthread_mutex_lock(&cache.lock);
	drop();
	cache.forgotten_at = date_now();
	pthread_mutex_unlock(&cache.lock);
}

/*
 * Keeps what was read, unless it may have been read from before a change: the work
 * began when its snapshot was taken, give or take much less than MARGIN.
 */
static void keep(const struct ctx *ctx, const char *const *values)
{
	enum { MARGIN = 1000 };

	pthread_mutex_lock(&cache.lock);
	if (ctx->now > cache.forgotten_at + MARGIN) {
		drop();
		cache.n = ctx->schema->n_settings;
		cache.values = mem_alloc((cache.n + 1) * sizeof *cache.values);
		for (size_t i = 0; i < cache.n; i++)
			cache.values[i] = mem_dup(values[i]);
		cache.engine = ctx->engine;
		cache.filled = true;
	}
	pthread_mutex_unlock(&cache.lock);
}

static const char *cached(const struct ctx *ctx, const struct setting *k)
{
	const char *ret = NULL;

	pthread_mutex_lock(&cache.lock);
	if (cache.filled && cache.engine == ctx->engine)
		ret = arena_dup(ctx->mem, cache.values[k - ctx->schema->settings]);
	pthread_mutex_unlock(&cache.lock);
	return ret;
}

static const char *get(struct ctx *ctx, const struct setting *k)
{
	const char *value = ctx->writes ? NULL : cached(ctx, k);

	if (value)
		return value;

	const char **values = load(ctx);

	/* The failure is in the context; whoever asked goes on with the default and fails later. */
	if (!values)
		return k->initial;
	if (!ctx->writes)
		keep(ctx, values);
	return values[k - ctx->schema->settings];
}

static const struct setting *need(const struct ctx *ctx, const char *name)
{
	const struct setting *k = schema_setting(ctx->schema, name);

	assert(k);
	return k;
}

const char *setting_text(struct ctx *ctx, const char *name)
{
	const struct setting *k = need(ctx, name);

	assert(k->type != SETTING_INTEGER && k->type != SETTING_BOOL);
	return get(ctx, k);
}

int64_t setting_int(struct ctx *ctx, const char *name)
{
	const struct setting *k = need(ctx, name);
	int64_t n = 0;

	assert(k->type == SETTING_INTEGER);
	const char *value = get(ctx, k);

	/* A value from before it was checked counts as none. */
	int_parse(setting_fits(k, value) ? value : k->initial, &n);
	return n;
}

bool setting_bool(struct ctx *ctx, const char *name)
{
	const struct setting *k = need(ctx, name);

	assert(k->type == SETTING_BOOL);
	return text_eq(get(ctx, k), "true");
}

/* "a b c" */
static const char *choices_of(struct arena *mem, const struct setting *k)
{
	struct text out;

	text_init(&out, mem);
	for (const char **one = k->choices; *one; one++)
		text_addf(&out, "%s%s", one == k->choices ? "" : " ", *one);
	return out.s;
}

static bool check(struct ctx *ctx, const struct setting *k, const char *value)
{
	if (setting_fits(k, value))
		return true;
	switch (k->type) {
	case SETTING_INTEGER:
		return fail(ctx, ERR_INVALID, "value", "请填写 %" PRId64 " 到 %" PRId64 " 之间的整数",
		            "Enter a whole number from %" PRId64 " to %" PRId64, k->min, k->max);
	case SETTING_BOOL:
		return fail(ctx, ERR_INVALID, "value", "请填写 true 或 false", "Enter true or false");
	case SETTING_CHOICE:
		return fail(ctx, ERR_INVALID, "value", "可选值：%s", "One of: %s", choices_of(ctx->mem, k));
	case SETTING_TEXT:
	case SETTING_CLOCK:
	case SETTING_CURRENCY:
	case SETTING_ZONE:
		return fail(ctx, ERR_INVALID, "value", "“%s”的值无效", "This is not a valid value of \"%s\"",
		            say(ctx, k->label.zh, k->label.en));
	}
	return false;
}

bool setting_before(struct ctx *ctx, struct change *c)
{
	if (change_act(c) == CHANGE_DELETE)
		return true;

	struct value name = change_new(c, "name");
	struct value value = change_new(c, "value");
	const struct setting *k = name.kind == V_TEXT ? schema_setting(ctx->schema, name.s) : NULL;

	if (!k)
		return fail(ctx, ERR_INVALID, "name", "没有“%s”这个设置", "There is no setting \"%s\"",
		            name.kind == V_TEXT ? name.s : "");
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "name"))
		return fail(ctx, ERR_INVALID, "name", "设置不能改名", "A setting cannot be renamed");
	return value.kind != V_TEXT || !*value.s || check(ctx, k, value.s);
}

bool setting_set(struct ctx *ctx, const char *name, const char *value)
{
	struct cell cells[] = { { "name", v_text(name) }, { "value", v_text(value) }, { 0 } };
	int64_t id;

	if (!record_find(ctx, "setting", fmt(ctx->mem, "name=eq.%s", need(ctx, name)->name), &id))
		return false;
	return id ? record_update(ctx, "setting", id, cells + 1)
	          : record_create(ctx, "setting", cells, NULL);
}

static void write_limits(const struct setting *k, struct json_writer *w)
{
	if (k->type == SETTING_INTEGER) {
		jw_key(w, "min");
		jw_int(w, k->min);
		jw_key(w, "max");
		jw_int(w, k->max);
	}
	if (k->type == SETTING_CHOICE) {
		jw_key(w, "choices");
		jw_array(w);
		for (const char **one = k->choices; *one; one++)
			jw_text(w, *one);
		jw_array_end(w);
	}
}

bool setting_write(struct ctx *ctx, struct json_writer *w)
{
	static const char *const names[] = {
		[SETTING_TEXT] = "text",  [SETTING_INTEGER] = "integer", [SETTING_BOOL] = "bool", [SETTING_CHOICE] = "choice",
		[SETTING_CLOCK] = "text", [SETTING_CURRENCY] = "text",   [SETTING_ZONE] = "text",
	};
	const char **values = load(ctx);

	if (!values)
		return false;
	jw_array(w);
	for (size_t i = 0; i < ctx->schema->n_settings; i++) {
		const struct setting *k = &ctx->schema->settings[i];

		jw_object(w);
		jw_key(w, "name");
		jw_text(w, k->name);
		jw_key(w, "type");
		jw_text(w, names[k->type]);
		label_write(w, "label", k->label);
		label_write(w, "help", k->help);
		jw_key(w, "value");
		jw_text(w, values[i]);
		jw_key(w, "default");
		jw_text(w, k->initial);
		write_limits(k, w);
		jw_object_end(w);
	}
	jw_array_end(w);
	return true;
}
