/*
 * server: sockets, limits, TLS.  The only file that names the HTTP library.
 *
 * What the library lets through is refused here before the application sees
 * it: both Content-Length and Transfer-Encoding, repeated Content-Length or
 * Host, missing Host, unknown transfer codings, NUL or bare CR or LF in header values, more than
 * HTTP_HEADERS headers, malformed paths, bodies over the route's limit
 * (counted while reading).  Slow clients are closed by timeouts; connections
 * are limited in all and per address.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/request.h"

struct server;

struct body_rule {
	size_t limit;                   /* bytes; over it: 413 */
	bool to_file;                   /* spool into a temporary file */
};

struct server_options {
	const char *listen;             /* "127.0.0.1:8080", "[::]:8443" */
	const char *tls_cert, *tls_key; /* PEM files, NULL: plain */
	const char *trusted_proxy;      /* address whose X-Forwarded-For/-Proto count, NULL */
	const char *temp;               /* directory for uploads */
	int threads;                    /* 0: 2 × cores */
	int connections;                /* in all, default 10,000 */
	int per_address;                /* default 1,000 */
	int slow_threads;               /* for routes that block long, default 4 */
	void *ptr;
	/* Which limit for this request, judged by method and path before the body is read. */
	struct body_rule (*rule)(void *ptr, const char *method, const char *path);
	/* The request is complete: answer it, now or later, exactly once. */
	void (*handle)(void *ptr, struct request *r);
	/* Called on each worker thread before it ends. */
	void (*thread_done)(void *ptr);
	/* One call per answered request, for the log. */
	void (*log)(void *ptr, const struct request *r, int status, size_t bytes);
};

/* Starts listening.  NULL with *ret_error (from mem) if it cannot. */
struct server *server_start(struct arena *mem, const struct server_options *options,
                            const char **ret_error);
/* The port it listens on (for port 0). */
int server_port(const struct server *s);

/* Answers a request; callable from any thread. */
void server_answer(struct request *r, const struct answer *a);

/* Runs fn(r) on one of the slow threads; false if their queue (256) is full. */
bool server_slow(struct server *s, struct request *r, void (*fn)(struct request *r));

/* Wakes every sleeping stream (ANSWER_STREAM whose pull returned 0). */
void server_wake(struct server *s);

/* Stops accepting, lets running requests finish for at most `ms`, closes. */
void server_stop(struct server *s, int ms);

#endif
