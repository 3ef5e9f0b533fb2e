/*
 * bench: the parts of `make bench` that run in process.
 *
 *   bench fill DIR CUSTOMERS ACTIVITIES MEMBERS [OPPORTUNITIES [FILE]]
 *                                                  a store of that size, five stays in stages and more for each, and what
 *                                                  the statements of FILE add (more.sql: for the reports of all modules)
 *   bench list DIR SECONDS                         the list page: query and JSON, one thread
 *   bench roles DIR SECONDS                        administrator and narrowest role, in turn
 *   bench board DIR SECONDS                        a metric by member over a month
 *   bench more DIR FILE                            what the statements of FILE add to a store filled before
 *   bench reports DIR NAME|all [MEMBER …]          a report in every way it groups, asked by everybody of `people` or these
 *   bench answers DIR NAME|all [MEMBER …]          what they are answered, a line each: to compare before and after
 *   bench creates DIR SECONDS                      durable creates, 64 threads, grouped and one by one
 *   bench words DIR FILE                           the words each row is found by, as a table words (id, tokens)
 *
 * Each prints one JSON object.  Timings are medians of rounds measured in turn.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/log.h"
#include "base/number.h"
#include "base/secret.h"
#include "engine/engine_inner.h"
#include "engine/export.h"
#include "engine/measure.h"
#include "engine/metric.h"
#include "engine/report.h"
#include "engine/scope.h"
#include "engine/search.h"
#include "tests/filling.h"

enum { ROUNDS = 5, SLICE = 20000, THREADS = 64 };

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Filling: rows by SQL, then tallies and index as after an import. */

struct fill {
	int64_t customers, activities, members, opportunities, from, to;
};

/* Made with the first member in it. */
static bool need_team(struct ctx *ctx, const char *name, const char *kind, int64_t parent, int64_t *ret)
{
	return record_find(ctx, "team", fmt(ctx->mem, "name=eq.%s", name), ret) &&
	       (*ret || record_create(ctx, "team", (struct cell[]){
		{ "name", v_text(name) }, { "kind", v_text(kind) }, { "parent", parent ? v_int(parent) : v_null() },
		{ 0 } }, ret));
}

static bool lead(struct ctx *ctx, int64_t team, int64_t member)
{
	return record_update(ctx, "team", team, (struct cell[]){ { "leader", v_int(member) }, { 0 } });
}

/* Teams of 20 led by their first member, in regions of five teams led by theirs. */
enum { TEAM = 20, REGION = 100 };

static bool add_members(struct ctx *ctx, void *arg)
{
	static const char *const names[] = { "admin", "manager", "lead", "rep" };
	struct fill *f = arg;
	int64_t roles[LENGTH(names)];

	for (size_t i = 0; i < LENGTH(names); i++)
		if (!record_need(ctx, "role", fmt(ctx->mem, "name=eq.%s", names[i]), &roles[i]))
			return false;
	for (int64_t i = 0; i < f->members; i++) {
		int64_t role = roles[i == 0 ? 0 : i % REGION == 0 ? 1 : i % TEAM == 0 ? 2 : 3];
		int64_t region;
		int64_t team;
		int64_t member;

		if (!need_team(ctx, fmt(ctx->mem, "region%" PRId64, i / REGION), "region", 0, &region) ||
		    !need_team(ctx, fmt(ctx->mem, "team%" PRId64, i / TEAM), "team", region, &team) ||
		    !record_create(ctx, "member", (struct cell[]){
		            { "name", v_text(fmt(ctx->mem, "m%" PRId64, i)) },
		            { "label", v_text(fmt(ctx->mem, "成员%" PRId64, i)) }, { "team", v_int(team) },
		            { "roles", v_text(fmt(ctx->mem, ",%" PRId64 ",", role)) },
		            { "active", v_int(1) }, { 0 } }, &member) ||
		    (i % TEAM == 0 && !lead(ctx, team, member)) || (i % REGION == 0 && !lead(ctx, region, member)))
			return false;
	}
	return true;
}

static bool add_products(struct ctx *ctx, void *arg)
{
	(void)arg;
	for (int i = 0; i < 10; i++)
		if (!record_create(ctx, "product", (struct cell[]){
			{ "name", v_text(fmt(ctx->mem, "产品%d", i)) }, { "active", v_int(1) }, { 0 } }, NULL))
			return false;
	return true;
}

