#include "api/api.h"

#include <stdlib.h>

#include "base/number.h"
#include "engine/change.h"
#include "engine/member.h"
#include "engine/scope.h"
#include "engine/search.h"
#include "engine/system.h"

/* The version a change is made on: If-Match: "3", or 0. */
static int64_t if_match(const struct call *call)
{
	const char *s = request_header(call->req, "If-Match");
	int64_t version = 0;

	if (!s)
		return 0;
	if (text_starts(s, "W/"))
		s += 2;
	if (*s == '"' && strlen(s) >= 2)
		s = arena_dupn(call->req->mem, s + 1, strlen(s) - 2);
	return int_parse(s, &version) ? version : 0;
}

/* Answers with the record as it stands now. */
static bool show(struct ctx *ctx, struct call *call, const struct object *o, int64_t id)
{
	text_clear(&call->out);
	jw_init(&call->w, &call->out);
	return query_record(ctx, o, id, SCOPE_ALIVE, &call->w);
}

/* What somebody changed meanwhile is told as it is now; a double, what it is like. */
static bool conflict(struct ctx *ctx, struct call *call, const struct object *o, int64_t id)
{
	struct error *errors = ctx->errors;
	enum error_kind kind = ctx->kind;
	struct text out;
	struct json_writer w;

	if (kind != ERR_CONFLICT)
		return false;
	text_init(&out, ctx->mem);
	jw_init(&w, &out);
	ctx_forget(ctx);
	if (ctx->duplicates) {
		record_write_duplicates(ctx, ctx->duplicates, &w);
		call->duplicates = out.s;
	} else if (id && ctx->stale && query_record(ctx, o, id, SCOPE_ALIVE, &w)) {
		call->current = out.s;
	}
	ctx->errors = errors;
	ctx->kind = kind;
	return false;
}

bool records_list(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	struct list l;

	if (!call_object(ctx, call, &o) || !query_parse(ctx, o, call_query(call), &l))
		return false;
	return query_list(ctx, &l, &call->w);
}

bool records_summary(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	struct list l;

	return call_object(ctx, call, &o) && query_parse(ctx, o, call_query(call), &l) &&
	       query_summary(ctx, &l, &call->w);
}

/* The password of a new member comes along in the body, with whether it is temporary; they are no fields. */
static const struct json *without_password(struct ctx *ctx, const struct object *o,
                                           const struct json *body, const char **ret_password)
{
	*ret_password = text_eq(o->name, "member") ? json_text(body, "password", NULL) : NULL;
	if (!*ret_password)
		return body;

	struct json *copy = arena_alloc(ctx->mem, sizeof *copy);
	struct json **end = &copy->first;

	*copy = *body;
	for (const struct json *j = body->first; j; j = j->next) {
		struct json *child = arena_alloc(ctx->mem, sizeof *child);

		if (text_eq(j->key, "password") || text_eq(j->key, "temporary_password"))
			continue;
		*child = *j;
		child->next = NULL;
		*end = child;
		end = &child->next;
	}
	*end = NULL;
	return copy;
}

bool records_create(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	const char *password = NULL;
	int64_t id = 0;

	if (!call_object(ctx, call, &o))
		return false;

	const struct json *body = without_password(ctx, o, call->body, &password);

	if (!record_create_json(ctx, o, body, &id))
		return conflict(ctx, call, o, 0);
	if (password &&
	    !member_set_password(ctx, id, password, json_bool(call->body, "temporary_password", false)))
		return false;
	call->answer.status = 201;
	answer_header(&call->answer, "Location", fmt(ctx->mem, "/api/%s/%" PRId64, o->name, id));
	return show(ctx, call, schema_object(ctx->schema, o->name), id);
}

bool records_read(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	const char *version;
	int64_t id;

	if (!call_record(ctx, call, &o, &id) || !show(ctx, call, o, id))
		return false;
	/* The version stands near the start of the record. */
	version = strstr(call->out.s, "\"version\":");
	if (version)
		answer_header(&call->answer, "ETag",
		              fmt(ctx->mem, "\"%" PRId64 "\"", (int64_t)strtoll(version + 10, NULL, 10)));
	return true;
}

