/*
 * request: one HTTP request and its answer.
 *
 * The server (server.h) reads a request whole – body in memory, or in a
 * temporary file for uploads – and hands it to the application, which answers
 * exactly once, at once or later and from any thread.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/text.h"

enum {
	HTTP_HEADERS = 100,             /* number of headers */
	HTTP_HEADER_BYTES = 64 * 1024,
	HTTP_URL = 16 * 1024,
};

struct http_header {
	const char *name, *value;
};

struct request {
	struct arena *mem;              /* lives until the answer is sent */
	const char *id;                 /* 16 hex digits; X-Request-Id */
	const char *method;             /* GET POST PATCH PUT DELETE HEAD OPTIONS */
	const char *path;               /* decoded, starts with /; no NUL, no .., valid UTF-8 */
	const char *query;              /* raw text behind ?, never NULL */
	const char *peer;               /* client address; from a trusted proxy's header if configured */
	bool https;                     /* own TLS, or a trusted proxy says so */
	const char *host;               /* Host header */
	const char *body;               /* NULL if none or in body_path */
	size_t body_size;
	const char *body_path;          /* temporary file of an upload; removed after the answer unless taken (renamed) */
	int64_t started;                /* date_ticks */
	void *app;                      /* for the application */
	void *server;                   /* for server.c */
};

/* A request header, name in any case; NULL if absent. */
const char *request_header(const struct request *r, const char *name);
/* A cookie's value; NULL if absent. */
const char *request_cookie(const struct request *r, const char *name);
/* A parameter of the query text, decoded; NULL if absent or malformed. */
const char *request_param(const struct request *r, const char *name);

enum answer_kind {
	ANSWER_TEXT,                    /* text[0..size), lives in r->mem or forever */
	ANSWER_FILE,                    /* the file at path, streamed */
	ANSWER_STREAM,                  /* pull(ptr, …) until it returns -1 */
};

struct answer {
	int status;
	enum answer_kind kind;
	const char *type;               /* Content-Type; NULL: application/json */
	const char *text;
	size_t size;
	const char *path;
	bool delete_path;               /* remove the file after sending */
	/*
	 * Fills up to n bytes, returns how many; 0: nothing now – the connection sleeps
	 * until server_wake(); -1: end.  done(ptr) is called exactly once, also if the client left.
	 */
	int64_t (*pull)(void *ptr, char *out, size_t n);
	void (*done)(void *ptr);
	void *ptr;
	struct http_header headers[16]; /* more headers, ended by a NULL name */
	size_t n_headers;
};

/* Adds a header (at most 15). CR and LF are refused (assert). */
void answer_header(struct answer *a, const char *name, const char *value);

#endif
