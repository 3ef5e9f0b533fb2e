/*
 * http_peer: a client of plain sockets for the server's tests: sends exactly
 * the bytes it is told to, reads one answer after the other.
 */
#ifndef TESTS_UNIT_HTTP_PEER_H
#define TESTS_UNIT_HTTP_PEER_H

#include "base/text.h"

struct peer {
	int fd;
	struct text in;                 /* read and not yet taken */
	struct arena mem;
};

struct reply {
	int status;                     /* 0: none came, the connection ended */
	char *head;                     /* status line and headers */
	char *body;                     /* decoded if chunked */
	size_t size;
};

enum { PEER_PATIENCE = 5000 };          /* ms to wait for anything */

void peer_open(struct peer *p, int port);
void peer_close(struct peer *p);

void peer_send(struct peer *p, const char *s);
/* False if the server does not take it (any more). */
bool peer_send_n(struct peer *p, const char *s, size_t n);

/* The next answer; `head` for the answer to HEAD, which has no body. */
struct reply peer_reply(struct peer *p, bool head);

/* Sends and reads one answer. */
struct reply peer_ask(struct peer *p, const char *request);
/* The same on a connection of its own; the reply lives in `mem`. */
struct reply peer_once(struct arena *mem, int port, const char *request, size_t n);

/* Waits for text to have come in, without taking it. */
bool peer_sees(struct peer *p, const char *text);
/* Waits at most `ms` for the server to close. */
bool peer_ends(struct peer *p, int ms);

/* The value of a header of a reply, or NULL. */
char *reply_header(struct arena *mem, const struct reply *r, const char *name);

#endif