bool records_update(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t id;

	if (!call_record(ctx, call, &o, &id))
		return false;
	if (!record_update_json(ctx, o, id, if_match(call), call->body))
		return conflict(ctx, call, o, id);
	/* A record given away may be out of sight now. */
	if (show(ctx, call, o, id))
		return true;
	if (ctx->kind != ERR_MISSING)
		return false;
	ctx_forget(ctx);
	call->answer.status = 204;
	return true;
}

bool records_delete(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t id;

	if (!call_record(ctx, call, &o, &id))
		return false;
	if (!record_delete(ctx, o->name, id, if_match(call)))
		return conflict(ctx, call, o, id);
	call->answer.status = 204;
	return true;
}

bool records_restore(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t id;

	return call_record(ctx, call, &o, &id) && record_restore(ctx, o->name, id) &&
	       show(ctx, call, o, id);
}

static bool read_ids(struct ctx *ctx, const struct json *list, int64_t **ret, size_t *ret_n)
{
	int64_t *ids = arena_array(ctx->mem, list ? list->len : 0, sizeof *ids);
	size_t n = 0;

	for (const struct json *j = list ? list->first : NULL; j; j = j->next)
		if (j->kind != JSON_TEXT || !int_parse(j->text, &ids[n++]))
			return fail(ctx, ERR_INVALID, "from", "编号不正确", "This is not an id");
	*ret = ids;
	*ret_n = n;
	return true;
}

bool records_merge(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t *from;
	int64_t id;
	size_t n = 0;

	if (!call_record(ctx, call, &o, &id) ||
	    !read_ids(ctx, json_get(call->body, "from"), &from, &n))
		return false;
	if (n == 0 || n > 20)
		return fail(ctx, ERR_INVALID, "from", "请选择 1 到 20 条要并入的记录",
		            "Choose 1 to 20 records to merge into this one");
	return record_merge(ctx, o, id, from, n) && show(ctx, call, o, id);
}

bool records_bulk(struct ctx *ctx, struct call *call)
{
	const struct object *o;

	return call_object(ctx, call, &o) && record_bulk(ctx, o, call->body, &call->w);
}

bool records_check(struct ctx *ctx, struct call *call)
{
	const struct object *o;

	return call_object(ctx, call, &o) && record_check_json(ctx, o, call->body, &call->w);
}

/* The id of whom a record is shared with; 0 if the body does not name one. */
static int64_t shared_with(const struct call *call, const char *key)
{
	const char *s = json_text(call->body, key, NULL);
	int64_t id;

	return s && int_parse(s, &id) ? id : 0;
}

bool records_share(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t share;
	int64_t id;

	if (!call_record(ctx, call, &o, &id) ||
	    !record_share(ctx, o, id, shared_with(call, "member"), shared_with(call, "team"),
	                  json_bool(call->body, "write", false), json_text(call->body, "until", NULL), &share))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = query_record(ctx, schema_object(ctx->schema, "share"), share, SCOPE_ALIVE, &call->w);

	ctx_as(ctx, me);
	call->answer.status = 201;
	return ok;
}

bool records_shares(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t id;

	return call_record(ctx, call, &o, &id) && record_shares(ctx, o, id, &call->w);
}

bool records_unshare(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t share = 0;
	int64_t id;

	call->answer.status = 204;
	return call_record(ctx, call, &o, &id) &&
	       record_unshare(ctx, o, id, int_parse(call_path(call, "share"), &share) ? share : 0);
}

static int64_t limit_of(struct call *call, int64_t otherwise, int64_t most)
{
	const char *s = call_param(call, "limit");
	int64_t n;

	return s && int_parse(s, &n) && n > 0 && n <= most ? n : otherwise;
}

bool records_timeline(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	int64_t id;

	return call_record(ctx, call, &o, &id) &&
	       change_timeline(ctx, o, id, call_param(call, "after"), limit_of(call, 30, 200), &call->w);
}

