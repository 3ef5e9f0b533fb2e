/*
 * loudou: the commands.  `loudou help` prints them; docs/operating.md explains.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "base/date.h"
#include "base/log.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/version.h"
#include "engine/change.h"
#include "engine/export.h"
#include "engine/import.h"
#include "engine/job.h"
#include "engine/member.h"
#include "engine/metric.h"
#include "engine/report.h"
#include "engine/scope.h"
#include "modules/demo/demo.h"

enum { DONE = 0, FAILED = 1, USAGE = 2, STORAGE = 74 };

/* What the command line says: options by name, everything else in order. */
struct args {
	const char *data, *db, *as, *format;
	const char *listen, *tls_cert, *tls_key, *trusted_proxy;
	const char *map, *key, *errors;
	const char *password, *roles, *label;
	int64_t members, days, seed, threads;
	bool dry_run, plan, drop, access, measures, files, verify;
	const char *word[64];
	size_t n;
};

static int usage(const char *problem)
{
	if (problem)
		fprintf(stderr, "loudou: %s\n\n", problem);
	fputs("loudou " LOUDOU_VERSION "\n\n"
	      "  loudou serve [--listen HOST:PORT] [--tls-cert FILE --tls-key FILE] [--trusted-proxy ADDRESS]\n"
	      "  loudou demo [--members N] [--days N] [--seed S] [--password TEXT]\n"
	      "  loudou import [--as MEMBER] OBJECT FILE [--map MAP.json] [--dry-run] [--update KEYFIELD] [--errors OUT.csv]\n"
	      "  loudou export [--as MEMBER] OBJECT [QUERY] [--format csv|xlsx|json]\n"
	      "  loudou report [--as MEMBER] NAME [param=value …] [--format table|csv|json]\n"
	      "  loudou metric [--as MEMBER] NAME [from=…] [to=…] [by=…] [--format table|csv|json]\n"
	      "  loudou check [--access] [--measures] [--files]\n"
	      "  loudou migrate [--plan] [--drop]\n"
	      "  loudou backup FILE      loudou backup --verify FILE      loudou restore FILE\n"
	      "  loudou member add NAME [--label TEXT] [--roles a,b] [--password TEXT]\n"
	      "  loudou member passwd NAME [--password TEXT]      loudou member disable NAME\n"
	      "  loudou help\n\n"
	      "Everywhere: [--data DIR] (default ./data) [--db postgresql://…].\n"
	      "Exit codes: 0 done, 1 the check or rows failed, 2 wrong usage, 74 storage failed.\n",
	      problem ? stderr : stdout);
	return problem ? USAGE : DONE;
}

static bool read_args(int argc, char **argv, struct args *a)
{
	const struct {
		const char *name;
		const char **text;
		int64_t *number;
		bool *flag;
	} options[] = {
		{ "--data", &a->data, NULL, NULL }, { "--db", &a->db, NULL, NULL },
		{ "--as", &a->as, NULL, NULL }, { "--format", &a->format, NULL, NULL },
		{ "--listen", &a->listen, NULL, NULL }, { "--tls-cert", &a->tls_cert, NULL, NULL },
		{ "--tls-key", &a->tls_key, NULL, NULL },
		{ "--trusted-proxy", &a->trusted_proxy, NULL, NULL },
		{ "--map", &a->map, NULL, NULL }, { "--update", &a->key, NULL, NULL },
		{ "--errors", &a->errors, NULL, NULL }, { "--password", &a->password, NULL, NULL },
		{ "--roles", &a->roles, NULL, NULL }, { "--label", &a->label, NULL, NULL },
		{ "--members", NULL, &a->members, NULL }, { "--days", NULL, &a->days, NULL },
		{ "--seed", NULL, &a->seed, NULL }, { "--threads", NULL, &a->threads, NULL },
		{ "--dry-run", NULL, NULL, &a->dry_run }, { "--plan", NULL, NULL, &a->plan },
		{ "--drop", NULL, NULL, &a->drop }, { "--access", NULL, NULL, &a->access },
		{ "--measures", NULL, NULL, &a->measures }, { "--files", NULL, NULL, &a->files },
		{ "--verify", NULL, NULL, &a->verify },
	};

	for (int i = 2; i < argc; i++) {
		size_t k = 0;

		if (!text_starts(argv[i], "--")) {
			if (a->n == LENGTH(a->word))
				return false;
			a->word[a->n++] = argv[i];
			continue;
		}
		while (k < LENGTH(options) && !text_eq(options[k].name, argv[i]))
			k++;
		if (k == LENGTH(options))
			return false;
		if (options[k].flag) {
			*options[k].flag = true;
			continue;
		}
		if (++i == argc)
			return false;
		if (options[k].text)
			*options[k].text = argv[i];
		else if (!int_parse(argv[i], options[k].number))
			return false;
	}
	return true;
}

