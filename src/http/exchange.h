/*
 * exchange: one request on its way to its answer.
 *
 * What the server keeps behind a struct request: its memory, its body while it
 * is read, and the answer.  An exchange belongs to the worker thread of its
 * connection, except between the call of handle() and the answer, when the
 * application owns it; `state` says which.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <stdatomic.h>

#include "http/request.h"
#include "http/server.h"

struct client;
struct worker;

enum exchange_state {
	EXCHANGE_RUNNING,       /* being read, or inside handle() on the worker thread */
	EXCHANGE_WAITING,       /* handle() returned without an answer; suspended */
	EXCHANGE_ANSWERED,
	EXCHANGE_ABANDONED,     /* the server stopped first: whoever answers frees it */
};

struct exchange {
	struct request request;
	struct arena mem;
	struct worker *worker;
	struct client *client;
	void *connection;               /* the library's */
	struct exchange *next;          /* in the worker's list of answers, or of spares */
	_Atomic int state;              /* enum exchange_state */
	bool suspended;                 /* for the worker: its connection waits for the answer */

	struct http_header *headers;
	size_t n_headers;
	bool last;                      /* the connection closes after the answer */
	bool lingers;                   /* refused amid its body; the rest is read and dropped */

	struct body_rule rule;
	const char *temp;
	uint64_t announced;             /* Content-Length */
	char *body;
	size_t body_cap;
	int file;                       /* of body_path while it is written, or -1 */

	struct answer answer;
	uint64_t sent;                  /* bytes of a stream so far */
};

/* A fresh exchange; exchange_reset makes it fresh again and keeps some memory. */
struct exchange *exchange_new(void);
void exchange_reset(struct exchange *x);
void exchange_free(struct exchange *x);

struct exchange *exchange_of(const struct request *r);

/* The id of the next request: 16 hex digits, each of them once per counter. */
const char *exchange_id(struct exchange *x, uint64_t *counter);

/* Takes client address and scheme from a proxy's headers, if the peer is that proxy. */
void exchange_trust(struct exchange *x, const char *proxy);

/* Takes more of the body.  False with the HTTP status of the refusal. */
bool exchange_body(struct exchange *x, const char *data, size_t n, int *ret_status);
/* The body is complete. */
bool exchange_body_end(struct exchange *x, int *ret_status);

/* Replaces the answer by a refusal of ours: the contract's JSON with a plain sentence. */
void exchange_refuse(struct exchange *x, int status);

#endif
