#include <pthread.h>

#include "api/api.h"
#include "base/date.h"
#include "base/number.h"
#include "base/secret.h"
#include "engine/change.h"
#include "engine/member.h"
#include "engine/scope.h"
#include "engine/setting.h"

/*
 * Sign-in, sessions, tokens.
 *
 * A session is a random text of which only the hash is stored.  Browsers carry
 * it in a cookie and prove each change with a second text that is derived from it
 * (CSRF), which only our own page can read; programs send it as a bearer token.  An unknown name costs the same time and gets the
 * same answer as a wrong password.
 */

enum {
	TRIES = 10,                     /* wrong passwords per name and per address … */
	WINDOW = 15 * 60 * 1000,        /* … in a quarter of an hour */
	BUCKETS = 4096,
	SEEN_EVERY = 10 * 60 * 1000,
};

/* Throttling: how often a name or an address failed lately. */
static struct {
	pthread_mutex_t lock;
	struct {
		uint64_t key;
		int64_t until;
		int failed;
	} bucket[BUCKETS];
} tries = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t bucket_key(const char *kind, const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *kind; kind++)
		h = (h ^ (unsigned char)*kind) * UINT64_C(1099511628211);
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

/* Counts a failure (or only looks); true if there were too many. */
static bool too_many(const char *kind, const char *s, int limit, bool count)
{
	uint64_t key = bucket_key(kind, s);
	int64_t now = date_ticks();

	pthread_mutex_lock(&tries.lock);

	size_t i = key % BUCKETS;

	if (tries.bucket[i].key != key || tries.bucket[i].until < now) {
		if (count || tries.bucket[i].until < now) {
			tries.bucket[i].key = key;
			tries.bucket[i].until = now + WINDOW;
			tries.bucket[i].failed = 0;
		}
	}

	bool same = tries.bucket[i].key == key;

	if (count && same)
		tries.bucket[i].failed++;

	bool result = same && tries.bucket[i].failed >= limit;

	pthread_mutex_unlock(&tries.lock);
	return result;
}

/* Finding the session of a request */

struct found {
	const char *hash;               /* of the token */
	int64_t id, member;
	int64_t expires_at, seen_at;
	int64_t trying;                 /* an administrator looks as this member; 0: no */
	bool read_only;
	bool browser;
};

static bool find_session(struct ctx *ctx, void *arg)
{
	struct found *f = arg;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT id, member, expires_at, seen_at, read_only, kind, trying FROM %s"
		" WHERE hash = $hash AND deleted_at IS NULL AND expires_at > $now",
		scope_table(ctx->mem, schema_object(ctx->schema, "session"))),
		(struct bind[]){ { "hash", v_text(f->hash) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		f->id = db_int(q, 0);
		f->member = db_int(q, 1);
		f->expires_at = db_int(q, 2);
		f->seen_at = db_int(q, 3);
		f->read_only = db_int(q, 4) != 0;
		f->browser = text_eq(db_text(q, 5), "browser");
		f->trying = db_int(q, 6);
	}
	db_done(q);
	return true;
}

static bool touch_session(struct ctx *ctx, void *arg)
{
	return ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET seen_at = $now WHERE id = $id",
	                         scope_table(ctx->mem, schema_object(ctx->schema, "session"))),
	                (struct bind[]){ { "id", v_int(*(int64_t *)arg) }, { 0 } }, NULL);
}

static const char *cookie_name(const struct request *r)
{
	return r->https ? "__Host-loudou" : "loudou";
}

static const char *csrf_of(struct arena *mem, const char *token)
{
	const char *text = fmt(mem, "csrf:%s", token);

	return secret_hash(mem, text, strlen(text));
}

/* A change sent by a browser must come from our own page. */
static bool same_origin(const struct call *call)
{
	const struct request *r = call->req;
	const char *site = request_header(r, "Sec-Fetch-Site");
	const char *origin = request_header(r, "Origin");
	const char *csrf = request_header(r, "X-CSRF-Token");

	if (site && !text_eq(site, "same-origin") && !text_eq(site, "none"))
		return false;
	if (origin) {
		const char *host = strstr(origin, "://");

		if (!host || !text_eq(host + 3, r->host))
			return false;
	}
	return csrf && secret_equal(csrf, call->csrf);
}

/*
 * An administrator who looks as another member is that member, except that nothing can be
 * changed and nothing leaves the house; who is no longer an administrator is just themselves.
 */
static const struct member *looking_as(struct call *call, const struct found *f, const struct member *me)
{
	const struct member *other = f->trying && me->admin
		? engine_member(app_engine(call->app), call->req->mem, f->trying) : NULL;

	if (other)
		call->tried_by = me;
	return other ? other : me;
}

