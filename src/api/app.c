#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "base/date.h"
#include "base/log.h"
#include "base/number.h"
#include "base/secret.h"
#include "engine/import.h"
#include "engine/job.h"
#include "engine/region.h"
#include "engine/scope.h"

enum { MB = 1024 * 1024, BODY = MB, UPLOAD = 1024 * MB, ANSWER_HOURS = 24 };

struct app {
	struct engine *engine;
	struct server *server;
	struct arena mem;
	char setup_code[17];            /* "" once there is a member */
};

/* Literal paths stand before {object}, which would take them. */
static const struct route routes[] = {
	{ { "GET",    "/api/health" },               health_show,      NULL, ROUTE_PUBLIC, 0 },
	{ { "GET",    "/api/session" },              session_show,     NULL, 0, 0 },
	{ { "POST",   "/api/session" },              NULL, session_create,   ROUTE_PUBLIC | ROUTE_SLOW, 0 },
	{ { "DELETE", "/api/session" },              session_delete,   NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/session/password" },     session_password, NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/session/try" },          session_try,      NULL, ROUTE_WRITE, 0 },
	{ { "DELETE", "/api/session/try" },          session_try_end,  NULL, ROUTE_WRITE, 0 },
	{ { "GET",    "/api/access" },               access_roles,     NULL, 0, 0 },
	{ { "GET",    "/api/access/{member}" },      access_member,    NULL, ROUTE_SLOW, 0 },
	{ { "GET",    "/api/setup" },                session_needs_setup, NULL, ROUTE_PUBLIC, 0 },
	{ { "POST",   "/api/setup" },                NULL, session_setup,    ROUTE_PUBLIC | ROUTE_SLOW, 0 },
	{ { "GET",    "/api/settings" },             settings_show,    NULL, 0, 0 },
	{ { "GET",    "/api/meta" },                 meta_show,        NULL, 0, 0 },
	{ { "GET",    "/api/meta/report/{name}" },   meta_report,      NULL, 0, 0 },
	{ { "POST",   "/api/meta/check" },           meta_check,       NULL, 0, 0 },
	{ { "GET",    "/api/openapi.json" },         openapi_show,     NULL, ROUTE_SLOW, 0 },
	{ { "GET",    "/api/search" },               records_search,   NULL, 0, 0 },
	{ { "GET",    "/api/many" },                 many_read,        NULL, 0, 0 },
	{ { "GET",    "/api/report/{name}" },        numbers_report,   NULL, ROUTE_SLOW, 0 },
	{ { "GET",    "/api/metric/{name}" },        numbers_metric,   NULL, 0, 0 },
	{ { "GET",    "/api/changes" },              NULL, changes_read,     0, 0 },
	{ { "POST",   "/api/file" },                 NULL, files_create,     ROUTE_SLOW | ROUTE_TO_FILE, 100 * MB },
	{ { "GET",    "/api/file/{id}" },            NULL, files_read,       0, 0 },
	{ { "GET",    "/api/import/{object}/template" }, NULL, imports_template, ROUTE_SLOW, 0 },
	{ { "GET",    "/api/import/{id}/errors" },   NULL, imports_errors,   0, 0 },
	{ { "POST",   "/api/import/{id}/preview" },  imports_preview,  NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/import/{id}/run" },      imports_run,      NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/import/{id}/cancel" },   imports_cancel,   NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/import/{id}/undo" },     imports_undo,     NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/import/{object}" },      NULL, imports_create,   ROUTE_SLOW | ROUTE_TO_FILE, UPLOAD },
	{ { "PATCH",  "/api/import/{id}" },          imports_change,   NULL, ROUTE_WRITE, 0 },
	{ { "GET",    "/api/import/{id}" },          imports_read,     NULL, 0, 0 },
	{ { "GET",    "/api/export/{object}" },      NULL, exports_read,     ROUTE_SLOW, 0 },
	{ { "POST",   "/api/member/{id}/password" }, records_password, NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/{object}/check" },       records_check,    NULL, 0, 0 },
	{ { "POST",   "/api/{object}/bulk" },        records_bulk,     NULL, ROUTE_WRITE, 0 },
	{ { "GET",    "/api/{object}/summary" },     records_summary,  NULL, 0, 0 },
	{ { "GET",    "/api/{object}/{id}/timeline" }, records_timeline, NULL, 0, 0 },
	{ { "POST",   "/api/{object}/{id}/presence" }, presence_note,  NULL, 0, 0 },
	{ { "POST",   "/api/{object}/{id}/restore" }, records_restore, NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/{object}/{id}/merge" },  records_merge,    NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/{object}/{id}/share" },  records_share,    NULL, ROUTE_WRITE, 0 },
	{ { "GET",    "/api/{object}/{id}/share" },  records_shares,   NULL, 0, 0 },
	{ { "DELETE", "/api/{object}/{id}/share/{share}" }, records_unshare, NULL, ROUTE_WRITE, 0 },
	{ { "POST",   "/api/{object}/{id}/{action}" }, records_action, NULL, ROUTE_WRITE, 0 },
	{ { "GET",    "/api/{object}" },             records_list,     NULL, 0, 0 },
	{ { "POST",   "/api/{object}" },             records_create,   NULL, ROUTE_WRITE, 0 },
	{ { "GET",    "/api/{object}/{id}" },        records_read,     NULL, 0, 0 },
	{ { "PATCH",  "/api/{object}/{id}" },        records_update,   NULL, ROUTE_WRITE, 0 },
	{ { "DELETE", "/api/{object}/{id}" },        records_delete,   NULL, ROUTE_WRITE, 0 },
};

