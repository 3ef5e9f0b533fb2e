#include "base/date.h"
#include "base/log.h"
#include "base/secret.h"
#include "engine/calendar.h"
#include "engine/ddl.h"
#include "engine/engine_inner.h"
#include "engine/measure.h"
#include "engine/region.h"
#include "engine/report.h"
#include "engine/scope.h"
#include "engine/search.h"
#include "engine/system.h"

/*
 * What a store is: the tables of the declarations that were applied last.
 * t_store remembers these documents, so that an upgrade is the difference
 * between two sets of declarations.
 */

static bool exists(struct db *db, bool *ret)
{
	int64_t found = 0;
	const char *sql = db_kind(db) == DB_SQLITE
		? "SELECT 1 FROM sqlite_schema WHERE name = 't_store'"
		: "SELECT 1 FROM information_schema.tables WHERE table_name = 't_store'"
		  " AND table_schema = current_schema()";

	if (!db_get_int(db, sql, NULL, 0, &found))
		return false;
	*ret = found != 0;
	return true;
}

static bool get(struct db *db, struct arena *mem, const char *name, const char **ret)
{
	return db_get_text(db, mem, "SELECT value FROM t_store WHERE name = $name",
	                   (struct bind[]){ { "name", v_text(name) }, { 0 } }, ret);
}

static bool put(struct db *db, const char *name, const char *value)
{
	return db_exec(db, "INSERT INTO t_store (name, value) VALUES ($name, $value)"
	                   " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	               (struct bind[]){ { "name", v_text(name) }, { "value", v_text(value) }, { 0 } },
	               NULL);
}

static struct source *add_source(struct arena *mem, struct source *list, size_t *n,
                                 struct source one)
{
	struct source *longer = arena_array(mem, *n + 1, sizeof *longer);

	memcpy(longer, list, *n * sizeof *longer);
	longer[(*n)++] = one;
	return longer;
}

/* What disappeared from the declarations and is kept in the tables; see schema_kept. */
static struct source kept_source(const char *json)
{
	return (struct source){ .name = "kept", .module = "engine", .text = json, .size = strlen(json) };
}

/* Built-in documents and, behind them, those an administrator added. */
static bool read_sources(struct db *db, struct arena *mem, bool stored, struct source **ret,
                         size_t *ret_n)
{
	struct source *list;
	size_t n = schema_builtin(mem, &list);
	size_t cap = n;

	if (stored) {
		struct query *q = db_query(db, "SELECT id, name, body FROM t_object"
		                               " WHERE deleted_at IS NULL ORDER BY id", NULL);

		if (!q)
			return false;
		while (db_next(q)) {
			list = arena_grow(mem, list, &cap, n + 1, sizeof *list);
			list[n++] = (struct source){
				.name = fmt(mem, "object %" PRId64 " (%s)", db_int(q, 0), db_text(q, 1)),
				.module = "custom", .id = db_int(q, 0), .text = arena_dup(mem, db_text(q, 2)),
				.size = strlen(db_text(q, 2)),
			};
		}
		db_done(q);
	}
	*ret = list;
	*ret_n = n;
	return true;
}

/* The documents as one JSON text, to be remembered. */
static const char *sources_json(struct arena *mem, const struct source *list, size_t n)
{
	struct text out;
	struct json_writer w;

	text_init(&out, mem);
	jw_init(&w, &out);
	jw_array(&w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w);
		jw_key(&w, "name");
		jw_text(&w, list[i].name);
		jw_key(&w, "module");
		jw_text(&w, list[i].module);
		jw_key(&w, "text");
		jw_textn(&w, list[i].text, list[i].size);
		jw_key(&w, "sql");
		jw_text(&w, list[i].sql);
		jw_key(&w, "builtin");
		jw_bool(&w, list[i].builtin);
		jw_object_end(&w);
	}
	jw_array_end(&w);
	return out.s;
}

static bool applied_schema(struct db *db, struct arena *mem, struct schema **ret,
                           struct complaint **ret_complaints)
{
	struct json_error error;
	const char *json;
	size_t n = 0;

	if (!get(db, mem, "applied", &json))
		return false;

	const struct json *list = json ? json_parse(mem, json, strlen(json), &error) : NULL;

	if (!list)
		return true;

	struct source *sources = arena_array(mem, list->len, sizeof *sources);

	for (const struct json *j = list->first; j; j = j->next) {
		const struct json *text = json_get(j, "text");

		sources[n++] = (struct source){
			.name = json_text(j, "name", ""), .module = json_text(j, "module", ""),
			.text = text->text, .size = text->len, .sql = json_text(j, "sql", NULL),
			.builtin = json_bool(j, "builtin", false), .past = true,
		};
	}
	*ret = schema_load(mem, sources, n, ret_complaints);
	return *ret != NULL;
}