static bool refused_while_looking(struct call *call, bool changes)
{
	const struct route *route = call->route;

	if (!call->tried_by || route->fn == session_delete || route->fn == session_try_end ||
	    (!changes && route->raw != exports_read))
		return false;
	call_refuse(call, ERR_DENIED, "您正以他人的身份查看，只能看，不能改动或导出；请先结束查看",
	            "You are looking as another member: nothing can be changed or exported until you stop");
	return true;
}

/* What the way somebody signed in does not allow; refused here. */
static bool refused_by_session(struct call *call, const struct found *f, const struct member *me, bool bearer, bool changes)
{
	const struct route *route = call->route;

	if (changes && f->browser == bearer) {
		call_refuse(call, ERR_DENIED, "令牌与用法不符", "This token cannot be used this way");
		return true;
	}
	if (changes && f->browser && !same_origin(call)) {
		call_refuse(call, ERR_DENIED, "请求来源无法确认，请刷新页面后重试",
		            "The origin of this request could not be confirmed; reload the page and try again");
		return true;
	}
	if (me->temporary && route->fn != session_show && route->fn != session_password && route->fn != session_delete) {
		call_refuse(call, ERR_DENIED, "您用的是临时密码，请先改成自己的密码",
		            "Your password is temporary: change it first, then everything else is open to you");
		return true;
	}
	if (f->read_only && changes && !text_eq(call->req->path, "/api/session")) {
		call_refuse(call, ERR_DENIED, "此令牌只读", "This token is read only");
		return true;
	}
	return false;
}

bool session_resolve(struct call *call)
{
	struct request *r = call->req;
	struct found f = { 0 };
	const char *bearer = request_header(r, "Authorization");
	const char *token = bearer && text_starts(bearer, "Bearer ") ? bearer + 7
		: request_cookie(r, cookie_name(r));
	struct engine *e = app_engine(call->app);
	bool changes = !text_eq(r->method, "GET") && !text_eq(r->method, "HEAD");

	if (call->route->flags & ROUTE_PUBLIC)
		return true;
	if (token && strlen(token) <= 128) {
		f.hash = secret_hash(r->mem, token, strlen(token));

		struct work w = { .fn = find_session, .arg = &f, .mem = r->mem };

		if (!engine_read(e, &w)) {
			call_finish(call, &w);
			return false;
		}
	}
	if (f.id && f.browser)
		call->csrf = csrf_of(r->mem, token);

	const struct member *me = f.id ? engine_member(e, r->mem, f.member) : NULL;

	if (!me) {
		call_refuse(call, ERR_LOGIN, "请先登录", "Please sign in");
		return false;
	}
	if (refused_by_session(call, &f, me, bearer, changes))
		return false;
	me = looking_as(call, &f, me);
	if (refused_while_looking(call, changes))
		return false;

	struct member *mine = arena_alloc(r->mem, sizeof *mine);

	*mine = *me;
	mine->read_only = f.read_only || call->tried_by;
	call->me = mine;
	call->session = f.id;
	call->language = me->language;
	if (date_now() - f.seen_at > SEEN_EVERY) {
		struct work w = { .fn = touch_session, .arg = &f.id, .mem = r->mem };

		engine_wait(e, &w);
	}
	return true;
}

/* Signing in */

struct sign_in {
	const char *name, *password;
	int64_t member;                 /* found, 0: nobody */
	const char *hash;               /* of the password */
	bool token, read_only;
	const char *label;
	int64_t days;
	const char *secret;             /* the new token */
	const char *agent;
};

static bool find_password(struct ctx *ctx, void *arg)
{
	struct sign_in *s = arg;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT id, password FROM %s WHERE name = $name AND active = 1 AND deleted_at IS NULL",
		scope_table(ctx->mem, schema_object(ctx->schema, "member"))),
		(struct bind[]){ { "name", v_text(s->name) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		s->member = db_int(q, 0);
		s->hash = arena_dup(ctx->mem, db_text(q, 1));
	}
	db_done(q);
	return true;
}

static bool store_session(struct ctx *ctx, void *arg)
{
	struct sign_in *s = arg;
	int64_t days = s->days ? s->days : setting_int(ctx, "session_days");

	return ctx_exec(ctx, fmt(ctx->mem,
		"INSERT INTO %s (version, created_at, changed_at, created_by, changed_by, member, kind,"
		" label, expires_at, seen_at, read_only, agent, hash)"
		" VALUES (1, $now, $now, $member, $member, $member, $kind, $label, $expires, $now, $read_only,"
		" $agent, $hash)", scope_table(ctx->mem, schema_object(ctx->schema, "session"))),
		(struct bind[]){
			{ "member", v_int(s->member) }, { "kind", v_text(s->token ? "token" : "browser") },
			{ "label", v_text(s->label) }, { "expires", v_int(ctx->now + days * INT64_C(86400000)) },
			{ "read_only", v_int(s->read_only) }, { "agent", v_text(s->agent) },
			{ "hash", v_text(secret_hash(ctx->mem, s->secret, strlen(s->secret))) }, { 0 } }, NULL);
}

