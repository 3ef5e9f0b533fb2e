/*
 * slow: a few threads for what blocks long, so that it does not block the rest.
 */
#ifndef HTTP_SLOW_H
#define HTTP_SLOW_H

#include "base/base.h"

struct request;
struct slow;

enum { SLOW_QUEUE = 256 };

/* Starts `threads`; thread_done(ptr) runs at the end of each.  NULL if the system refuses. */
struct slow *slow_start(int threads, void (*thread_done)(void *ptr), void *ptr);

/* Runs fn(r) on one of them, in order; false if the queue is full or stopped. */
bool slow_push(struct slow *s, struct request *r, void (*fn)(struct request *r));

/* Calls drop(r) for what has not begun, waits for what has, ends the threads. */
void slow_stop(struct slow *s, void (*drop)(struct request *r));

#endif
