/*
 * api: translating HTTP to engine calls, and errors to answers.
 *
 * A route is a row of the table in app.c: method, pattern, handler, what it
 * needs.  A handler gets a context – signed-in member, open transaction – and
 * writes JSON into call->w; it returns true, or fail().  It may be run again,
 * so it starts from nothing.
 */
#ifndef API_API_H
#define API_API_H

#include "base/json.h"
#include "engine/engine.h"
#include "http/route.h"
#include "http/server.h"

struct app;

struct call {
	struct app *app;
	struct request *req;
	const struct route *route;
	struct route_match match;
	const struct member *me;        /* NULL on public routes before sign-in */
	const struct member *tried_by;  /* the administrator who looks as `me`; NULL */
	const char *csrf;               /* what a browser must send with changes */
	int64_t session;                /* id of the session record, 0 if none */
	const struct json *body;        /* parsed, NULL if none */
	struct text out;
	struct json_writer w;
	struct answer answer;           /* status and headers the handler sets; body comes from out */
	int refuse_status;              /* another status than the kind's; 0: that */
	const char *current;            /* conflict: the present state, JSON */
	const char *duplicates;         /* conflict: doubles, JSON */
	const char *policy;             /* Content-Security-Policy other than that of pages; NULL */
	const char *key_hash;           /* Idempotency-Key: hash of the request */
	bool unkept;                    /* an action that is not remembered by its key */
	const char *language;           /* "zh" or "en" */
	struct work work;
};

typedef bool call_fn(struct ctx *ctx, struct call *call);
/* For what is not one transaction: answers by itself through call_answer or call_refuse. */
typedef void raw_fn(struct call *call);

enum route_flags {
	ROUTE_PUBLIC = 1,               /* nobody need be signed in */
	ROUTE_WRITE = 2,                /* runs in the write lane */
	ROUTE_SLOW = 4,                 /* runs on the slow threads: reports, files, passwords */
	ROUTE_TO_FILE = 8,              /* the body is a file */
};

struct route {
	struct route_pattern at;        /* first, for route_find */
	call_fn *fn;
	raw_fn *raw;                    /* instead of fn */
	unsigned flags;
	size_t limit;                   /* bytes of body, 0: 1 MB */
};

struct app_options {
	const char *listen, *tls_cert, *tls_key, *trusted_proxy;
	int threads;
};

/*
 * Signals that stop the server wait for app_serve.  Before any thread starts: a thread without
 * this would take them, and the process would end instead of draining.
 */
void app_signals(void);

/* Serves until SIGTERM or SIGINT; prints "listening on …" when ready.  Exit code. */
int app_serve(struct engine *e, const struct app_options *options);

struct engine *app_engine(struct app *app);
struct server *app_server(struct app *app);
/* The one-time code for the first administrator; NULL once there is a member. */
const char *app_setup_code(struct app *app);
void app_setup_done(struct app *app);

/* Sends what is in call->out with call->answer. */
void call_answer(struct call *call);
/* Writes errors as the answer, without sending it. */
void call_error(struct call *call, enum error_kind kind, const struct error *errors);
/* Sends an error; message in the caller's language. */
void call_refuse(struct call *call, enum error_kind kind, const char *zh, const char *en);
/* Sends what a finished piece of work says. */
void call_finish(struct call *call, struct work *w);

/* Sets route and match by method and path of the request. */
enum route_result call_find(struct call *call);
/* A path parameter or query parameter; NULL if absent. */
const char *call_path(const struct call *call, const char *name);
const char *call_param(const struct call *call, const char *name);

/* The object and record the path names; fails if there is none the caller may know of. */
bool call_object(struct ctx *ctx, const struct call *call, const struct object **ret);
bool call_record(struct ctx *ctx, const struct call *call, const struct object **ret,
                 int64_t *ret_id);

/* Query text without the parameters that are not the query's. */
const char *call_query(struct call *call);

/* session.c: who sends this request?  False if it was refused (and answered). */
bool session_resolve(struct call *call);

/* assets.c: the web bundle.  True if the path was served. */
bool assets_serve(struct call *call);
/* Does the client take this content coding? */
bool assets_accepts(const struct request *r, const char *coding);

/* Handlers, by file. */
raw_fn session_create, session_setup;
call_fn session_show, session_delete, session_password, session_needs_setup, session_try, session_try_end;
call_fn records_list, records_create, records_read, records_update, records_delete,
	records_restore, records_merge, records_bulk, records_share, records_shares, records_unshare, records_check,
	records_summary, records_timeline, records_action, records_search, records_password;
call_fn access_roles, access_member;
call_fn meta_show, meta_report, meta_check, settings_show, openapi_show, health_show;
call_fn presence_note;
call_fn many_read;
call_fn numbers_report, numbers_metric;
raw_fn changes_read, files_create, files_read, imports_create, imports_errors, imports_template,
	exports_read;
call_fn imports_change, imports_read, imports_preview, imports_run, imports_cancel, imports_undo;

#endif