static void write_member(struct json_writer *w, const struct member *m)
{
	jw_object(w);
	jw_key(w, "id");
	jw_id(w, m->id);
	jw_key(w, "name");
	jw_text(w, m->name);
	jw_key(w, "label");
	jw_text(w, m->label);
	jw_key(w, "team");
	if (m->team)
		jw_id(w, m->team);
	else
		jw_null(w);
	jw_key(w, "roles");
	jw_array(w);
	for (const char **r = m->roles; *r; r++)
		jw_text(w, *r);
	jw_array_end(w);
	jw_key(w, "language");
	jw_text(w, m->language);
	jw_object_end(w);
}

static void write_duty(struct json_writer *w, const struct member *m)
{
	if (!m->temporary)
		return;
	jw_key(w, "must_change_password");
	jw_bool(w, true);
}

static void set_cookie(struct call *call, const char *value, int64_t seconds)
{
	answer_header(&call->answer, "Set-Cookie",
	              fmt(call->req->mem, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%" PRId64 "%s",
	                  cookie_name(call->req), value, seconds, call->req->https ? "; Secure" : ""));
}

/* Makes the session and answers with it. */
static void open_session(struct call *call, struct sign_in *s)
{
	struct request *r = call->req;
	struct engine *e = app_engine(call->app);
	struct work w = { .fn = store_session, .arg = s, .mem = r->mem };
	const struct member *me = engine_member(e, r->mem, s->member);

	s->secret = secret_token(r->mem, 32);
	s->agent = request_header(r, "User-Agent");
	if (s->agent)
		s->agent = utf8_cut(r->mem, s->agent, 200);
	if (!me || !engine_wait(e, &w)) {
		call_finish(call, &w);
		return;
	}
	jw_object(&call->w);
	jw_key(&call->w, "member");
	write_member(&call->w, me);
	jw_key(&call->w, "csrf");
	jw_text(&call->w, csrf_of(r->mem, s->secret));
	write_duty(&call->w, me);
	if (s->token) {
		jw_key(&call->w, "token");
		jw_text(&call->w, s->secret);
	} else {
		set_cookie(call, s->secret, 400 * 86400);
	}
	jw_object_end(&call->w);
	call_answer(call);
}

void session_create(struct call *call)
{
	struct request *r = call->req;
	struct sign_in s = {
		.name = json_text(call->body, "name", NULL),
		.password = json_text(call->body, "password", NULL),
		.token = json_bool(call->body, "token", false),
		.read_only = json_bool(call->body, "read_only", false),
		.label = json_text(call->body, "label", NULL),
		.days = json_int(call->body, "days", 0),
	};
	struct work w = { .fn = find_password, .arg = &s, .mem = r->mem };

	if (!s.name || !s.password || strlen(s.password) > 1000 || s.days < 0 || s.days > 3650) {
		call_refuse(call, ERR_INVALID, "请填写登录名和密码", "Please give name and password");
		return;
	}
	if (too_many("name", s.name, TRIES, false) || too_many("peer", r->peer, 3 * TRIES, false)) {
		call_refuse(call, ERR_THROTTLED, "尝试次数过多，请 15 分钟后再试",
		            "Too many tries; please wait 15 minutes");
		return;
	}
	if (!engine_read(app_engine(call->app), &w)) {
		call_finish(call, &w);
		return;
	}
	if (!secret_password_ok(s.member ? s.hash : NULL, s.password)) {
		too_many("name", s.name, TRIES, true);
		too_many("peer", r->peer, 3 * TRIES, true);
		call_refuse(call, ERR_LOGIN, "登录名或密码不正确", "Name or password is wrong");
		return;
	}
	open_session(call, &s);
}

bool session_show(struct ctx *ctx, struct call *call)
{
	jw_object(&call->w);
	jw_key(&call->w, "member");
	write_member(&call->w, ctx->me);
	jw_key(&call->w, "csrf");
	jw_text(&call->w, call->csrf);
	if (call->tried_by) {
		jw_key(&call->w, "tried_by");
		write_member(&call->w, call->tried_by);
	} else {
		write_duty(&call->w, ctx->me);
	}
	jw_object_end(&call->w);
	return true;
}

/* Looking as another member */