/* Above all regions: who leads them through the teams, and who sees everything. */
static bool add_heads(struct ctx *ctx, void *arg)
{
	static const char *const names[] = { "head", "owner" };
	static const char *const roles[] = { "manager", "owner" };
	int64_t company;
	int64_t *regions;
	size_t n;
	(void)arg;

	if (!need_team(ctx, "company", "region", 0, &company) ||
	    !ctx_ids(ctx, "SELECT id FROM t_team WHERE name LIKE 'region%' ORDER BY id", NULL, &regions, &n))
		return false;
	for (size_t i = 0; i < LENGTH(names); i++) {
		int64_t role;
		int64_t member;

		if (!record_need(ctx, "role", fmt(ctx->mem, "name=eq.%s", roles[i]), &role) ||
		    !record_create(ctx, "member", (struct cell[]){
		            { "name", v_text(names[i]) }, { "label", v_text(names[i]) }, { "team", v_int(company) },
		            { "roles", v_text(fmt(ctx->mem, ",%" PRId64 ",", role)) }, { "active", v_int(1) }, { 0 } }, &member) ||
		    (i == 0 && !lead(ctx, company, member)))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!record_update(ctx, "team", regions[i], (struct cell[]){ { "parent", v_int(company) }, { 0 } }))
			return false;
	return true;
}

/* The narrowest role exports, too: its own. */
static bool allow_export(struct ctx *ctx, void *arg)
{
	(void)arg;
	return record_create(ctx, "object", (struct cell[]){
		{ "name", v_text("customer access") },
		{ "body", v_text("{\"extend\": \"customer\", \"access\": {\"rep\": {\"read\": \"own\","
		                 " \"write\": \"own\", \"export\": \"own\"}}}") }, { 0 } }, NULL);
}

/* What tells customers apart is spread over each member's as over all. */
static bool add_customers(struct ctx *ctx, void *arg)
{
	struct fill *f = arg;

	return ctx_exec(ctx,
		"INSERT INTO t_customer (version, created_at, changed_at, name, level, lifecycle, region, phone,"
		" key_account, owner, employees, remark, industry, last_activity_at)"
		" WITH RECURSIVE n(i) AS (SELECT $from UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $to)"
		" SELECT 1, $now - (i * 7919 % 31536000) * 1000, $now, '客户' || substr('甲乙丙丁戊己庚辛壬癸', 1 + (i + i / 1000) % 10, 1)"
		" || substr('东西南北中上下前后左', 1 + i / 10 % 10, 1) || '科技' || i || '有限公司',"
		" substr('abcd', 1 + (i + i / 1000) % 4, 1), 'potential', CASE i % 3 WHEN 0 THEN '440305' WHEN 1 THEN '110101' ELSE '310115' END,"
		" '138' || substr('00000000' || (i * 7 % 100000000), -8), 0, 1 + i % $members, i % 500, '备注' || i,"
		" 1 + (i + i / 1000) % 10, CASE WHEN i % 5 > 0 THEN $now - (i * 7919 % 15552000) * 1000 END FROM n",
		(struct bind[]){ { "from", v_int(f->from) }, { "to", v_int(f->to) },
		                 { "members", v_int(f->members) }, { 0 } }, NULL);
}

static bool add_activities(struct ctx *ctx, void *arg)
{
	struct fill *f = arg;

	return ctx_exec(ctx,
		"INSERT INTO t_activity (version, created_at, changed_at, kind, state, subject, customer, opportunity, owner,"
		" holder, done_at, minutes, effective, ordered, advanced, decider_met, appointment, intention, goal_reached, cost, done_hour,"
		" done_weekday)"
		" WITH RECURSIVE n(i) AS (SELECT $from UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $to)"
		" SELECT 1, d, d, CASE i % 3 WHEN 0 THEN 'visit' ELSE 'call' END, 'done', '跟进' || i, c,"
		" CASE WHEN c <= $opportunities THEN c END, 1 + (c - 1) % $members,"
		" 1 + (c - 1) % $members, d, 30, i % 2, i / 7 % 11 = 0, i / 5 % 4 = 0, i / 3 % 9 = 0, i / 3 % 8 = 0,"
		" CASE i / 3 % 5 WHEN 0 THEN 'high' WHEN 1 THEN 'medium' WHEN 2 THEN 'low' END,"
		" CASE i / 2 % 3 WHEN 0 THEN 'yes' WHEN 1 THEN 'no' END, CASE i % 3 WHEN 0 THEN i % 97 * 100 END,"
		" (d / 1000 + 28800) / 3600 % 24, 1 + ((d / 1000 + 28800) / 86400 + 3) % 7"
		" FROM (SELECT i, 1 + i * 31 % $customers AS c, $now - (i * 7919 % 31536000) * 1000 AS d FROM n)",
		(struct bind[]){ { "from", v_int(f->from) }, { "to", v_int(f->to) },
		                 { "members", v_int(f->members) }, { "customers", v_int(f->customers) },
		                 { "opportunities", v_int(f->opportunities) }, { 0 } },
		NULL);
}