static bool check_reports(struct arena *mem, const struct schema *s,
                          struct complaint **ret_complaints)
{
	for (size_t i = 0; i < s->n_reports; i++)
		if (!report_check(mem, s, &s->reports[i], ret_complaints))
			return false;
	return true;
}

/* Loads the documents, with what `old` has and they have not. */
static struct schema *load_next(struct arena *mem, const struct schema *old, struct source *sources,
                                size_t n, const char **ret_kept, struct complaint **ret_complaints)
{
	struct schema *next = schema_load(mem, sources, n, ret_complaints);
	const char *kept = next && old ? schema_kept(mem, old, next) : NULL;

	*ret_kept = kept;
	if (!kept)
		return next;
	schema_free(next);
	sources = add_source(mem, sources, &n, kept_source(kept));
	return schema_load(mem, sources, n, ret_complaints);
}

bool store_plan(struct db *db, struct arena *mem, bool drop, struct store_plan *ret,
                struct complaint **ret_complaints)
{
	struct schema *old = NULL;
	struct source *sources;
	size_t n;
	bool there;

	*ret = (struct store_plan){ 0 };
	text_init(&ret->sql, mem);
	if (!exists(db, &there) || !read_sources(db, mem, there, &sources, &n) ||
	    (there && !applied_schema(db, mem, &old, ret_complaints)))
		return false;
	if (!there) {
		text_addf(&ret->sql, "%s;\n%s;\n", ddl_base(mem, db_kind(db), db_words(db)),
		          search_ddl(mem, db_kind(db)));
	}
	ret->schema = load_next(mem, old, sources, n, &ret->kept, ret_complaints);

	bool ok = ret->schema && (!there || ddl_base_plan(mem, db, &ret->sql)) && check_reports(mem, ret->schema, ret_complaints) &&
	          ddl_plan(mem, db, old, ret->schema, &ret->sql, ret_complaints) &&
	          (!drop || !old || ddl_drop_plan(mem, old, ret->schema, &ret->sql));

	if (drop)
		ret->kept = NULL;
	if (old)
		schema_free(old);
	if (!ok && ret->schema) {
		schema_free(ret->schema);
		ret->schema = NULL;
	}
	return ok;
}

/* All documents as they are applied: with what is kept. */
static bool applied_sources(struct db *db, struct arena *mem, struct source **ret, size_t *ret_n)
{
	const char *kept;

	if (!read_sources(db, mem, true, ret, ret_n) || !get(db, mem, "kept", &kept))
		return false;
	if (kept)
		*ret = add_source(mem, *ret, ret_n, kept_source(kept));
	return true;
}

bool store_apply(struct db *db, struct arena *mem, const struct store_plan *plan)
{
	struct source *sources;
	size_t n;

	if (!db_script(db, plan->sql.s) ||
	    !(plan->kept ? put(db, "kept", plan->kept)
	                 : db_exec(db, "DELETE FROM t_store WHERE name = 'kept'", NULL, NULL)) ||
	    !applied_sources(db, mem, &sources, &n))
		return false;

	const char *json = sources_json(mem, sources, n);

	return put(db, "applied", json) && put(db, "applied_hash", secret_hash(mem, json, strlen(json)));
}

/* True if the store was last used with exactly these documents and has their indexes: nothing is to do. */
static bool unchanged(struct db *db, struct arena *mem, struct schema **ret_schema,
                      struct complaint **ret_complaints, bool *ret)
{
	struct source *sources;
	const char *hash;
	size_t n;

	*ret = false;
	if (!get(db, mem, "applied_hash", &hash) || !applied_sources(db, mem, &sources, &n))
		return false;

	const char *json = sources_json(mem, sources, n);

	if (!text_eq(hash, secret_hash(mem, json, strlen(json))))
		return true;

	struct schema *s = schema_load(mem, sources, n, ret_complaints);
	struct text sql;

	text_init(&sql, mem);
	if (!s || !ddl_plan(mem, db, s, s, &sql, ret_complaints))
		return false;
	*ret = sql.len == 0;
	if (*ret)
		*ret_schema = s;
	else
		schema_free(s);
	return true;
}

static void complain(struct arena *mem, struct complaint **ret, const char *where,
                     const char *message)
{
	struct complaint *c = arena_alloc(mem, sizeof *c);

	*c = (struct complaint){ where, arena_dup(mem, message), arena_dup(mem, message), *ret };
	*ret = c;
}

/* Before something is altered there is a copy to go back to. */
static bool keep_copy(struct engine *e, struct arena *mem, struct complaint **ret_complaints)
{
	const char *error = NULL;
	const char *path = fmt(mem, "%s/before-upgrade-%" PRId64 ".db", e->data, date_now());

	if (e->kind != DB_SQLITE)
		return true;

	struct db *db = db_open(mem, e->url, DB_READ, &error);
	bool ok = db && db_backup(db, path, NULL, NULL);

	if (!ok)
		complain(mem, ret_complaints, path, db ? db_message(db) : error);
	else
		log_line(LOG_INFO, "copied the store before its upgrade", "path", path, NULL);
	if (db)
		db_close(db);
	return ok;
}

