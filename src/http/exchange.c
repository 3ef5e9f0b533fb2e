#include "http/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "http/wire.h"

enum {
	REQUEST_CEILING = 1 << 30,      /* a request that needs more is a bug */
	BODY_AT_ONCE = 64 * 1024,       /* up to here the announced length is believed */
};

static const struct refusal {
	int status;
	const char *kind, *message;
} refusals[] = {
	{ 400, "invalid", "The request is malformed." },
	{ 413, "invalid", "The body is too large." },
	{ 414, "invalid", "The address is too long." },
	{ 431, "invalid", "The headers are too large or too many." },
	{ 501, "invalid", "The method or transfer coding is not supported." },
	{ 503, "busy", "The server is busy. Please try again." },
	{ 507, "storage", "There is no room to store the upload." },
	{ 500, "internal", "Something went wrong on our side." },     /* last: for all others */
};

struct exchange *exchange_new(void)
{
	struct exchange *x = mem_alloc(sizeof *x);

	arena_init(&x->mem, REQUEST_CEILING);
	x->file = -1;
	return x;
}

static void end_answer(struct exchange *x)
{
	if (x->answer.kind == ANSWER_STREAM && x->answer.done)
		x->answer.done(x->answer.ptr);
	if (x->answer.kind == ANSWER_FILE && x->answer.delete_path)
		unlink(x->answer.path);
}

/* Ends what the exchange holds outside of its memory. */
static void let_go(struct exchange *x)
{
	end_answer(x);
	if (x->file >= 0)
		close(x->file);
	/* If the application took the file by renaming it, there is nothing to remove. */
	if (x->request.body_path)
		unlink(x->request.body_path);
}

void exchange_reset(struct exchange *x)
{
	let_go(x);
	arena_reset(&x->mem);

	struct arena kept = x->mem;

	*x = (struct exchange){ .mem = kept, .file = -1 };
}

void exchange_free(struct exchange *x)
{
	let_go(x);
	arena_done(&x->mem);
	free(x);
}

struct exchange *exchange_of(const struct request *r)
{
	return r->server;
}

const char *exchange_id(struct exchange *x, uint64_t *counter)
{
	/* A bijection of a counter that starts at random (SplitMix64): unique, and looks it. */
	uint64_t z = *counter += 0x9E3779B97F4A7C15U;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
	z ^= z >> 31;

	char *id = arena_alloc(&x->mem, 17);

	for (int i = 0; i < 16; i++)
		id[i] = "0123456789abcdef"[z >> (60 - 4 * i) & 15];
	return id;
}

/* The last header of a name: what a proxy added stands behind what it got. */
static const char *last_header(const struct exchange *x, const char *name)
{
	for (size_t i = x->n_headers; i-- > 0;)
		if (strcasecmp(x->headers[i].name, name) == 0)
			return x->headers[i].value;
	return NULL;
}

void exchange_trust(struct exchange *x, const char *proxy)
{
	struct request *r = &x->request;

	if (!proxy || strcmp(r->peer, proxy) != 0)
		return;

	const char *list = last_header(x, "X-Forwarded-For");
	const char *peer = list ? wire_forwarded(&x->mem, list) : NULL;
	const char *scheme = last_header(x, "X-Forwarded-Proto");

	if (peer)
		r->peer = peer;
	if (scheme && strcasecmp(scheme, "https") == 0)
		r->https = true;
}

static bool storage_failed(struct exchange *x, const char *act, int *ret_status)
{
	log_line(LOG_ERROR, "upload", "request", x->request.id, "act", act, "reason",
	         strerror(errno), NULL);
	*ret_status = 507;
	return false;
}

static bool write_file(struct exchange *x, const char *data, size_t n, int *ret_status)
{
	if (x->file < 0) {
		char *path = fmt(&x->mem, "%s/upload-%s", x->temp, x->request.id);

		x->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (x->file < 0)
			return storage_failed(x, "create", ret_status);
		x->request.body_path = path;
	}
	while (n > 0) {
		ssize_t written = write(x->file, data, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return storage_failed(x, "write", ret_status);
		data += written;
		n -= (size_t)written;
	}
	return true;
}

static void keep_in_memory(struct exchange *x, const char *data, size_t n)
{
	size_t have = x->request.body_size;

	/* A small body gets its place at once; a large one only as it arrives. */
	if (!x->body && x->announced <= BODY_AT_ONCE && x->announced >= n) {
		x->body_cap = (size_t)x->announced + 1;
		x->body = arena_alloc(&x->mem, x->body_cap);
	}
	x->body = arena_grow(&x->mem, x->body, &x->body_cap, have + n + 1, 1);
	memcpy(x->body + have, data, n);
	x->body[have + n] = '\0';
	x->request.body = x->body;
}

bool exchange_body(struct exchange *x, const char *data, size_t n, int *ret_status)
{
	if (n > x->rule.limit - x->request.body_size) {
		*ret_status = 413;
		return false;
	}
	if (!x->rule.to_file)
		keep_in_memory(x, data, n);
	else if (!write_file(x, data, n, ret_status))
		return false;
	x->request.body_size += n;
	return true;
}

bool exchange_body_end(struct exchange *x, int *ret_status)
{
	if (x->file < 0)
		return true;

	int file = x->file;

	x->file = -1;
	return close(file) == 0 || storage_failed(x, "close", ret_status);
}

void exchange_refuse(struct exchange *x, int status)
{
	const struct refusal *r = refusals;
	struct text out;
	struct json_writer w;

	end_answer(x);
	while (r->status != status && r < refusals + LENGTH(refusals) - 1)
		r++;
	text_init(&out, &x->mem);
	jw_init(&w, &out);
	jw_object(&w);
	jw_key(&w, "error");
	jw_text(&w, r->kind);
	jw_key(&w, "message");
	jw_text(&w, r->message);
	jw_key(&w, "errors");
	jw_array(&w);
	jw_array_end(&w);
	jw_key(&w, "request");
	jw_text(&w, x->request.id);
	jw_object_end(&w);
	x->answer = (struct answer){ .status = status, .text = out.s, .size = out.len };
	if (status == 503)
		answer_header(&x->answer, "Retry-After", "1");
}