/*
 * Opportunities of three years in the standard pipeline.  Each follows one of ten ways through the stages, some
 * back and forth, up to 30 days in each; one of 14 stays in one of them for good, and the future has not happened.
 */
#define STAYS \
	"WITH RECURSIVE n(i) AS (SELECT $from UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $to)," \
	" k(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM k WHERE k < 7)," \
	" deal AS (SELECT i, $now - (i * 7919 % 94999999) * 1000 AS begun," \
	" CASE WHEN (i / 3 + i / 1000) % 14 = 0 THEN 1 + (i / 5 + i / 1000) % 3 ELSE 9 END AS stays_in," \
	" CASE (i + i / 1000) % 10 WHEN 0 THEN '12345' WHEN 1 THEN '12346' WHEN 2 THEN '1232345' WHEN 3 THEN '126'" \
	" WHEN 4 THEN '1236' WHEN 5 THEN '1234345' WHEN 6 THEN '1212346' WHEN 7 THEN '123436'" \
	" WHEN 8 THEN '12345' ELSE '1232346' END AS way FROM n)," \
	" step AS (SELECT i, k, begun, stays_in, CAST(substr(way, k, 1) AS INT) AS position," \
	" CAST('0' || substr(way, k - 1, k > 1) AS INT) AS last, CAST(substr(way, k + 1, 1) AS INT) AS next, (1 + (i * 7919 + k * 104729) % 30) * 86400000 + i % 86400 AS ms" \
	" FROM deal CROSS JOIN k WHERE k <= length(way) AND k <= stays_in)," \
	" walk AS (SELECT *, begun + coalesce(sum(ms) OVER (PARTITION BY i ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING" \
	" AND 1 PRECEDING), 0) AS entered FROM step)," \
	" stay AS (SELECT i + 1 AS id, 1 + i % $members AS owner, max(CASE WHEN position < 6 THEN position END) OVER (PARTITION BY i) AS far, begun, position, last, next, entered," \
	" date(entered / 1000 + 28800, 'unixepoch') AS day," \
	" CASE WHEN k < stays_in AND next > 0 AND entered + ms <= $now THEN ms END AS ms FROM walk WHERE entered <= $now) "