struct engine *app_engine(struct app *app)
{
	return app->engine;
}

struct server *app_server(struct app *app)
{
	return app->server;
}

const char *app_setup_code(struct app *app)
{
	return *app->setup_code ? app->setup_code : NULL;
}

void app_setup_done(struct app *app)
{
	app->setup_code[0] = '\0';
}

/* Answers */

/* No scripts but ours, nothing foreign, nobody frames us. */
static void security_headers(struct answer *a, const struct request *r, const char *policy)
{
	answer_header(a, "Content-Security-Policy", policy ? policy :
	              "default-src 'self'; img-src 'self' data: blob:; worker-src 'self';"
	              " manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
	              " frame-ancestors 'none'");
	answer_header(a, "Referrer-Policy", "same-origin");
	answer_header(a, "Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self)");
	if (r->https)
		answer_header(a, "Strict-Transport-Security", "max-age=31536000");
}

void call_answer(struct call *call)
{
	struct answer *a = &call->answer;

	if (a->status == 0)
		a->status = 200;
	if (a->kind == ANSWER_TEXT && !a->text) {
		a->text = call->out.s;
		a->size = a->status == 204 ? 0 : call->out.len;
	}
	if (!a->type)
		answer_header(a, "Cache-Control", "no-store");
	security_headers(a, call->req, call->policy);
	server_answer(call->req, a);
}