/* Opens the store the arguments name; complaints go to stderr. */
static struct engine *open_engine(const struct args *a, bool create, struct arena *mem)
{
	struct engine_options options = {
		.data = a->data, .db = a->db, .create = create || a->db, .drop = a->drop,
	};
	struct complaint *complaints;
	struct engine *e = engine_open(&options, mem, &complaints);

	for (; !e && complaints; complaints = complaints->next)
		fprintf(stderr, "loudou: %s: %s\n", complaints->where, complaints->message);
	return e;
}

static int say_errors(const struct work *w)
{
	for (const struct error *e = w->errors; e; e = e->next)
		fprintf(stderr, "loudou: %s%s%s\n", e->field ? e->field : "", e->field ? ": " : "", e->message);
	return error_exit(w->kind ? w->kind : ERR_INTERNAL);
}

struct by_name {
	const char *name;
	int64_t id;
};

static bool find_member(struct ctx *ctx, void *arg)
{
	struct by_name *b = arg;
	struct text query;

	text_init(&query, ctx->mem);
	text_add(&query, "name=eq.");
	text_url_encode(&query, b->name);
	return record_find(ctx, "member", query.s, &b->id);
}

/* --as MEMBER; without it the system, whose reach is everything. */
static bool who(struct engine *e, const struct args *a, struct arena *mem, const struct member **ret)
{
	struct by_name b = { .name = a->as };
	struct work w = { .fn = find_member, .arg = &b, .mem = mem };

	*ret = NULL;
	if (!a->as)
		return true;
	if (engine_read(e, &w) && b.id)
		*ret = engine_member(e, mem, b.id);
	if (!*ret)
		fprintf(stderr, "loudou: there is no active member \"%s\"\n", a->as);
	return *ret != NULL;
}

static int run_serve(struct engine *e, const struct args *a)
{
	return app_serve(e, &(struct app_options){
		.listen = a->listen ? a->listen : "127.0.0.1:8080", .tls_cert = a->tls_cert,
		.tls_key = a->tls_key, .trusted_proxy = a->trusted_proxy, .threads = (int)a->threads,
	});
}

/* Members */

struct member_command {
	const struct args *args;
	const char *password;
};

static bool add_member(struct ctx *ctx, const struct member_command *c, int64_t *ret_id)
{
	char **names;
	size_t n = text_split(ctx->mem, c->args->roles ? c->args->roles : "rep", ',', &names);
	int64_t *roles = arena_array(ctx->mem, n, sizeof *roles);

	for (size_t i = 0; i < n; i++)
		if (!record_need(ctx, "role", fmt(ctx->mem, "name=eq.%s", names[i]), &roles[i]))
			return false;
	return record_create(ctx, "member", (struct cell[]){
		{ "name", v_text(c->args->word[1]) },
		{ "label", v_text(c->args->label ? c->args->label : c->args->word[1]) },
		{ "roles", v_text(ids_join(ctx->mem, roles, n)) }, { "active", v_int(1) }, { 0 } }, ret_id);
}

static bool change_member(struct ctx *ctx, void *arg)
{
	struct member_command *c = arg;
	const char *act = c->args->word[0];
	struct by_name b = { .name = c->args->word[1] };

	if (text_eq(act, "add"))
		return add_member(ctx, c, &b.id) && member_set_password(ctx, b.id, c->password, false);
	if (!find_member(ctx, &b))
		return false;
	if (!b.id)
		return fail(ctx, ERR_MISSING, NULL, "没有成员“%s”", "There is no member \"%s\"", b.name);
	if (text_eq(act, "disable"))
		return record_update(ctx, "member", b.id, (struct cell[]){ { "active", v_int(0) }, { 0 } });
	return member_set_password(ctx, b.id, c->password, false);
}