static bool add_stays(struct ctx *ctx, void *arg)
{
	struct fill *f = arg;
	const struct bind binds[] = { { "from", v_int(f->from) }, { "to", v_int(f->to) }, { "members", v_int(f->members) },
	                              { "customers", v_int(f->customers) }, { 0 } };

	return ctx_exec(ctx,
		"INSERT INTO t_opportunity (id, version, created_at, changed_at, name, customer, pipeline, stage, result,"
		" amount, probability, close_on, engaged_on, closed_on, owner, stage_entered_on, stage_entered_at, next_on, last_activity_at,"
		" product, source, loss_reason, need_kind, explicit_on, began_on, reached) "
		STAYS
		"SELECT stay.id, 1, begun, $now, '商机' || stay.id, 1 + (stay.id - 1) % $customers, 1, t_stage.id,"
		" CASE stay.position WHEN 5 THEN 'won' WHEN 6 THEN 'lost' ELSE 'open' END, 100000 + stay.id % 977 * 10000,"
		" t_stage.probability, CASE WHEN stay.position < 5 THEN date(entered / 1000 + 5212800, 'unixepoch') END,"
		" date(begun / 1000 + 28800, 'unixepoch'), CASE WHEN stay.position > 4 THEN day END, owner, day, entered,"
		" CASE WHEN stay.position < 5 THEN date($now / 1000 + (stay.id % 20 - 10) * 86400, 'unixepoch') END,"
		" entered, 1 + (stay.id + stay.id / 1000) % 10, 1 + (stay.id / 7 + stay.id / 1000) % 13,"
		" CASE WHEN stay.position = 6 AND stay.id % 9 > 0 THEN 1 + stay.id / 3 % 10 END,"
		" CASE stay.id / 11 % 3 WHEN 0 THEN 'explicit' WHEN 1 THEN 'implicit' END,"
		" CASE WHEN stay.id / 11 % 6 = 0 THEN date(begun / 1000 + 28800 + stay.id % 20 * 86400, 'unixepoch') END"
		", date(begun / 1000 + 28800, 'unixepoch'), (SELECT s.id FROM t_stage s WHERE s.pipeline = 1 AND s.position = far)"
		" FROM stay JOIN t_stage ON pipeline = 1 AND t_stage.position = stay.position WHERE ms IS NULL",
		binds, NULL) &&
	       ctx_exec(ctx,
		"INSERT INTO t_stage_visit (version, created_at, changed_at, holder, opportunity, stage, owner, entered_at,"
		" entered_on, came_from, left_at, gone_to, days, forward, fate) "
		STAYS
		"SELECT 1, entered, entered, owner, stay.id, t_stage.id, owner, entered, day,"
		" came_from.id, entered + ms, CASE WHEN ms > 0 THEN gone_to.id END,"
		" (ms + 4320000) / 8640000, CASE WHEN ms > 0 THEN next > stay.position AND next < 6 END,"
		" CASE WHEN ms IS NULL THEN 'w' || substr(day, 9) WHEN next > stay.position AND next < 6 THEN 'f' || (ms / 86400000)"
		" ELSE 'o' || (ms / 86400000) END"
		" FROM stay JOIN t_stage ON t_stage.pipeline = 1 AND t_stage.position = stay.position"
		" LEFT JOIN t_stage came_from ON came_from.pipeline = 1 AND came_from.position = last"
		" LEFT JOIN t_stage gone_to ON gone_to.pipeline = 1 AND gone_to.position = next",
		binds, NULL);
}

/* Indexes made at the end, in one go: row by row they take an hour for ten million. */
struct indexes {
	struct arena mem;
	const char *names[200], *texts[200];
	size_t n;
};

static bool drop_indexes(struct ctx *ctx, void *arg)
{
	struct indexes *x = arg;
	struct query *q = ctx_query(ctx, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
	                                 " AND tbl_name IN ('t_customer', 't_activity', 't_opportunity', 't_stage_visit')", NULL);

	if (!q)
		return false;
	for (x->n = 0; x->n < LENGTH(x->names) && db_next(q); x->n++) {
		x->names[x->n] = arena_dup(&x->mem, db_text(q, 0));
		x->texts[x->n] = arena_dup(&x->mem, db_text(q, 1));
	}
	db_done(q);
	for (size_t i = 0; i < x->n; i++)
		if (!ctx_exec(ctx, fmt(ctx->mem, "DROP INDEX %s", x->names[i]), NULL, NULL))
			return false;
	return true;
}

static bool make_indexes(struct ctx *ctx, void *arg)
{
	struct indexes *x = arg;

	for (size_t i = 0; i < x->n; i++)
		if (!ctx_exec(ctx, x->texts[i], NULL, NULL))
			return false;
	return true;
}

static bool index_customers(struct ctx *ctx, void *arg)
{
	struct fill *f = arg;
	const struct object *o = schema_object(ctx->schema, "customer");

	for (int64_t id = f->from + 1; id <= f->to; id++) {
		struct value *values = arena_array(ctx->mem, o->n_fields, sizeof *values);
		struct query *q = ctx_query(ctx, "SELECT name, phone, owner FROM t_customer WHERE id = $id",
		                            (struct bind[]){ { "id", v_int(id) }, { 0 } });

		if (!q || !db_next(q))
			return false;
		values[object_field(o, "name")->index] = v_text(arena_dup(ctx->mem, db_text(q, 0)));
		values[object_field(o, "phone")->index] = v_text(arena_dup(ctx->mem, db_text(q, 1)));
		values[object_field(o, "owner")->index] = v_int(db_int(q, 2));
		db_done(q);
		if (!search_apply(ctx, o, id, values))
			return false;
	}
	return true;
}

static void in_slices(struct engine *e, work_fn *fn, struct fill *f, int64_t total, const char *what)
{
	for (f->from = 0; f->from < total; f->from = f->to) {
		f->to = f->from + SLICE < total ? f->from + SLICE : total;
		write_now(e, fn, f, what);
	}
}

static char *read_text(struct arena *mem, const char *file)
{
	enum { MOST = 100000 };
	char *s = arena_alloc(mem, MOST + 1);
	FILE *f = fopen(file, "r");

	need(f != NULL, NULL, file);
	s[fread(s, 1, MOST, f)] = '\0';
	fclose(f);
	return s;
}

