#include "api/api.h"

#include "base/embed.h"

/* The web bundle, as built: hashed names never change, the page and the worker are asked for each time. */

static const char *type_of(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types_[] = {
		{ ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" }, { ".svg", "image/svg+xml" },
		{ ".png", "image/png" }, { ".webp", "image/webp" }, { ".webmanifest", "application/manifest+json" },
		{ ".json", "application/json" }, { ".txt", "text/plain; charset=utf-8" },
		{ ".woff2", "font/woff2" }, { ".ico", "image/x-icon" },
	};

	for (size_t i = 0; i < LENGTH(types_); i++)
		if (text_ends(path, types_[i].ending))
			return types_[i].type;
	return "application/octet-stream";
}

bool assets_accepts(const struct request *r, const char *coding)
{
	const char *accept = request_header(r, "Accept-Encoding");

	return accept && strstr(accept, coding);
}

static bool serve(struct call *call, const char *path)
{
	struct request *r = call->req;
	const char *name = fmt(r->mem, "web/dist%s", path);
	const struct embedded_file *plain = embedded_find(name);
	const struct embedded_file *br = embedded_find(fmt(r->mem, "%s.br", name));
	const struct embedded_file *gz = embedded_find(fmt(r->mem, "%s.gz", name));
	const struct embedded_file *file = plain;
	struct answer *a = &call->answer;

	if (!plain)
		return false;
	if (br && assets_accepts(r, "br")) {
		file = br;
		answer_header(a, "Content-Encoding", "br");
	} else if (gz && assets_accepts(r, "gzip")) {
		file = gz;
		answer_header(a, "Content-Encoding", "gzip");
	}
	answer_header(a, "Vary", "Accept-Encoding");
	answer_header(a, "Cache-Control", text_starts(path, "/assets/")
		? "public, max-age=31536000, immutable" : "no-cache");
	a->type = type_of(path);
	a->text = file->data;
	a->size = file->size;
	call_answer(call);
	return true;
}

bool assets_serve(struct call *call)
{
	const char *path = call->req->path;
	const char *last = strrchr(path, '/');

	if (!text_eq(call->req->method, "GET") && !text_eq(call->req->method, "HEAD"))
		return false;
	if (serve(call, path))
		return true;
	/* Paths of the application itself: the page knows what to show. */
	return !strchr(last ? last : path, '.') && serve(call, "/index.html");
}