/* A password from the terminal, without echo; from a pipe, one line. */
static const char *ask_password(struct arena *mem)
{
	char line[256];

	if (isatty(STDIN_FILENO)) {
		const char *typed = getpass("password: ");

		return typed ? arena_dup(mem, typed) : NULL;
	}
	if (!fgets(line, sizeof line, stdin))
		return NULL;
	line[strcspn(line, "\r\n")] = '\0';
	return arena_dup(mem, line);
}

static int run_member(struct engine *e, const struct args *a, struct arena *mem)
{
	struct member_command c = { .args = a, .password = a->password };
	struct work w = { .fn = change_member, .arg = &c, .mem = mem };

	if (a->n != 2 || (!text_eq(a->word[0], "add") && !text_eq(a->word[0], "passwd") &&
	                  !text_eq(a->word[0], "disable")))
		return usage("member add|passwd|disable NAME");
	if (!c.password && !text_eq(a->word[0], "disable") && !(c.password = ask_password(mem)))
		return usage("a password is needed");
	return engine_wait(e, &w) ? DONE : say_errors(&w);
}

/* Demo */

struct passwords {
	const char *password;
	int64_t admin;
};

static bool set_passwords(struct ctx *ctx, void *arg)
{
	struct passwords *p = arg;
	const char *table = scope_table(ctx->mem, schema_object(ctx->schema, "member"));
	const char *hash = secret_password(ctx->mem, p->password);
	int64_t role;

	/* One hash for all: the members of a demo share the password they are told. */
	if (!ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET password = $hash, password_state = 'own' WHERE password IS NULL", table),
	              (struct bind[]){ { "hash", v_text(hash) }, { 0 } }, NULL))
		return false;
	if (!record_find(ctx, "member", "name=eq.admin", &p->admin))
		return false;
	if (p->admin)
		return true;
	return record_need(ctx, "role", "name=eq.admin", &role) &&
	       record_create(ctx, "member", (struct cell[]){
		       { "name", v_text("admin") }, { "label", v_text("管理员") },
		       { "roles", v_text(fmt(ctx->mem, ",%" PRId64 ",", role)) }, { "active", v_int(1) },
		       { 0 } }, &p->admin) &&
	       member_set_password(ctx, p->admin, p->password, false);
}

static int run_demo(struct engine *e, const struct args *a, struct arena *mem)
{
	struct passwords p = { .password = a->password ? a->password : secret_token(mem, 6) };
	struct work w = { .fn = set_passwords, .arg = &p, .mem = mem };
	int64_t began = date_ticks();

	if (!demo_fill(e, (int)(a->members ? a->members : 24), (int)(a->days ? a->days : 180),
	               (uint64_t)(a->seed ? a->seed : 1)))
		return FAILED;
	if (!engine_wait(e, &w))
		return say_errors(&w);
	printf("demo company ready in %.1f s; sign in as admin (or any member's sign-in name), password %s\n",
	       (double)(date_ticks() - began) / 1000, p.password);
	return DONE;
}

/* Reports and metrics: the API's answer, as JSON, CSV or a table */

struct number_command {
	const struct args *args;
	struct text out;
};

static bool write_report(struct ctx *ctx, void *arg)
{
	struct number_command *c = arg;
	const struct report *r = schema_report(ctx->schema, c->args->word[0]);
	struct bind *params = arena_array(ctx->mem, c->args->n, sizeof *params);
	struct json_writer w;

	if (!r)
		return fail(ctx, ERR_MISSING, NULL, "没有报表“%s”", "There is no report \"%s\"", c->args->word[0]);
	for (size_t i = 1; i < c->args->n; i++) {
		const char *equals = strchr(c->args->word[i], '=');

		if (!equals)
			return fail(ctx, ERR_INVALID, NULL, "参数写作 名称=值：%s", "Write parameters as name=value: %s",
			            c->args->word[i]);
		params[i - 1] = (struct bind){
			arena_dupn(ctx->mem, c->args->word[i], (size_t)(equals - c->args->word[i])),
			v_text(equals + 1),
		};
	}
	text_init(&c->out, ctx->mem);
	jw_init(&w, &c->out);
	return report_write(ctx, r, params, &w);
}

static const char *word_value(const struct args *a, const char *name)
{
	for (size_t i = 1; i < a->n; i++)
		if (text_starts(a->word[i], name) && a->word[i][strlen(name)] == '=')
			return a->word[i] + strlen(name) + 1;
	return NULL;
}

