#include "api/api.h"

#include "http/wire.h"

enum { MOST = 20 };                     /* they run where lists do, and together take no longer than a heavy one */

/* Slow ones are asked for by themselves: the others would wait for them. So are the declarations, which come packed. */
static bool may_stand_here(const struct route *route)
{
	return route->fn && route->fn != many_read && route->fn != meta_show && !(route->flags & (ROUTE_SLOW | ROUTE_PUBLIC | ROUTE_WRITE));
}

static bool answer_one(struct ctx *ctx, struct call *one, const char *wanted)
{
	size_t length = strcspn(wanted, "?");

	one->req->method = "GET";
	one->req->path = wire_path(ctx->mem, fmt(ctx->mem, "/api/%.*s", (int)length, wanted), length + strlen("/api/"));
	one->req->query = wanted[length] ? wanted + length + 1 : "";
	if (!one->req->path || call_find(one) != ROUTE_FOUND || !may_stand_here(one->route))
		return fail(ctx, ERR_MISSING, "get", "“%s”不能与其他读取一起", "\"%s\" cannot be read together with others", wanted);
	return one->route->fn(ctx, one);
}

/* An answer as it would have come alone.  False: the connection to the store failed, for all. */
static bool write_one(struct ctx *ctx, struct call *call, const char *wanted)
{
	struct request r = *call->req;
	struct call one = {
		.app = call->app, .req = &r, .me = call->me, .tried_by = call->tried_by, .csrf = call->csrf,
		.session = call->session, .language = call->language,
	};
	struct json_writer *w = &call->w;

	text_init(&one.out, ctx->mem);
	jw_init(&one.w, &one.out);
	if (!answer_one(ctx, &one, wanted)) {
		if (ctx->kind == ERR_BUSY || ctx->kind == ERR_INTERNAL)
			return false;
		call_error(&one, ctx->kind, ctx->errors);
		ctx_forget(ctx);
	}
	jw_object(w);
	jw_key(w, "status");
	jw_int(w, one.answer.status ? one.answer.status : 200);
	jw_key(w, "body");
	jw_raw(w, one.out.len ? one.out.s : "null");
	jw_object_end(w);
	return true;
}

bool many_read(struct ctx *ctx, struct call *call)
{
	char **parts;
	size_t n = text_split(ctx->mem, call->req->query, '&', &parts);
	size_t asked = 0;

	jw_object(&call->w);
	jw_key(&call->w, "answers");
	jw_array(&call->w);
	for (size_t i = 0; i < n; i++) {
		const char *wanted = wire_param(ctx->mem, parts[i], "get");

		if (!wanted)
			continue;
		if (++asked > MOST)
			return fail(ctx, ERR_INVALID, "get", "一次最多读取 %d 项", "At most %d are read at once", MOST);
		if (!write_one(ctx, call, wanted))
			return false;
	}
	jw_array_end(&call->w);
	jw_object_end(&call->w);
	return asked || fail(ctx, ERR_INVALID, "get", "请说明要读取什么：get=路径", "Say what to read: get=PATH");
}
