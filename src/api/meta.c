#include "api/api.h"

#include <zlib.h>

#include "base/number.h"
#include "base/secret.h"
#include "base/version.h"
#include "engine/meta.h"
#include "engine/setting.h"

/*
 * Packs the answer.  Only this one: it is the largest a phone waits for, and holds nothing
 * a stranger could have put beside a secret to learn it from the length.
 */
static bool pack(struct ctx *ctx, struct call *call)
{
	enum { GZIP = 15 + 16, LEVEL = 5, MEMORY = 8 };
	z_stream z = { .next_in = (Bytef *)call->out.s, .avail_in = (uInt)call->out.len };

	if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return fail(ctx, ERR_INTERNAL, NULL, "内部错误", "Internal error");

	uLong most = deflateBound(&z, (uLong)call->out.len);
	char *packed = arena_alloc(ctx->mem, most);

	z.next_out = (Bytef *)packed;
	z.avail_out = (uInt)most;
	deflate(&z, Z_FINISH);
	text_clear(&call->out);
	text_addn(&call->out, packed, (size_t)z.total_out);
	deflateEnd(&z);
	answer_header(&call->answer, "Content-Encoding", "gzip");
	return true;
}

/* `?language=`: half of what is sent are texts, and a page needs those of one language. */
static bool use_language(struct ctx *ctx, struct call *call)
{
	const char *language = call_param(call, "language");

	if (language && !text_eq(language, "zh") && !text_eq(language, "en"))
		return fail(ctx, ERR_INVALID, "language", "语言只能是 zh 或 en；不写则两种都给",
		            "The language is zh or en; left out, both are given");
	call->w.language = language;
	return true;
}

bool meta_show(struct ctx *ctx, struct call *call)
{
	const char *known = request_header(call->req, "If-None-Match");

	if (!use_language(ctx, call))
		return false;
	meta_write(ctx, &call->w);

	const char *hash = secret_hash(ctx->mem, call->out.s, call->out.len);
	bool packed = assets_accepts(call->req, "gzip");
	const char *etag = fmt(ctx->mem, "\"%.32s%s\"", hash, packed ? "-gzip" : "");

	answer_header(&call->answer, "ETag", etag);
	answer_header(&call->answer, "Vary", "Accept-Encoding");
	if (known && text_eq(known, etag)) {
		text_clear(&call->out);
		call->answer.status = 304;
		return true;
	}
	return !packed || pack(ctx, call);
}

bool meta_report(struct ctx *ctx, struct call *call)
{
	return use_language(ctx, call) && meta_write_report(ctx, call_path(call, "name"), &call->w);
}

/* Checks a declaration as if it were added, and changes nothing. */
bool meta_check(struct ctx *ctx, struct call *call)
{
	struct json_writer *w = &call->w;
	const char *body = json_text(call->body, "body", NULL);
	struct complaint *complaints = NULL;
	int64_t instead = 0;

	if (!ctx->me->admin)
		return fail(ctx, ERR_DENIED, NULL, "只有管理员可以修改声明", "Only an administrator changes declarations");
	if (!body)
		return fail(ctx, ERR_INVALID, "body", "请给出声明", "Give the declaration");
	int_parse(json_text(call->body, "instead", ""), &instead);
	if (!engine_check(ctx, body, instead, &complaints) && !complaints)
		return false;
	jw_object(w);
	jw_key(w, "errors");
	jw_array(w);
	for (; complaints; complaints = complaints->next) {
		jw_object(w);
		jw_key(w, "position");
		jw_text(w, complaints->where);
		jw_key(w, "message");
		jw_text(w, say(ctx, complaints->message_zh ? complaints->message_zh : complaints->message,
		               complaints->message));
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_object_end(w);
	return true;
}

bool settings_show(struct ctx *ctx, struct call *call)
{
	return setting_write(ctx, &call->w);
}

bool health_show(struct ctx *ctx, struct call *call)
{
	jw_object(&call->w);
	jw_key(&call->w, "status");
	jw_text(&call->w, "ok");
	jw_key(&call->w, "version");
	jw_text(&call->w, LOUDOU_VERSION);
	jw_key(&call->w, "database");
	jw_text(&call->w, db_kind(ctx->db) == DB_SQLITE ? "sqlite" : "postgresql");
	jw_object_end(&call->w);
	return true;
}