static bool write_metric(struct ctx *ctx, void *arg)
{
	struct number_command *c = arg;
	const struct metric *m = metric_named(ctx, c->args->word[0]);
	struct json_writer w;

	if (!m)
		return fail(ctx, ERR_MISSING, NULL, "没有指标“%s”", "There is no metric \"%s\"", c->args->word[0]);
	text_init(&c->out, ctx->mem);
	jw_init(&w, &c->out);
	return metric_write(ctx, m, &(struct metric_ask){
		.from = word_value(c->args, "from"), .to = word_value(c->args, "to"),
		.by = word_value(c->args, "by") }, &w);
}

static const char *cell_text(const struct json *j)
{
	if (!j || j->kind == JSON_NULL)
		return "";
	if (j->kind == JSON_BOOL)
		return j->b ? "true" : "false";
	return j->text ? j->text : "";
}

/* How wide a text stands in a terminal: Han characters take two columns. */
static int width(const char *s)
{
	int n = 0;
	uint32_t c;

	while ((c = utf8_next(&s)))
		n += c >= 0x1100 && (c < 0x2000 || c >= 0x2E80) ? 2 : 1;
	return n;
}

static void print_rows(struct arena *mem, const struct json *rows, const char **names, size_t n,
                       bool csv)
{
	int *widths = arena_array(mem, n, sizeof *widths);

	for (size_t i = 0; i < n; i++) {
		widths[i] = width(names[i]);
		for (const struct json *row = rows->first; row; row = row->next)
			if (width(cell_text(json_get(row, names[i]))) > widths[i])
				widths[i] = width(cell_text(json_get(row, names[i])));
	}
	for (const struct json *row = NULL;;) {
		for (size_t i = 0; i < n; i++) {
			const char *s = row ? cell_text(json_get(row, names[i])) : names[i];

			if (csv && strpbrk(s, ",\"\n"))
				printf("%s\"%s\"", i ? "," : "", s);
			else if (csv)
				printf("%s%s", i ? "," : "", s);
			else
				printf("%s%s%*s", i ? "  " : "", s, widths[i] - width(s), "");
		}
		putchar('\n');
		row = row ? row->next : rows->first;
		if (!row)
			break;
	}
}

static int run_number(struct engine *e, const struct args *a, struct arena *mem, work_fn *fn)
{
	static const char *metric_names[] = { "label", "value", "numerator", "denominator" };
	struct number_command c = { .args = a };
	struct work w = { .fn = fn, .arg = &c, .mem = mem };
	struct json_error error;
	const char **names = metric_names;
	size_t n = LENGTH(metric_names);

	if (a->n < 1)
		return usage("the name of a report or metric is needed");
	if (!who(e, a, mem, &w.me))
		return FAILED;
	if (!engine_read(e, &w))
		return say_errors(&w);
	if (text_eq(a->format, "json")) {
		puts(c.out.s);
		return DONE;
	}

	struct json *answer = json_parse(mem, c.out.s, c.out.len, &error);
	const struct json *columns = json_get(answer, "columns");
	const struct json *rows = json_get(answer, "rows");

	if (columns) {
		names = arena_array(mem, columns->len, sizeof *names);
		n = 0;
		for (const struct json *col = columns->first; col; col = col->next)
			names[n++] = json_text(col, "name", "");
	} else if (rows->len == 0) {
		/* A metric without groups is its own only row. */
		struct json *one = arena_alloc(mem, sizeof *one);

		*one = (struct json){ .kind = JSON_ARRAY, .first = answer, .len = 1 };
		answer->next = NULL;
		rows = one;
	}
	print_rows(mem, rows, names, n, text_eq(a->format, "csv"));
	return DONE;
}

/* Import and export */

static int run_import(struct engine *e, const struct args *a, struct arena *mem)
{
	struct import_command c = {
		.object = a->word[0], .file = a->word[1], .map = a->map, .key = a->key,
		.errors = a->errors, .dry_run = a->dry_run,
	};

	if (a->n != 2)
		return usage("import OBJECT FILE");
	if (!who(e, a, mem, &c.me))
		return FAILED;
	return import_command(e, &c, mem);
}

struct export_command {
	const struct args *args;
};

static bool put_out(void *ptr, const char *data, size_t n)
{
	return fwrite(data, 1, n, ptr) == n;
}