bool store_upgrade(struct engine *e, const struct engine_options *options, struct arena *mem,
                   struct schema **ret_schema, struct complaint **ret_complaints)
{
	struct store_plan plan;
	bool there = false;
	bool same = false;

	if (!exists(e->db, &there) ||
	    (there && !unchanged(e->db, mem, ret_schema, ret_complaints, &same))) {
		if (!*ret_complaints)
			complain(mem, ret_complaints, e->url, db_message(e->db));
		return false;
	}
	if (same && !options->drop)
		return true;
	if (same)
		schema_free(*ret_schema);
	*ret_schema = NULL;
	if (!store_plan(e->db, mem, options->drop, &plan, ret_complaints)) {
		if (!*ret_complaints)
			complain(mem, ret_complaints, e->url, db_message(e->db));
		return false;
	}
	if (there && plan.sql.len && options->read_only_schema)
		complain(mem, ret_complaints, e->url,
		         "this store is older than the program; run `loudou migrate` or start the server once");
	else if (!there || !plan.sql.len || keep_copy(e, mem, ret_complaints)) {
		if (!store_apply(e->db, mem, &plan))
			complain(mem, ret_complaints, e->url, db_message(e->db));
	}
	if (*ret_complaints) {
		schema_free(plan.schema);
		return false;
	}
	*ret_schema = plan.schema;
	return true;
}

/* Divisions of China down to districts; streets follow as a job, they are many. */
static bool seed_regions(struct ctx *ctx)
{
	static const char *const files[] = { "region/provinces.csv", "region/cities.csv", "region/areas.csv" };

	for (size_t i = 0; i < LENGTH(files); i++)
		if (!region_load(ctx, files[i]))
			return false;
	return true;
}

static bool seed(struct ctx *ctx, void *arg)
{
	int64_t today;
	(void)arg;

	if (!date_parse(ctx->today, &today))
		return false;

	int year = date_ymd(today).year;

	if (!system_roles(ctx) || !calendar_fill(ctx, 2000, year + 10) || !seed_regions(ctx))
		return false;
	for (const struct module *const *m = modules; *m; m++)
		if ((*m)->seed && !(*m)->seed(ctx))
			return false;
	return search_upgrade(ctx) && measure_upgrade(ctx, true) &&
	       ((db_analyze(ctx->db, "t_calendar_day") && db_analyze(ctx->db, "t_region") && put(ctx->db, "seeded", "1")) ||
	        fail_db(ctx, "seeding"));
}

/* What a newer program brings along, and what is read once at start. */
static bool start(struct ctx *ctx, void *arg)
{
	(void)arg;
	return system_roles(ctx) && member_upgrade(ctx) && search_upgrade(ctx) && measure_upgrade(ctx, false) &&
	       calendar_load(ctx);
}

static bool seeded(struct ctx *ctx, void *arg)
{
	const char *value;

	if (!get(ctx->db, ctx->mem, "seeded", &value))
		return fail_db(ctx, "seeding");
	*(bool *)arg = value != NULL;
	return true;
}

bool store_seed(struct engine *e)
{
	struct arena mem;
	bool done = false;

	arena_init(&mem, 0);

	struct work ask = { .fn = seeded, .arg = &done, .mem = &mem };
	struct work fill = { .fn = seed, .mem = &mem };
	struct work more = { .fn = start, .mem = &mem };
	bool ok = engine_read(e, &ask) && engine_wait(e, done ? &more : &fill);

	for (const struct error *err = fill.errors; !ok && err; err = err->next)
		log_line(LOG_ERROR, "first rows", "field", err->field, "message", err->message, NULL);
	arena_done(&mem);
	return ok;
}

bool engine_check(struct ctx *ctx, const char *body, int64_t instead, struct complaint **ret_complaints)
{
	struct source *sources;
	size_t n;

	if (!read_sources(ctx->db, ctx->mem, true, &sources, &n))
		return fail_db(ctx, "reading declarations");

	struct source *all = arena_array(ctx->mem, n + 1, sizeof *all);

	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!instead || sources[i].id != instead)
			all[kept++] = sources[i];
	all[kept] = (struct source){ .name = "declaration", .module = "custom", .text = body,
	                          .size = strlen(body) };

	struct schema *s = schema_load(ctx->mem, all, kept + 1, ret_complaints);

	if (!s)
		return false;

	bool ok = check_reports(ctx->mem, s, ret_complaints);

	schema_free(s);
	return ok;
}
