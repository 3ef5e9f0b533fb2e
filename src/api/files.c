#include "api/api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "base/secret.h"
#include "engine/scope.h"

/*
 * Attachments.  The bytes are named by their hash, written and flushed before
 * the row that names them is; they are served as downloads, never run.  Only a PDF
 * can be asked for to be looked at (?view=true): in a frame of ours and under a policy of its own.
 */

#define PDF_POLICY "sandbox; default-src 'none'; frame-ancestors 'self'"

struct upload {
	const char *name, *type, *hash;
	int64_t size, id;
};

/* Type by content; what is not known is bytes. */
static const char *sniff(const unsigned char *s, size_t n)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *type;
	} known[] = {
		{ "\x89PNG\r\n\x1a\n", 8, "image/png" }, { "\xff\xd8\xff", 3, "image/jpeg" },
		{ "GIF8", 4, "image/gif" }, { "%PDF-", 5, "application/pdf" },
		{ "PK\x03\x04", 4, "application/zip" },
		{ "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "application/x-ole-storage" },
	};

	for (size_t i = 0; i < LENGTH(known); i++)
		if (n >= known[i].len && memcmp(s, known[i].magic, known[i].len) == 0)
			return known[i].type;
	if (n >= 12 && memcmp(s, "RIFF", 4) == 0 && memcmp(s + 8, "WEBP", 4) == 0)
		return "image/webp";
	return n && utf8_valid((const char *)s, n) ? "text/plain" : "application/octet-stream";
}

/* Size, type and hash of the bytes; they are on the disk when it returns. */
static bool look_at(struct arena *mem, const char *path, struct upload *u)
{
	unsigned char start[4096];
	FILE *f = fopen(path, "rb");
	struct stat st;

	if (!f)
		return false;

	size_t n = fread(start, 1, sizeof start, f);
	bool ok = !ferror(f) && fsync(fileno(f)) == 0 && fstat(fileno(f), &st) == 0;

	fclose(f);
	if (!ok)
		return false;
	u->size = st.st_size;
	u->type = sniff(start, n);
	u->hash = secret_file(mem, path);
	return u->hash != NULL;
}

static bool flush_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Moves the spooled body to its place; durable when it returns. */
static bool keep(struct arena *mem, const char *data, const char *from, const char *hash)
{
	const char *dir = fmt(mem, "%s/files/%.2s", data, hash);

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return false;
	return rename(from, fmt(mem, "%s/%s", dir, hash)) == 0 && flush_directory(dir) &&
	       flush_directory(fmt(mem, "%s/files", data));
}

static bool add_row(struct ctx *ctx, void *arg)
{
	struct upload *u = arg;

	return record_create(ctx, "file", (struct cell[]){
		{ "name", v_text(u->name) }, { "size", v_int(u->size) }, { "mime", v_text(u->type) },
		{ "hash", v_text(u->hash) }, { "owner", v_id(ctx->actor) }, { 0 } }, &u->id);
}

/* The name a person gave, as data: no path, no control characters. */
static const char *clean_name(struct arena *mem, const char *given)
{
	char *name = given ? text_url_decode(mem, given, strlen(given), false) : NULL;
	char *slash = name ? strrchr(name, '/') : NULL;
	char *back = name ? strrchr(name, '\\') : NULL;

	if (slash > back)
		name = slash + 1;
	else if (back)
		name = back + 1;
	for (char *p = name; p && *p; p++)
		if ((unsigned char)*p < 0x20 || *p == '"')
			*p = '_';
	return name && *name ? utf8_cut(mem, name, 120) : "file";
}

void files_create(struct call *call)
{
	struct request *r = call->req;
	struct engine *e = app_engine(call->app);
	struct upload u = { .name = clean_name(r->mem, request_header(r, "X-File-Name")) };
	struct work w = { .fn = add_row, .arg = &u, .mem = r->mem, .me = call->me, .request = r->id };

	if (!r->body_path || r->body_size == 0) {
		call_refuse(call, ERR_INVALID, "文件是空的", "The file is empty");
		return;
	}
	if (!look_at(r->mem, r->body_path, &u) || !keep(r->mem, engine_data(e), r->body_path, u.hash)) {
		call_refuse(call, ERR_STORAGE, "文件未能保存", "The file could not be stored");
		return;
	}
	if (!engine_wait(e, &w)) {
		call_finish(call, &w);
		return;
	}
	call->answer.status = 201;
	jw_object(&call->w);
	jw_key(&call->w, "id");
	jw_id(&call->w, u.id);
	jw_key(&call->w, "name");
	jw_text(&call->w, u.name);
	jw_key(&call->w, "size");
	jw_int(&call->w, u.size);
	jw_key(&call->w, "type");
	jw_text(&call->w, u.type);
	jw_object_end(&call->w);
	call_answer(call);
}

struct wanted {
	int64_t id;
	const char *name, *hash, *type;
};

/* A file is visible with the record that names it, before that to whoever sent it. */
static bool find_file(struct ctx *ctx, void *arg)
{
	struct wanted *f = arg;
	const struct object *o = NULL;
	int64_t record = 0;
	int64_t owner = 0;
	bool may = false;
	struct query *q = ctx_query(ctx, fmt(ctx->mem,
		"SELECT name, hash, mime, owner, object, record FROM %s WHERE id = $id AND deleted_at IS NULL",
		scope_table(ctx->mem, schema_object(ctx->schema, "file"))),
		(struct bind[]){ { "id", v_int(f->id) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q)) {
		f->name = arena_dup(ctx->mem, db_text(q, 0));
		f->hash = arena_dup(ctx->mem, db_text(q, 1));
		f->type = arena_dup(ctx->mem, db_text(q, 2));
		owner = db_int(q, 3);
		o = db_null(q, 4) ? NULL : schema_object(ctx->schema, db_text(q, 4));
		record = db_int(q, 5);
	}
	db_done(q);
	if (f->hash && o && !scope_row(ctx, o, record, ACT_READ, &may))
		return false;
	if (f->hash && (may || (!o && owner == ctx->me->id)))
		return true;
	return fail(ctx, ERR_MISSING, NULL, "文件不存在", "There is no such file");
}

void files_read(struct call *call)
{
	struct request *r = call->req;
	struct engine *e = app_engine(call->app);
	struct wanted f = { 0 };
	struct work w = { .fn = find_file, .arg = &f, .mem = r->mem, .me = call->me };
	struct text disposition;

	if (!int_parse(call_path(call, "id"), &f.id) || !engine_read(e, &w)) {
		if (w.errors)
			call_finish(call, &w);
		else
			call_refuse(call, ERR_MISSING, "文件不存在", "There is no such file");
		return;
	}
	bool view = text_eq(call_param(call, "view"), "true") && text_eq(f.type, "application/pdf");

	text_init(&disposition, r->mem);
	text_addf(&disposition, "%s; filename*=UTF-8''", view ? "inline" : "attachment");
	text_url_encode(&disposition, f.name);
	call->answer.kind = ANSWER_FILE;
	call->answer.path = fmt(r->mem, "%s/files/%.2s/%s", engine_data(e), f.hash, f.hash);
	call->answer.type = f.type;
	answer_header(&call->answer, "Content-Disposition", disposition.s);
	answer_header(&call->answer, "Cache-Control", "private, max-age=86400");
	if (view)
		call->policy = PDF_POLICY;
	call_answer(call);
}