static bool write_export(struct ctx *ctx, void *arg)
{
	struct export_command *c = arg;
	const struct object *o = schema_object(ctx->schema, c->args->word[0]);
	const char *format = c->args->format ? c->args->format : "csv";
	struct list l;
	int64_t rows;

	if (!o)
		return fail(ctx, ERR_MISSING, NULL, "没有对象“%s”", "There is no object \"%s\"", c->args->word[0]);
	if (!query_parse(ctx, o, c->args->n > 1 ? c->args->word[1] : "", &l))
		return false;
	l.limit = 0;
	return export_run(ctx, &l, text_eq(format, "xlsx") ? EXPORT_XLSX
	                           : text_eq(format, "json") ? EXPORT_JSON : EXPORT_CSV,
	                  put_out, stdout, &rows);
}

static int run_export(struct engine *e, const struct args *a, struct arena *mem)
{
	struct export_command c = { .args = a };
	struct work w = { .fn = write_export, .arg = &c, .mem = mem };

	if (a->n < 1 || a->n > 2)
		return usage("export OBJECT [QUERY]");
	if (!who(e, a, mem, &w.me))
		return FAILED;
	return engine_read(e, &w) ? DONE : say_errors(&w);
}

/* Check */

struct check_command {
	const struct args *args;
	const char *data;
	int problems;
};

static bool print_access(struct ctx *ctx)
{
	static const char *const words[] = { "none", "own", "team", "tree", "all" };
	static const char *const acts[] = { "read", "create", "change", "delete", "export" };

	for (size_t i = 0; i < ctx->schema->n_objects; i++) {
		const struct object *o = &ctx->schema->objects[i];

		printf("%s (%s)%s\n", o->name, o->label.zh,
		       o->is_public ? "  reference data" : o->unowned_visible ? "  unowned rows are for everybody" : "");
		for (size_t g = 0; g < o->n_grants; g++) {
			printf("  %-10s", o->grants[g].role);
			for (size_t k = 0; k < ACT__COUNT; k++)
				printf(" %s %-5s", acts[k], words[o->grants[g].reach[k]]);
			putchar('\n');
		}
		for (size_t k = 0; k < o->n_fields; k++) {
			const struct field *f = &o->fields[k];

			for (size_t r = 0; r < f->read.n; r++)
				printf("  %s%s%s", r ? ", " : "field ", r ? "" : f->name, r ? "" : " read only by: ");
			for (size_t r = 0; r < f->read.n; r++)
				printf("%s%s", r ? ", " : "", f->read.names[r]);
			if (f->read.n)
				putchar('\n');
		}
	}
	puts("admin may do everything");
	return true;
}

static bool check_files(struct ctx *ctx, struct check_command *c)
{
	struct query *q = ctx_query(ctx, fmt(ctx->mem, "SELECT id, hash FROM %s WHERE deleted_at IS NULL",
	                                     scope_table(ctx->mem, schema_object(ctx->schema, "file"))), NULL);

	if (!q)
		return false;
	while (db_next(q)) {
		const char *hash = db_text(q, 1);
		const char *path = fmt(ctx->mem, "%s/files/%.2s/%s", c->data, hash, hash);

		if (access(path, R_OK) != 0) {
			printf("file %" PRId64 ": its bytes are missing (%s)\n", db_int(q, 0), path);
			c->problems++;
		}
	}
	db_done(q);
	return true;
}

static bool check_store(struct ctx *ctx, void *arg)
{
	struct check_command *c = arg;
	const struct args *a = c->args;
	bool all = !a->access && !a->measures && !a->files;
	struct text out;
	int64_t n = 0;

	if (a->access)
		return print_access(ctx);
	text_init(&out, ctx->mem);
	if (all && !db_integrity(ctx->db)) {
		printf("integrity: %s\n", db_message(ctx->db));
		c->problems++;
	}
	if (all) {
		if (!change_verify(ctx, &n))
			return false;
		if (n) {
			printf("change log: altered from entry %" PRId64 " on\n", n);
			c->problems++;
		}
	}
	if (all || a->measures) {
		if (!measure_check(ctx, &out, &n))
			return false;
		fputs(out.s, stdout);
		c->problems += n > 0;
		printf("measures: %" PRId64 " differences\n", n);
	}
	return !(all || a->files) || check_files(ctx, c);
}

