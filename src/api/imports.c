#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/number.h"
#include "base/secret.h"
#include "engine/import.h"
#include "engine/job.h"

/* Imports: the file comes in, is mapped, checked and run; see engine/import.h. */

struct starting {
	struct call *call;
	const char *path, *name;
	int64_t id;
};

static bool start(struct ctx *ctx, void *arg)
{
	struct starting *s = arg;
	const struct object *o;

	text_clear(&s->call->out);
	jw_init(&s->call->w, &s->call->out);
	return call_object(ctx, s->call, &o) && import_start(ctx, o, s->path, s->name, &s->id) &&
	       import_write(ctx, s->id, &s->call->w);
}

void imports_create(struct call *call)
{
	struct request *r = call->req;
	struct engine *e = app_engine(call->app);
	const char *given = request_header(r, "X-File-Name");
	char *name = given ? text_url_decode(r->mem, given, strlen(given), false) : NULL;
	struct starting s = { .call = call, .name = name && *name ? utf8_cut(r->mem, name, 200) : "file" };
	struct work w = { .fn = start, .arg = &s, .mem = r->mem, .me = call->me, .request = r->id };

	if (!r->body_path || r->body_size == 0) {
		call_refuse(call, ERR_INVALID, "文件是空的", "The file is empty");
		return;
	}
	s.path = fmt(r->mem, "%s/temp/import-%s", engine_data(e), secret_token(r->mem, 8));
	if (rename(r->body_path, s.path) != 0) {
		call_refuse(call, ERR_STORAGE, "文件未能保存", "The file could not be stored");
		return;
	}
	if (!engine_wait(e, &w))
		unlink(s.path);
	call->answer.status = 201;
	call_finish(call, &w);
}

static bool id_of(struct ctx *ctx, const struct call *call, int64_t *ret)
{
	return int_parse(call_path(call, "id"), ret) ||
	       fail(ctx, ERR_MISSING, NULL, "没有这个导入", "There is no such import");
}

bool imports_read(struct ctx *ctx, struct call *call)
{
	int64_t id;

	return id_of(ctx, call, &id) && import_write(ctx, id, &call->w);
}

bool imports_change(struct ctx *ctx, struct call *call)
{
	int64_t id;

	return id_of(ctx, call, &id) && import_change(ctx, id, call->body) &&
	       import_write(ctx, id, &call->w);
}

/* Queues the check or the run; progress is asked for with GET. */
static bool queue(struct ctx *ctx, struct call *call, bool run)
{
	const char *state = run ? "running" : "checking";
	int64_t id;

	if (!id_of(ctx, call, &id) || !import_queue(ctx, id, run))
		return false;
	jw_object(&call->w);
	jw_key(&call->w, "state");
	jw_text(&call->w, state);
	jw_object_end(&call->w);
	call->answer.status = 202;
	return true;
}

bool imports_preview(struct ctx *ctx, struct call *call)
{
	return queue(ctx, call, false);
}

bool imports_run(struct ctx *ctx, struct call *call)
{
	return queue(ctx, call, true);
}

bool imports_cancel(struct ctx *ctx, struct call *call)
{
	int64_t id;

	call->answer.status = 204;
	return id_of(ctx, call, &id) && import_cancel(ctx, id);
}

bool imports_undo(struct ctx *ctx, struct call *call)
{
	int64_t id;

	if (!id_of(ctx, call, &id) || !import_undo(ctx, id))
		return false;
	jw_object(&call->w);
	jw_key(&call->w, "state");
	jw_text(&call->w, "undoing");
	jw_object_end(&call->w);
	call->answer.status = 202;
	return true;
}

struct asking {
	struct call *call;
	int64_t id;
	const char *path;
	struct text out;
	bool xlsx;
};

static bool find_errors(struct ctx *ctx, void *arg)
{
	struct asking *a = arg;
	struct text none;
	struct json_writer w;

	/* Whoever may see the import may see its errors. */
	text_init(&none, ctx->mem);
	jw_init(&w, &none);
	if (!id_of(ctx, a->call, &a->id) ||
	    !query_record(ctx, schema_object(ctx->schema, "import"), a->id, SCOPE_ALIVE, &w))
		return false;
	a->path = import_errors_path(ctx, a->id);
	return a->path || fail(ctx, ERR_MISSING, NULL, "没有错误文件", "There is no error file");
}

static void send_csv(struct call *call, const char *name)
{
	answer_header(&call->answer, "Content-Disposition",
	              fmt(call->req->mem, "attachment; filename=\"%s\"", name));
	answer_header(&call->answer, "Cache-Control", "no-store");
	call->answer.type = "text/csv; charset=utf-8";
}

void imports_errors(struct call *call)
{
	struct asking a = { .call = call };
	struct work w = { .fn = find_errors, .arg = &a, .mem = call->req->mem, .me = call->me };

	if (engine_read(app_engine(call->app), &w)) {
		call->answer.kind = ANSWER_FILE;
		call->answer.path = a.path;
		send_csv(call, "errors.csv");
	}
	call_finish(call, &w);
}

static bool make_template(struct ctx *ctx, void *arg)
{
	struct asking *a = arg;
	const struct object *o;

	text_init(&a->out, ctx->mem);
	return call_object(ctx, a->call, &o) && import_template(ctx, o, a->xlsx, &a->out, &a->path);
}

void imports_template(struct call *call)
{
	struct asking a = { .call = call, .xlsx = text_eq(call_param(call, "format"), "xlsx") };
	struct work w = { .fn = make_template, .arg = &a, .mem = call->req->mem, .me = call->me };

	if (engine_read(app_engine(call->app), &w)) {
		const char *name = fmt(call->req->mem, "%s.%s", call_path(call, "object"), a.xlsx ? "xlsx" : "csv");

		send_csv(call, name);
		if (a.xlsx) {
			call->answer.kind = ANSWER_FILE;
			call->answer.path = a.path;
			call->answer.delete_path = true;
			call->answer.type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
		} else {
			call->answer.text = a.out.s;
			call->answer.size = a.out.len;
		}
	}
	call_finish(call, &w);
}
