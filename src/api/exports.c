#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "engine/change.h"
#include "engine/export.h"

/* Exports: written to a file with the asker's rights, noted in the log, then sent. */

struct exporting {
	struct call *call;
	enum export_format format;
	FILE *file;
	const struct object *o;
	int64_t rows;
};

static bool put(void *ptr, const char *data, size_t n)
{
	return fwrite(data, 1, n, ptr) == n;
}

static bool run(struct ctx *ctx, void *arg)
{
	struct exporting *x = arg;
	struct list l;

	rewind(x->file);
	if (ftruncate(fileno(x->file), 0) != 0)
		return fail(ctx, ERR_STORAGE, NULL, "未能写出文件", "The file could not be written");
	if (!call_object(ctx, x->call, &x->o) || !query_parse(ctx, x->o, call_query(x->call), &l))
		return false;
	return export_run(ctx, &l, x->format, put, x->file, &x->rows);
}

static bool note(struct ctx *ctx, void *arg)
{
	struct exporting *x = arg;
	const struct object *o = schema_object(ctx->schema, call_path(x->call, "object"));

	return change_export(ctx, o, call_query(x->call), x->rows);
}

void exports_read(struct call *call)
{
	static const struct {
		const char *name, *type;
	} formats[] = {
		[EXPORT_CSV] = { "csv", "text/csv; charset=utf-8" },
		[EXPORT_XLSX] = { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
		[EXPORT_JSON] = { "json", "application/json" },
	};
	struct request *r = call->req;
	struct engine *e = app_engine(call->app);
	const char *wanted = call_param(call, "format");
	char *path = fmt(r->mem, "%s/temp/export-XXXXXX", engine_data(e));
	int fd = mkstemp(path);
	struct exporting x = { .call = call, .file = fd < 0 ? NULL : fdopen(fd, "w+b") };
	struct work w = { .fn = run, .arg = &x, .mem = r->mem, .me = call->me, .request = r->id };
	struct work log = { .fn = note, .arg = &x, .mem = r->mem, .me = call->me, .request = r->id };

	for (size_t i = 0; i < LENGTH(formats); i++)
		if (text_eq(wanted, formats[i].name))
			x.format = (enum export_format)i;
	if (!x.file) {
		call_refuse(call, ERR_STORAGE, "未能写出文件", "The file could not be written");
		return;
	}

	bool ok = engine_read(e, &w);

	if (fclose(x.file) != 0 && ok) {
		unlink(path);
		call_refuse(call, ERR_STORAGE, "未能写出文件", "The file could not be written");
		return;
	}
	/* What leaves the house is in the log before it leaves. */
	if (!ok || !engine_wait(e, &log)) {
		unlink(path);
		call_finish(call, ok ? &log : &w);
		return;
	}
	call->answer = (struct answer){
		.kind = ANSWER_FILE, .path = path, .delete_path = true, .type = formats[x.format].type,
	};
	answer_header(&call->answer, "Cache-Control", "no-store");
	answer_header(&call->answer, "Content-Disposition",
	              fmt(r->mem, "attachment; filename=\"%s.%s\"", call_path(call, "object"),
	                  formats[x.format].name));
	call_answer(call);
}