static int run_check(struct engine *e, const struct args *a, struct arena *mem)
{
	struct check_command c = { .args = a, .data = engine_data(e) };
	struct work w = { .fn = check_store, .arg = &c, .mem = mem };

	if (!engine_read(e, &w))
		return say_errors(&w);
	if (!a->access)
		puts(c.problems ? "there are problems" : "all well");
	return c.problems ? FAILED : DONE;
}

static int run_plan(const struct args *a, struct arena *mem)
{
	struct engine_options options = { .data = a->data, .db = a->db, .drop = a->drop };
	struct complaint *complaints = NULL;
	struct text out;

	text_init(&out, mem);
	if (!engine_plan(&options, mem, &out, &complaints)) {
		for (; complaints; complaints = complaints->next)
			fprintf(stderr, "loudou: %s: %s\n", complaints->where, complaints->message);
		return FAILED;
	}
	fputs(out.len ? out.s : "nothing to do\n", stdout);
	return DONE;
}

static int run_backup(struct engine *e, const struct args *a, struct arena *mem)
{
	const char *error = NULL;

	if (a->n != 1)
		return usage("backup FILE");
	if (engine_backup(e, mem, a->word[0], &error))
		return DONE;
	fprintf(stderr, "loudou: %s\n", error);
	return STORAGE;
}

static int run_restore(const struct args *a, struct arena *mem)
{
	const char *error = NULL;
	const char *data = a->data ? a->data : "data";
	bool ok;

	if (a->n != 1)
		return usage("restore FILE");
	ok = a->verify ? engine_backup_verify(mem, a->word[0], &error)
	               : engine_restore(mem, a->word[0], data, &error);
	if (!ok)
		fprintf(stderr, "loudou: %s\n", error);
	return ok ? DONE : FAILED;
}

static int run_command(const char *command, const struct args *a, struct arena *mem)
{
	bool create = text_eq(command, "serve") || text_eq(command, "demo") || text_eq(command, "member") ||
	              text_eq(command, "import") || text_eq(command, "migrate");
	struct engine *e = open_engine(a, create, mem);
	int code = USAGE;

	if (!e)
		return STORAGE;
	if (text_eq(command, "serve"))
		code = run_serve(e, a);
	else if (text_eq(command, "demo"))
		code = run_demo(e, a, mem);
	else if (text_eq(command, "import"))
		code = run_import(e, a, mem);
	else if (text_eq(command, "export"))
		code = run_export(e, a, mem);
	else if (text_eq(command, "report"))
		code = run_number(e, a, mem, write_report);
	else if (text_eq(command, "metric"))
		code = run_number(e, a, mem, write_metric);
	else if (text_eq(command, "check"))
		code = run_check(e, a, mem);
	else if (text_eq(command, "backup"))
		code = run_backup(e, a, mem);
	else if (text_eq(command, "member"))
		code = run_member(e, a, mem);
	else if (text_eq(command, "migrate"))
		code = DONE;            /* opening it has done it */
	engine_close(e);
	return code;
}

int main(int argc, char **argv)
{
	static const char *const commands[] = {
		"serve", "demo", "import", "export", "report", "metric", "check", "migrate", "backup",
		"restore", "member",
	};
	struct args a = { 0 };
	struct arena mem;
	const char *command = argc > 1 ? argv[1] : "help";
	size_t known = 0;
	int code;

	if (text_eq(command, "help") || text_eq(command, "--help"))
		return usage(NULL);
	while (known < LENGTH(commands) && !text_eq(commands[known], command))
		known++;
	if (known == LENGTH(commands) || !read_args(argc, argv, &a))
		return usage("unknown command or option");
	if (!secret_start() || !date_zone("Asia/Shanghai")) {
		fputs("loudou: no random numbers, or no time zones (package tzdata)\n", stderr);
		return FAILED;
	}
	if (text_eq(command, "serve"))
		app_signals();
	else
		log_level(LOG_ERROR);
	arena_init(&mem, 0);
	if (text_eq(command, "restore") || (text_eq(command, "backup") && a.verify))
		code = run_restore(&a, &mem);
	else if (text_eq(command, "migrate") && a.plan)
		code = run_plan(&a, &mem);
	else
		code = run_command(command, &a, &mem);
	arena_done(&mem);
	return code;
}
