#include "api/api.h"

#include <stdlib.h>

#include "base/number.h"
#include "engine/change.h"

/*
 * Server-sent events: the change feed, as this member may see it at the moment
 * each event is sent.  A sleeping stream is woken by every commit.
 */

struct stream {
	struct app *app;
	struct arena mem;               /* of one batch, reset for the next */
	int64_t member, after;
	struct text out;
	size_t sent;
};

static bool next_batch(struct ctx *ctx, void *arg)
{
	struct stream *s = arg;
	struct json_error error;
	struct json_writer w;
	struct text json;

	text_init(&json, ctx->mem);
	jw_init(&w, &json);
	if (!change_list(ctx, s->after, 200, &w))
		return false;

	const struct json *list = json_parse(ctx->mem, json.s, json.len, &error);
	const struct json *rows = json_get(list, "rows");

	for (const struct json *row = rows->first; row; row = row->next) {
		text_addf(&s->out, "id: %" PRId64 "\ndata: ", json_int(row, "seq", 0));
		jw_init(&w, &s->out);
		jw_json(&w, row);
		text_add(&s->out, "\n\n");
	}
	s->after = json_int(list, "last", s->after);
	return true;
}

static int64_t pull(void *ptr, char *out, size_t n)
{
	struct stream *s = ptr;

	if (s->sent == s->out.len) {
		struct engine *e = app_engine(s->app);

		arena_reset(&s->mem);
		text_init(&s->out, &s->mem);
		s->sent = 0;

		/* Read anew each time: whoever lost a right, or their account, hears nothing more. */
		const struct member *me = engine_member(e, &s->mem, s->member);
		struct work w = { .fn = next_batch, .arg = s, .mem = &s->mem, .me = me };
		int64_t before = s->after;

		if (!me)
			return -1;
		if (!engine_read(e, &w))
			return -1;
		if (s->out.len == 0)
			return s->after == before ? 0 : pull(ptr, out, n);
	}

	size_t left = s->out.len - s->sent;

	if (n > left)
		n = left;
	memcpy(out, s->out.s + s->sent, n);
	s->sent += n;
	return (int64_t)n;
}

static void end(void *ptr)
{
	struct stream *s = ptr;

	arena_done(&s->mem);
	free(s);
}

/* Where to begin: behind a row of the log, or with what comes next. */
static bool read_after(struct ctx *ctx, const char *after, int64_t *ret)
{
	if (text_eq(after, "now"))
		return change_newest(ctx, ret);
	*ret = 0;
	if (!after || int_parse(after, ret))
		return true;
	return fail(ctx, ERR_INVALID, "after", "after 应为整数或 now", "after must be a whole number, or now");
}

struct start {
	const char *after;
	int64_t from;
};

static bool find_start(struct ctx *ctx, void *arg)
{
	struct start *s = arg;

	return read_after(ctx, s->after, &s->from);
}

static void stream(struct call *call)
{
	const char *last = request_header(call->req, "Last-Event-ID");
	struct start start = { .after = last ? last : call_param(call, "after") };
	struct work w = { .fn = find_start, .arg = &start, .mem = call->req->mem, .me = call->me };

	if (!engine_read(app_engine(call->app), &w)) {
		call_finish(call, &w);
		return;
	}

	struct stream *s = mem_alloc(sizeof *s);

	s->app = call->app;
	s->member = call->me->id;
	arena_init(&s->mem, 0);
	text_init(&s->out, &s->mem);
	text_add(&s->out, "retry: 3000\n\n");
	s->after = start.from;
	call->answer = (struct answer){
		.kind = ANSWER_STREAM, .type = "text/event-stream", .pull = pull, .done = end, .ptr = s,
	};
	answer_header(&call->answer, "Cache-Control", "no-store");
	call_answer(call);
}

static bool list(struct ctx *ctx, void *arg)
{
	struct call *call = arg;
	const char *limit = call_param(call, "limit");
	int64_t from = 0;
	int64_t most = 100;

	text_clear(&call->out);
	jw_init(&call->w, &call->out);
	if (!read_after(ctx, call_param(call, "after"), &from))
		return false;
	if (limit && (!int_parse(limit, &most) || most < 1 || most > 1000))
		return fail(ctx, ERR_INVALID, "limit", "limit 应为 1 到 1000", "limit is from 1 to 1000");
	return change_list(ctx, from, most, &call->w);
}

void changes_read(struct call *call)
{
	const char *accept = request_header(call->req, "Accept");
	struct work w = { .fn = list, .arg = call, .mem = call->req->mem, .me = call->me };

	if (accept && strstr(accept, "text/event-stream")) {
		stream(call);
		return;
	}
	engine_read(app_engine(call->app), &w);
	call_finish(call, &w);
}