static bool run_statement(struct ctx *ctx, void *arg)
{
	return ctx_exec(ctx, arg, NULL, NULL);
}

/* A statement ends with a semicolon at the end of a line. */
static void run_file(struct engine *e, struct arena *mem, const char *file)
{
	char *next;

	for (char *s = read_text(mem, file); *s; s = next) {
		char *end = strstr(s, ";\n");

		need(end != NULL, NULL, "a statement without an end");
		*end = '\0';
		write_now(e, run_statement, s, s);
		next = end + 2;
	}
}

static void fill(struct engine *e, struct arena *mem, int argc, char **argv)
{
	struct fill f = { 0 };
	struct indexes x = { 0 };
	double began = seconds();

	need(int_parse(argv[3], &f.customers) && int_parse(argv[4], &f.activities) && int_parse(argv[5], &f.members) &&
	     (argc < 7 || int_parse(argv[6], &f.opportunities)), NULL, "sizes");
	write_now(e, allow_export, NULL, "access");
	write_now(e, add_members, &f, "members");
	write_now(e, add_heads, NULL, "heads");
	write_now(e, add_products, &f, "products");
	arena_init(&x.mem, 0);
	write_now(e, drop_indexes, &x, "indexes");
	in_slices(e, add_customers, &f, f.customers, "customers");
	in_slices(e, add_stays, &f, f.opportunities, "opportunities");
	in_slices(e, add_activities, &f, f.activities, "activities");
	if (argc > 7)
		run_file(e, mem, argv[7]);
	write_now(e, make_indexes, &x, "indexes");
	arena_done(&x.mem);
	tally_all(e);
	in_slices(e, index_customers, &f, f.customers, "search");
	printf("{\"fill_seconds\": %.1f}\n", seconds() - began);
}

static void more(struct engine *e, struct arena *mem, const char *file)
{
	run_file(e, mem, file);
	tally_all(e);
	printf("{}\n");
}

/* Measuring */

typedef bool ask_fn(struct ctx *ctx, struct text *out);

struct ask {
	ask_fn *fn;
	struct text out;
};

static bool run_ask(struct ctx *ctx, void *arg)
{
	struct ask *a = arg;

	text_init(&a->out, ctx->mem);
	return a->fn(ctx, &a->out);
}

/* Asks for `duration` seconds; returns ms per question. */
static double ask_for(struct engine *e, const struct member *me, ask_fn *fn, double duration)
{
	struct arena mem;
	struct ask a = { .fn = fn };
	double began = seconds();
	int64_t n = 0;

	arena_init(&mem, 0);
	do {
		struct work w = { .fn = run_ask, .arg = &a, .mem = &mem, .me = me };

		need(engine_read(e, &w), &w, "asking");
		arena_reset(&mem);
		n++;
	} while (seconds() - began < duration);
	arena_done(&mem);
	return (seconds() - began) * 1000 / (double)n;
}

static bool ask_query(struct ctx *ctx, struct text *out, const char *object, const char *query)
{
	struct list l;
	struct json_writer w;

	jw_init(&w, out);
	return query_parse(ctx, schema_object(ctx->schema, object), query, &l) && query_list(ctx, &l, &w);
}

#define TWELVE "fields=name,level,lifecycle,source,region,phone,owner,created_at,changed_at,employees,industry,remark"

static bool ask_list(struct ctx *ctx, struct text *out)
{
	return ask_query(ctx, out, "customer", "limit=50&" TWELVE);
}

static bool ask_filtered(struct ctx *ctx, struct text *out)
{
	return ask_query(ctx, out, "customer", "level=eq.a&limit=50&" TWELVE);
}

static bool ask_activities(struct ctx *ctx, struct text *out)
{
	return ask_query(ctx, out, "activity", "sort=-done_at&limit=50&fields=subject,kind,state,customer,owner,done_at,minutes");
}

static bool ask_search(struct ctx *ctx, struct text *out)
{
	struct json_writer w;

	jw_init(&w, out);
	return search_write(ctx, "甲东科技", NULL, 20, &w);
}

static bool ask_board(struct ctx *ctx, struct text *out)
{
	struct json_writer w;

	jw_init(&w, out);
	return metric_write(ctx, schema_metric(ctx->schema, "effective_visit_rate"),
	                    &(struct metric_ask){ 0 }, &w);
}

