/*
 * trial: the headers of a request on trial, for what the HTTP library lets through.
 *
 * libmicrohttpd cuts its buffer into texts in place, so with nothing but CRLF
 * between the lines each name begins exactly two bytes behind the value before
 * it.  A NUL inside a line, a bare LF or a folded line breaks that; the library
 * shows none of them in any other way.  What remains: a NUL directly at the end
 * of a line cannot be told from the CR that belongs there.
 */
#ifndef HTTP_TRIAL_H
#define HTTP_TRIAL_H

#include "http/request.h"

struct trial {
	const char *expected;           /* where the next name must begin */
	int status;                     /* of the refusal, 0: none yet */
	const char *host, *length, *coding;
	uint64_t announced;             /* Content-Length */
	struct http_header *headers;    /* HTTP_HEADERS places; point into the library's buffer */
	size_t n;
};

/* Begins behind the request line, whose last text is `version`. */
void trial_start(struct trial *t, struct arena *mem, const char *version);

/* The next header as the library tells it.  False: the verdict is certain. */
bool trial_header(struct trial *t, const char *name, size_t name_length, const char *value,
                  size_t length);

/* All headers were seen; `end` is behind the blank line.  The status of the refusal, or 0. */
int trial_end(struct trial *t, const char *version, const char *end);

/* Copies the headers out of the buffer [from, from + size), without blanks around values. */
void trial_take(struct trial *t, struct arena *mem, const char *from, size_t size);

#endif