static bool set_trying(struct ctx *ctx, const struct call *call, struct value member)
{
	return ctx_exec(ctx, fmt(ctx->mem, "UPDATE %s SET trying = $member WHERE id = $id",
	                         scope_table(ctx->mem, schema_object(ctx->schema, "session"))),
	                (struct bind[]){ { "member", member }, { "id", v_int(call->session) }, { 0 } }, NULL);
}

bool session_try(struct ctx *ctx, struct call *call)
{
	const char *text = json_text(call->body, "member", "");
	struct member other;
	bool found = false;
	int64_t id;

	if (!ctx->me->admin)
		return fail(ctx, ERR_DENIED, NULL, "只有管理员可以以他人的身份查看",
		            "Only an administrator looks as another member");
	if (int_parse(text, &id) && id != ctx->me->id && !member_load(ctx, id, &other, &found))
		return false;
	if (!found)
		return fail(ctx, ERR_INVALID, "member", "请选择一位在用的其他成员", "Choose another member who is active");
	call->answer.status = 204;
	return set_trying(ctx, call, v_int(id)) && change_try(ctx, id, true);
}

bool session_try_end(struct ctx *ctx, struct call *call)
{
	call->answer.status = 204;
	if (!call->tried_by)
		return true;
	ctx->actor = call->tried_by->id;
	return set_trying(ctx, call, v_null()) && change_try(ctx, ctx->me->id, false);
}

bool session_delete(struct ctx *ctx, struct call *call)
{
	call->answer.status = 204;
	set_cookie(call, "", 0);
	return ctx_exec(ctx, fmt(ctx->mem, "DELETE FROM %s WHERE id = $id",
	                         scope_table(ctx->mem, schema_object(ctx->schema, "session"))),
	                (struct bind[]){ { "id", v_int(call->session) }, { 0 } }, NULL);
}

bool session_password(struct ctx *ctx, struct call *call)
{
	const char *old = json_text(call->body, "old", "");
	const char *new = json_text(call->body, "new", "");
	struct sign_in s = { .name = ctx->me->name };

	if (!find_password(ctx, &s))
		return false;
	if (!secret_password_ok(s.hash, old))
		return fail(ctx, ERR_INVALID, "old", "原密码不正确", "The old password is wrong");
	if (text_eq(old, new))
		return fail(ctx, ERR_INVALID, "new", "新密码要与原密码不同", "The new password must differ from the old one");
	call->answer.status = 204;
	set_cookie(call, "", 0);
	return member_set_password(ctx, ctx->me->id, new, false);
}

/* The first administrator */

bool session_needs_setup(struct ctx *ctx, struct call *call)
{
	(void)ctx;
	jw_object(&call->w);
	jw_key(&call->w, "needed");
	jw_bool(&call->w, app_setup_code(call->app) != NULL);
	jw_object_end(&call->w);
	return true;
}

struct first {
	const struct json *body;
	int64_t id;
};

static bool make_first(struct ctx *ctx, void *arg)
{
	struct first *f = arg;
	const char *company = json_text(f->body, "company", NULL);
	struct list all = { .object = schema_object(ctx->schema, "member") };
	int64_t n;
	int64_t role;

	if (!query_count(ctx, &all, &n))
		return false;
	if (n > 0)
		return fail(ctx, ERR_DENIED, NULL, "已经有管理员了", "There is an administrator already");
	if (!record_need(ctx, "role", "name=eq.admin", &role) ||
	    !record_create(ctx, "member", (struct cell[]){
	            { "name", v_text(json_text(f->body, "name", NULL)) },
	            { "label", v_text(json_text(f->body, "label", json_text(f->body, "name", NULL))) },
	            { "roles", v_text(fmt(ctx->mem, ",%" PRId64 ",", role)) },
	            { "language", v_text(json_text(f->body, "language", "zh")) },
	            { "active", v_int(1) }, { 0 } }, &f->id))
		return false;
	if (company && !setting_set(ctx, "company_name", company))
		return false;
	return member_set_password(ctx, f->id, json_text(f->body, "password", ""), false);
}

void session_setup(struct call *call)
{
	const char *code = app_setup_code(call->app);
	struct first f = { .body = call->body };
	struct work w = { .fn = make_first, .arg = &f, .mem = call->req->mem };

	if (too_many("setup", call->req->peer, TRIES, false) || !code ||
	    !secret_equal(code, json_text(call->body, "code", ""))) {
		too_many("setup", call->req->peer, TRIES, true);
		call_refuse(call, ERR_DENIED, "初始化码不正确；它显示在服务器的终端里",
		            "The code is wrong; it is shown in the server's terminal");
		return;
	}
	if (!engine_wait(app_engine(call->app), &w)) {
		call_finish(call, &w);
		return;
	}
	app_setup_done(call->app);
	open_session(call, &(struct sign_in){ .member = f.id });
}