static bool ask_report(struct ctx *ctx, struct text *out)
{
	struct json_writer w;

	jw_init(&w, out);
	return report_write(ctx, schema_report(ctx->schema, "pipeline"), NULL, &w);
}

static bool ignore(void *ptr, const char *data, size_t n)
{
	(void)data;
	*(size_t *)ptr += n;
	return true;
}

struct exporting {
	size_t bytes;
	int64_t rows;
};

static bool run_export(struct ctx *ctx, void *arg)
{
	struct exporting *x = arg;
	struct list l;

	if (!query_parse(ctx, schema_object(ctx->schema, "customer"), "owner=eq.2&" TWELVE, &l))
		return false;
	l.limit = 0;
	return export_run(ctx, &l, EXPORT_CSV, ignore, &x->bytes, &x->rows);
}

/* The rows of the narrowest role, exported by either: ms. */
static double export_ms(struct engine *e, const struct member *me)
{
	struct arena mem;
	struct exporting x = { 0 };
	double began = seconds();

	arena_init(&mem, 0);

	struct work w = { .fn = run_export, .arg = &x, .mem = &mem, .me = me };

	need(engine_wait(e, &w), &w, "export");
	arena_done(&mem);
	need(x.rows > 0, NULL, "nothing to export");
	return (seconds() - began) * 1000;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *list)
{
	qsort(list, ROUNDS, sizeof *list, by_size);
	return list[ROUNDS / 2];
}

/* Two members asked the same in turn: ms of each. */
static void in_turn(struct engine *e, const struct member *a, const struct member *b, ask_fn *fn,
                    double duration, double ret[2])
{
	double first[ROUNDS];
	double second[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		first[i] = ask_for(e, a, fn, duration / (2 * ROUNDS));
		second[i] = ask_for(e, b, fn, duration / (2 * ROUNDS));
	}
	ret[0] = median(first);
	ret[1] = median(second);
}

static void roles(struct engine *e, struct arena *mem, double duration)
{
	static const struct {
		const char *name;
		ask_fn *fn;
	} asks[] = {
		{ "list", ask_list }, { "list_filtered", ask_filtered }, { "list_activities", ask_activities },
		{ "search", ask_search }, { "board", ask_board }, { "report", ask_report },
	};
	const struct member *admin = engine_member(e, mem, 1);
	const struct member *rep = engine_member(e, mem, 2);
	double first[ROUNDS];
	double second[ROUNDS];
	double ms[2];

	printf("{");
	for (size_t i = 0; i < LENGTH(asks); i++) {
		in_turn(e, admin, rep, asks[i].fn, duration, ms);
		printf("\"%s\": [%.4f, %.4f], ", asks[i].name, ms[0], ms[1]);
	}
	for (int i = 0; i < ROUNDS; i++) {
		first[i] = export_ms(e, admin);
		second[i] = export_ms(e, rep);
	}
	printf("\"export\": [%.4f, %.4f]}\n", median(first), median(second));
}

/* Reports */

struct report_ask {
	const struct report *report;
	struct bind params[2];
	struct text out;
};

static bool run_report(struct ctx *ctx, void *arg)
{
	struct report_ask *a = arg;
	struct json_writer w;

	text_init(&a->out, ctx->mem);
	jw_init(&w, &a->out);
	return report_write(ctx, a->report, a->params, &w);
}