static void write_errors(struct json_writer *w, const struct error *errors)
{
	jw_key(w, "errors");
	jw_array(w);
	for (const struct error *e = errors; e; e = e->next) {
		if (!e->field)
			continue;
		jw_object(w);
		jw_key(w, "field");
		jw_text(w, e->field);
		jw_key(w, "message");
		jw_text(w, e->message);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void call_error(struct call *call, enum error_kind kind, const struct error *errors)
{
	struct json_writer *w = &call->w;

	text_clear(&call->out);
	jw_init(w, &call->out);
	jw_object(w);
	jw_key(w, "error");
	jw_text(w, error_word(kind));
	jw_key(w, "message");
	jw_text(w, errors ? errors->message : "");
	write_errors(w, errors);
	if (call->current) {
		jw_key(w, "current");
		jw_raw(w, call->current);
	}
	if (call->duplicates) {
		jw_key(w, "duplicates");
		jw_raw(w, call->duplicates);
	}
	jw_key(w, "request");
	jw_text(w, call->req->id);
	jw_object_end(w);
	call->answer = (struct answer){
		.status = call->refuse_status ? call->refuse_status : error_status(kind),
	};
	if (kind == ERR_BUSY || kind == ERR_THROTTLED)
		answer_header(&call->answer, "Retry-After", kind == ERR_BUSY ? "2" : "60");
	if (kind == ERR_LOGIN)
		answer_header(&call->answer, "WWW-Authenticate", "Bearer");
}

static void answer_error(struct call *call, enum error_kind kind, const struct error *errors)
{
	call_error(call, kind, errors);
	call_answer(call);
}

void call_refuse(struct call *call, enum error_kind kind, const char *zh, const char *en)
{
	struct error e = { .message = text_eq(call->language, "en") ? en : zh };

	answer_error(call, kind, &e);
}

void call_finish(struct call *call, struct work *w)
{
	if (w->ok)
		call_answer(call);
	else if (w->errors)
		answer_error(call, w->kind, w->errors);
	else
		call_refuse(call, w->kind ? w->kind : ERR_INTERNAL, "内部错误，请把请求编号告诉管理员",
		            "Internal error; please give the request id to your administrator");
}

/* Routes and parameters */

enum route_result call_find(struct call *call)
{
	const struct request *r = call->req;
	/* HEAD is GET without a body; the server leaves that out. */
	const char *method = text_eq(r->method, "HEAD") ? "GET" : r->method;
	enum route_result found = route_find(r->mem, routes, sizeof *routes, LENGTH(routes), method, r->path, &call->match);

	if (found == ROUTE_FOUND)
		call->route = &routes[call->match.index];
	return found;
}

const char *call_path(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->match.n; i++)
		if (text_eq(call->match.name[i], name))
			return call->match.value[i];
	return NULL;
}

const char *call_param(const struct call *call, const char *name)
{
	return request_param(call->req, name);
}

bool call_object(struct ctx *ctx, const struct call *call, const struct object **ret)
{
	const struct object *o = schema_object(ctx->schema, call_path(call, "object"));

	/* An object the caller has no right on does not exist for them. */
	if (!o || (!scope_may(ctx, o, ACT_READ) && !scope_may(ctx, o, ACT_CREATE)))
		return fail(ctx, ERR_MISSING, NULL, "没有这个对象", "There is no such object");
	*ret = o;
	return true;
}

bool call_record(struct ctx *ctx, const struct call *call, const struct object **ret,
                 int64_t *ret_id)
{
	if (!call_object(ctx, call, ret))
		return false;
	if (!int_parse(call_path(call, "id"), ret_id) || *ret_id <= 0)
		return fail(ctx, ERR_MISSING, NULL, "记录不存在", "There is no such record");
	return true;
}

const char *call_query(struct call *call)
{
	static const char *const others[] = { "allow_duplicate", "format", "object", "from", "to", "by" };
	struct text t;
	char **parts;
	size_t n = text_split(call->req->mem, call->req->query, '&', &parts);
	size_t count = text_starts(call->req->path, "/api/export") ? 2 : 1;

	text_init(&t, call->req->mem);
	for (size_t i = 0; i < n; i++) {
		bool ours = true;

		for (size_t k = 0; k < count; k++)
			if (text_starts(parts[i], others[k]) && parts[i][strlen(others[k])] == '=')
				ours = false;
		if (ours)
			text_addf(&t, "%s%s", t.len ? "&" : "", parts[i]);
	}
	return t.s;
}

/* Idempotency: the first answer to a key is kept and repeated. */

static bool remembered(struct ctx *ctx, struct call *call, const char *key, bool *ret)
{
	struct query *q = ctx_query(ctx,
		"SELECT request, status, body FROM t_answer WHERE member = $me AND key = $key AND at > $since",
		(struct bind[]){ { "key", v_text(key) },
		                 { "since", v_int(ctx->now - ANSWER_HOURS * INT64_C(3600000)) }, { 0 } });

	*ret = false;
	if (!q)
		return false;
	if (db_next(q)) {
		bool same = text_eq(db_text(q, 0), call->key_hash);

		*ret = same;
		call->answer.status = (int)db_int(q, 1);
		text_clear(&call->out);
		text_add(&call->out, db_text(q, 2));
		db_done(q);
		return same || fail(ctx, ERR_INVALID, "Idempotency-Key", "这个键已用于另一个请求",
		                    "This key was used for another request");
	}
	db_done(q);
	return true;
}

static bool remember(struct ctx *ctx, struct call *call, const char *key)
{
	int status = call->answer.status ? call->answer.status : 200;

	return ctx_exec(ctx, "INSERT INTO t_answer (member, key, request, status, body, at)"
	                     " VALUES ($me, $key, $request, $status, $body, $now)"
	                     " ON CONFLICT (member, key) DO UPDATE SET request = excluded.request,"
	                     " status = excluded.status, body = excluded.body, at = excluded.at",
	                (struct bind[]){ { "key", v_text(key) }, { "request", v_text(call->key_hash) },
	                                 { "status", v_int(status) }, { "body", v_text(call->out.s) },
	                                 { 0 } }, NULL);
}

/* Runs a handler inside a piece of work, from nothing. */
static bool run_handler(struct ctx *ctx, void *arg)
{
	struct call *call = arg;
	const char *key = call->route->flags & ROUTE_WRITE && text_eq(call->req->method, "POST")
		? request_header(call->req, "Idempotency-Key") : NULL;
	bool done = false;

	text_clear(&call->out);
	jw_init(&call->w, &call->out);
	call->answer = (struct answer){ 0 };
	call->current = call->duplicates = NULL;
	call->unkept = false;
	if (key && !remembered(ctx, call, key, &done))
		return false;
	if (done)
		return true;
	if (!call->route->fn(ctx, call))
		return false;
	return !key || call->unkept || remember(ctx, call, key);
}

static void written(struct work *w)
{
	call_finish(w->arg, w);
}

static bool needs_json(const struct call *call)
{
	return !(call->route->flags & ROUTE_TO_FILE) && call->req->body_size > 0;
}

/* Parses the body.  False: refused and answered. */
static bool read_body(struct call *call)
{
	const char *type = request_header(call->req, "Content-Type");
	struct json_error error;

	if (!needs_json(call))
		return true;
	if (!type || !text_starts(type, "application/json")) {
		call->refuse_status = 415;
		call_refuse(call, ERR_REQUEST, "内容类型应为 application/json",
		            "The content type must be application/json");
		return false;
	}
	call->body = json_parse(call->req->mem, call->req->body, call->req->body_size, &error);
	if (call->body)
		return true;

	const char *text = fmt(call->req->mem, "JSON %d:%d: %s", error.line, error.column, error.message);

	call_refuse(call, ERR_REQUEST, text, text);
	return false;
}

static void proceed(struct request *r)
{
	struct call *call = r->app;
	struct work *w = &call->work;

	if (!session_resolve(call) || !read_body(call))
		return;
	if (call->route->raw) {
		call->route->raw(call);
		return;
	}
	*w = (struct work){
		.fn = run_handler, .arg = call, .mem = r->mem, .me = call->me, .request = r->id,
		.deadline_ms = call->route->flags & ROUTE_SLOW ? 60000 : 5000,
		.allow_duplicate = text_eq(call_param(call, "allow_duplicate"), "true"),
	};
	if (!(call->route->flags & ROUTE_WRITE)) {
		engine_read(call->app->engine, w);
		call_finish(call, w);
		return;
	}
	if (request_header(r, "Idempotency-Key")) {
		const char *all = fmt(r->mem, "%s %s?%s\n%s", r->method, r->path, r->query,
		                      r->body ? r->body : "");

		call->key_hash = secret_hash(r->mem, all, strlen(all));
	}
	w->done = written;
	if (!engine_write(call->app->engine, w))
		call_finish(call, w);
}

static const char *wanted_language(const struct request *r)
{
	const char *accept = request_header(r, "Accept-Language");

	return accept && text_starts(accept, "en") ? "en" : "zh";
}

static void handle(void *ptr, struct request *r)
{
	struct call *call = arena_alloc(r->mem, sizeof *call);

	call->app = ptr;
	call->req = r;
	call->language = wanted_language(r);
	text_init(&call->out, r->mem);
	jw_init(&call->w, &call->out);
	r->app = call;
	if (!text_starts(r->path, "/api/")) {
		if (!assets_serve(call))
			call_refuse(call, ERR_MISSING, "没有这个页面", "There is no such page");
		return;
	}
	switch (call_find(call)) {
	case ROUTE_NO_PATH:
		call_refuse(call, ERR_MISSING, "没有这个接口", "There is no such route");
		return;
	case ROUTE_NO_METHOD:
		call->answer.status = 405;
		answer_header(&call->answer, "Allow",
		              route_methods(r->mem, routes, sizeof *routes, LENGTH(routes), r->path));
		call_answer(call);
		return;
	case ROUTE_FOUND:
		break;
	}
	if (!(call->route->flags & ROUTE_SLOW)) {
		proceed(r);
		return;
	}
	if (!server_slow(call->app->server, r, proceed))
		call_refuse(call, ERR_BUSY, "系统繁忙，请稍后再试", "Busy, please try again");
}

static struct body_rule rule(void *ptr, const char *method, const char *path)
{
	struct arena mem;
	struct route_match match;
	struct body_rule r = { .limit = BODY };
	(void)ptr;

	arena_init(&mem, 0);
	if (route_find(&mem, routes, sizeof *routes, LENGTH(routes), method, path, &match) == ROUTE_FOUND) {
		const struct route *route = &routes[match.index];

		if (route->limit)
			r.limit = route->limit;
		r.to_file = route->flags & ROUTE_TO_FILE;
	}
	arena_done(&mem);
	return r;
}

static void thread_done(void *ptr)
{
	engine_thread_done(((struct app *)ptr)->engine);
}

static void log_request(void *ptr, const struct request *r, int status, size_t bytes)
{
	struct arena mem;
	(void)ptr;

	arena_init(&mem, 0);
	log_line(status >= 500 ? LOG_WARN : LOG_DEBUG, "request", "id", r->id, "method", r->method,
	         "path", r->path, "status", fmt(&mem, "%d", status), "bytes", fmt(&mem, "%zu", bytes),
	         "ms", fmt(&mem, "%" PRId64, date_ticks() - r->started), "peer", r->peer, NULL);
	arena_done(&mem);
}

static void changed(void *ptr, int64_t last)
{
	(void)last;
	server_wake(((struct app *)ptr)->server);
}

static bool count_members(struct ctx *ctx, void *arg)
{
	struct list l = { .object = schema_object(ctx->schema, "member") };

	return query_count(ctx, &l, arg);
}

/* Without a member there is nobody to sign in: a code on the terminal makes the first one. */
static void offer_setup(struct app *app)
{
	int64_t n = 1;
	struct work w = { .fn = count_members, .arg = &n, .mem = &app->mem };

	if (!engine_read(app->engine, &w) || n > 0)
		return;
	snprintf(app->setup_code, sizeof app->setup_code, "%s", secret_token(&app->mem, 8));
	printf("first start: open the page and enter the code %s\n", app->setup_code);
}

static sigset_t stop_signals(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	return stop;
}

void app_signals(void)
{
	sigset_t stop = stop_signals();

	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int app_serve(struct engine *e, const struct app_options *options)
{
	struct app app = { .engine = e };
	const char *error = NULL;
	sigset_t stop = stop_signals();
	int signal_number;

	arena_init(&app.mem, 0);

	struct server_options so = {
		.listen = options->listen, .tls_cert = options->tls_cert, .tls_key = options->tls_key,
		.trusted_proxy = options->trusted_proxy, .threads = options->threads,
		.temp = fmt(&app.mem, "%s/temp", engine_data(e)), .ptr = &app, .rule = rule,
		.handle = handle, .thread_done = thread_done, .log = log_request,
	};

	offer_setup(&app);
	app.server = server_start(&app.mem, &so, &error);
	if (!app.server) {
		fprintf(stderr, "loudou: cannot listen on %s: %s\n", options->listen, error);
		arena_done(&app.mem);
		return 1;
	}
	engine_listen(e, changed, &app);

	struct work streets = { .fn = region_ask, .mem = &app.mem };

	engine_wait(e, &streets);

	struct work imports = { .fn = import_recover_later, .mem = &app.mem };

	engine_wait(e, &imports);
	job_start(e);

	const char *colon = strrchr(options->listen, ':');

	printf("listening on %s://%.*s:%d\n", options->tls_cert ? "https" : "http",
	       (int)(colon - options->listen), options->listen, server_port(app.server));
	fflush(stdout);
	sigwait(&stop, &signal_number);
	job_stop(e);
	engine_listen(e, NULL, NULL);
	server_stop(app.server, 10000);
	arena_done(&app.mem);
	return 0;
}