bool records_search(struct ctx *ctx, struct call *call)
{
	const char *words = call_param(call, "q");

	if (!words || strlen(words) > 200)
		return fail(ctx, ERR_INVALID, "q", "请输入要找的内容（最多 200 字节）", "Give what to search for (at most 200 bytes)");
	return search_write(ctx, words, call_param(call, "object"), limit_of(call, 20, 100), &call->w);
}

bool records_password(struct ctx *ctx, struct call *call)
{
	int64_t id;

	if (!ctx->me->admin)
		return fail(ctx, ERR_DENIED, NULL, "只有管理员可以设置他人的密码", "Only an administrator sets others' passwords");
	if (!int_parse(call_path(call, "id"), &id))
		return fail(ctx, ERR_MISSING, NULL, "没有这个成员", "There is no such member");
	call->answer.status = 204;
	return member_set_password(ctx, id, json_text(call->body, "new", ""),
	                           json_bool(call->body, "temporary", false));
}

/* Actions */

static const struct action_impl *find_in(const struct module *m, const char *object,
                                         const char *name)
{
	for (const struct action_impl *a = m->actions; a && a->object; a++)
		if (text_eq(a->object, object) && text_eq(a->action, name))
			return a;
	return NULL;
}

static const struct action_impl *find_action(const char *object, const char *name)
{
	const struct action_impl *found = find_in(&system_module, object, name);

	for (const struct module *const *m = modules; !found && *m; m++)
		found = find_in(*m, object, name);
	return found;
}

/* Reads declared parameters, or their defaults; unknown ones are refused, all errors told. */
static bool read_params(struct ctx *ctx, const struct action *a, const struct json *body,
                        struct value **ret)
{
	struct value *values = arena_array(ctx->mem, a->n_params, sizeof *values);
	bool ok = true;

	for (size_t i = 0; i < a->n_params; i++) {
		const struct field *f = &a->params[i];
		const struct json *j = json_get(body, f->name);

		if (j ? !types[f->type].read(ctx, f, j, &values[i])
		      : f->initial && !record_initial(ctx, f, &values[i]))
			ok = false;
		else if (f->required && values[i].kind == V_NULL)
			ok = fail(ctx, ERR_INVALID, f->name, "请填写%s", "%s is required",
			          label_in(f->label, ctx->me->language));
	}
	for (const struct json *j = body ? body->first : NULL; j; j = j->next) {
		bool known = text_eq(j->key, "version");

		for (size_t i = 0; i < a->n_params; i++)
			known |= text_eq(a->params[i].name, j->key);
		if (!known)
			ok = fail(ctx, ERR_INVALID, j->key, "没有参数“%s”", "There is no parameter \"%s\"", j->key);
	}
	*ret = values;
	return ok;
}

bool records_action(struct ctx *ctx, struct call *call)
{
	const struct object *o;
	const char *name = call_path(call, "action");
	struct value *params;
	int64_t id;
	bool may;

	if (!call_record(ctx, call, &o, &id))
		return false;

	const struct action *a = object_action(o, name);
	const struct action_impl *impl = find_action(o->name, name);

	if (!a || !impl)
		return fail(ctx, ERR_MISSING, NULL, "没有这个操作", "There is no such action");
	if (!scope_row(ctx, o, id, a->needs, &may))
		return false;
	if (!may || !ctx_in_roles(ctx, &a->roles))
		return record_refused(ctx, o, id);
	if (!read_params(ctx, a, call->body, &params))
		return false;

	struct action_call ac = {
		.object = o, .action = a, .id = id, .params = params, .out = &call->w,
	};

	if (!impl->fn(ctx, &ac))
		return conflict(ctx, call, o, id);
	call->unkept = ac.unkept;
	if (ac.answered || show(ctx, call, o, id))
		return true;
	/* The action may have moved the record out of the caller's sight. */
	if (ctx->kind != ERR_MISSING)
		return false;
	ctx_forget(ctx);
	call->answer.status = 204;
	return true;
}