static bool find_schema(struct ctx *ctx, void *arg)
{
	*(const struct schema **)arg = ctx->schema;
	return true;
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Who asks, as filled: administrator, owner, head of everybody, of 100, of 20, representative. */
static const char *people[] = { "m0", "owner", "head", "m100", "m20", "m1" };

enum { PEOPLE = LENGTH(people), LONG = 2000, LIMIT = 30000 };

static bool find_person(struct ctx *ctx, void *arg)
{
	const char **name = arg;
	int64_t id = 0;

	if (!record_find(ctx, "member", fmt(ctx->mem, "name=eq.%s", *name), &id))
		return false;
	*name = id ? fmt(ctx->mem, "%" PRId64, id) : NULL;
	return true;
}

/* NULL if there is none. */
static const struct member *person(struct engine *e, struct arena *mem, const char *name)
{
	int64_t id = 0;
	struct work w = { .fn = find_person, .arg = &name, .mem = mem };

	need(!name || engine_read(e, &w), &w, "who asks");
	return name && int_parse(name, &id) ? engine_member(e, mem, id) : NULL;
}

/* Computing ms of one answer, whatever else runs on the machine; 0 if this role may not ask or a record has to be chosen, LIMIT if it took too long. */
static double report_ms(struct engine *e, const struct member *me, struct report_ask *a)
{
	struct arena mem;
	double began = cpu_seconds();

	if (!me)
		return 0;
	arena_init(&mem, 0);

	struct work w = { .fn = run_report, .arg = a, .mem = &mem, .me = me, .deadline_ms = LIMIT };
	bool ok = engine_read(e, &w);

	arena_done(&mem);
	return ok ? (cpu_seconds() - began) * 1000 : w.kind == ERR_DENIED || w.kind == ERR_INVALID ? 0 : LIMIT;
}

/* The least of three, all asked in turn, the first of them warming up; who waits for seconds is asked once. */
static void time_report(struct engine *e, const struct member *who[PEOPLE], struct report_ask *a, const char *name)
{
	double ms[PEOPLE];

	for (int i = 0; i < PEOPLE; i++)
		ms[i] = report_ms(e, who[i], a);
	for (int round = 1; round < 3; round++)
		for (int i = 0; i < PEOPLE; i++)
			if (ms[i] > 0 && ms[i] < LONG) {
				double again = report_ms(e, who[i], a);

				ms[i] = again < ms[i] ? again : ms[i];
			}
	printf("\"%s\": [", name);
	for (int i = 0; i < PEOPLE; i++)
		printf(i ? ", %.2f" : "%.2f", ms[i]);
	printf("]");
	fflush(stdout);
}

static void print_answers(struct engine *e, const struct member *who[PEOPLE], struct report_ask *a, const char *name)
{
	for (int i = 0; i < PEOPLE; i++) {
		struct arena mem;

		if (!who[i])
			continue;
		arena_init(&mem, 0);

		struct work w = { .fn = run_report, .arg = a, .mem = &mem, .me = who[i], .deadline_ms = LIMIT };
		bool ok = engine_read(e, &w);

		printf("%s, %s: %s\n", name, people[i], ok ? a->out.s : w.errors ? w.errors->message : "failed");
		arena_done(&mem);
	}
}

typedef void report_fn(struct engine *e, const struct member *who[PEOPLE], struct report_ask *a, const char *name);

/* Every report, or the one named, in all ways it groups by. */
static void reports(struct engine *e, struct arena *mem, const char *only, report_fn *fn, const char *between)
{
	const struct member *who[PEOPLE];
	const struct schema *schema;
	struct work w = { .fn = find_schema, .arg = &schema, .mem = mem };
	bool first = true;

	need(engine_read(e, &w), &w, "schema");
	for (int i = 0; i < PEOPLE; i++)
		who[i] = person(e, mem, people[i]);
	for (size_t i = 0; i < schema->n_reports; i++) {
		struct report_ask a = { .report = &schema->reports[i] };
		const struct field *by = NULL;

		if (only && !text_eq(only, a.report->name))
			continue;
		for (size_t k = 0; k < a.report->n_params; k++)
			if (text_eq(a.report->params[k].name, "by") && a.report->params[k].n_choices > 0)
				by = &a.report->params[k];
		for (size_t k = 0; k == 0 || (by && k < by->n_choices); k++) {
			const char *name = a.report->name;

			if (by) {
				a.params[0] = (struct bind){ "by", v_text(by->choices[k].value) };
				name = fmt(mem, "%s by %s", name, by->choices[k].value);
			}
			printf("%s", first ? "" : between);
			first = false;
			fn(e, who, &a, name);
		}
	}
}

/* Durable creates */

struct writer {
	struct engine *e;
	double until;
	int64_t n;
	double *took;
	size_t cap;
	int number;
};

static bool create_one(struct ctx *ctx, void *arg)
{
	struct writer *w = arg;

	return record_create(ctx, "customer", (struct cell[]){
		{ "name", v_text(fmt(ctx->mem, "新客户%d-%" PRId64, w->number, w->n)) },
		{ "lifecycle", v_text("potential") }, { "key_account", v_int(0) }, { "owner", v_int(2) }, { 0 } },
		NULL);
}

static void *create_main(void *ptr)
{
	struct writer *me = ptr;
	struct arena mem;

	arena_init(&mem, 0);
	while (seconds() < me->until) {
		struct work w = { .fn = create_one, .arg = me, .mem = &mem };
		double began = seconds();

		need(engine_wait(me->e, &w), &w, "create");
		if ((size_t)me->n < me->cap)
			me->took[me->n] = seconds() - began;
		me->n++;
		arena_reset(&mem);
	}
	arena_done(&mem);
	return NULL;
}

/* Creates per second of 64 threads with `batch` works a commit; p99 in ms. */
static double create_for(struct engine *e, size_t batch, double duration, double *ret_p99)
{
	static int number;
	struct writer writers[THREADS];
	pthread_t threads[THREADS];
	double *all;
	size_t n = 0;
	double until = seconds() + duration;

	__atomic_store_n(&e->batch, batch, __ATOMIC_RELAXED);
	for (int i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ .e = e, .until = until, .cap = 100000, .number = number++ };
		writers[i].took = mem_alloc(writers[i].cap * sizeof(double));
		pthread_create(&threads[i], NULL, create_main, &writers[i]);
	}
	all = mem_alloc(THREADS * 100000 * sizeof *all);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		for (int64_t k = 0; k < writers[i].n && k < 100000; k++)
			all[n++] = writers[i].took[k];
		free(writers[i].took);
	}
	qsort(all, n, sizeof *all, by_size);
	*ret_p99 = n ? all[n * 99 / 100] * 1000 : 0;
	free(all);
	return (double)n / duration;
}

