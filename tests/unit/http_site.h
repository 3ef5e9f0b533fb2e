/*
 * http_site: a server with a small application, for the tests of the server.
 *
 *     /echo     the request as lines "name=value"
 *     /later    answered by another thread, at once
 *     /hold     kept until site_answer_held
 *     /slow     answered on a slow thread
 *     /file     a file; /missing one that is not there; /passing one deleted after sending
 *     /feed     a stream of what site_feed gives it; /endless one without end
 *     /body     a body of at most SITE_BODY bytes, /upload the same in a file
 *     /take     an upload the application renames
 *     /none     no body at all
 */
#ifndef TESTS_UNIT_HTTP_SITE_H
#define TESTS_UNIT_HTTP_SITE_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/pace.h"

enum { SITE_BODY = 50000, SITE_HELD = 512 };

struct site {
	struct server_options options;
	struct pace pace;
	struct server *server;
	int port;
	struct arena mem;
	char temp[64];                          /* directory for uploads */

	_Atomic int handled, logged, done, threads_done, slow_runs;
	_Atomic int last_status;                /* in the log */
	_Atomic size_t last_bytes;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct request *held[SITE_HELD];
	size_t n_held;
	struct request *later[SITE_HELD];
	size_t n_later;
	char fed[256];
	bool feed_ends, closing, slow_blocked;
	pthread_t answerer;
};

/* Settings a test may change before site_open; the clocks are quick to look, not quick to judge. */
void site_init(struct site *s);
void site_open(struct site *s);
void site_close(struct site *s, int ms);
/* After the test, when nothing of the server is used any more. */
void site_done(struct site *s);

/* Waits until n requests are held; answers all held with `status`. */
bool site_holds(struct site *s, size_t n);
void site_answer_held(struct site *s, int status);

/* Text for /feed; NULL ends it. */
void site_feed(struct site *s, const char *text);

/* Lets /slow run; until then it blocks if slow_blocked. */
void site_free_slow(struct site *s);

/* Waits until a counter reaches n; false after PEER_PATIENCE. */
bool site_counts(_Atomic int *counter, int n);

/* How many files lie in the directory for uploads. */
int site_files(const struct site *s);

#endif