static void creates(struct engine *e, double duration)
{
	double grouped[ROUNDS];
	double single[ROUNDS];
	double p99[ROUNDS];
	double single_p99[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		grouped[i] = create_for(e, LANE_BATCH, duration / (2 * ROUNDS), &p99[i]);
		single[i] = create_for(e, 1, duration / (2 * ROUNDS), &single_p99[i]);
	}
	printf("{\"grouped\": [%.0f, %.2f], \"one_by_one\": [%.0f, %.2f]}\n", median(grouped), median(p99),
	       median(single), median(single_p99));
}

/* The index keeps no text; SQLite's fts5vocab reads the words back.  In a store of one object rowid is its id. */
static void words(const char *dir, const char *file)
{
	char *sql = sqlite3_mprintf("ATTACH '%q/loudou.db' AS store; CREATE VIRTUAL TABLE temp.word USING"
	                            " fts5vocab(store, t_search, instance); CREATE TABLE words AS SELECT"
	                            " doc AS id, group_concat(term, ' ') AS tokens FROM temp.word GROUP BY doc",
	                            dir);
	sqlite3 *db;

	need(sql && sqlite3_open(file, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	     NULL, "words");
	sqlite3_close(db);
	sqlite3_free(sql);
	printf("{}\n");
}

int main(int argc, char **argv)
{
	struct arena mem;
	struct complaint *complaints;
	double duration = argc > 3 ? strtod(argv[3], NULL) : 5;

	if (argc < 4 || !secret_start() || !date_zone("Asia/Shanghai"))
		return 2;
	if (text_eq(argv[1], "words")) {
		words(argv[2], argv[3]);
		return 0;
	}
	log_level(LOG_ERROR);
	arena_init(&mem, 0);

	struct engine *e = engine_open(&(struct engine_options){ .data = argv[2], .create = true }, &mem,
	                               &complaints);

	need(e != NULL, NULL, "open");

	const struct member *admin = engine_member(e, &mem, 1);
	const char *only = text_eq(argv[3], "all") ? NULL : argv[3];

	for (int i = 0; i < PEOPLE && argc > 4; i++)
		people[i] = argc > 4 + i ? argv[4 + i] : NULL;

	if (text_eq(argv[1], "fill") && argc >= 6 && argc <= 8)
		fill(e, &mem, argc, argv);
	else if (text_eq(argv[1], "list"))
		printf("{\"ms\": %.5f}\n", ask_for(e, admin, ask_list, duration));
	else if (text_eq(argv[1], "board"))
		printf("{\"ms\": %.5f}\n", ask_for(e, admin, ask_board, duration));
	else if (text_eq(argv[1], "roles"))
		roles(e, &mem, duration);
	else if (text_eq(argv[1], "more"))
		more(e, &mem, argv[3]);
	else if (text_eq(argv[1], "answers"))
		reports(e, &mem, only, print_answers, "");
	else if (text_eq(argv[1], "reports")) {
		printf("{");
		reports(e, &mem, only, time_report, ", ");
		printf("}\n");
	}
	else if (text_eq(argv[1], "creates"))
		creates(e, duration);
	engine_close(e);
	arena_done(&mem);
	return 0;
}
