/*
 * error: what can go wrong, as people and programs are told.
 *
 * A function that can fail returns bool and says why with fail() (engine/ctx.h).
 * One table (error.c) turns the kind into the HTTP status, the exit code and
 * the word of the contract.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"

enum error_kind {
	ERR_NONE,
	ERR_REQUEST,       /* 400  the request itself is malformed    */
	ERR_INVALID,       /* 422  the input breaks a rule            */
	ERR_LOGIN,         /* 401  we do not know you                 */
	ERR_DENIED,        /* 403  you may not do this                */
	ERR_MISSING,       /* 404  no such thing, or not yours to see */
	ERR_CONFLICT,      /* 409  somebody changed it meanwhile      */
	ERR_TOO_LARGE,     /* 413  over a limit                       */
	ERR_BUSY,          /* 503  try again                          */
	ERR_THROTTLED,     /* 429  try again later                    */
	ERR_STORAGE,       /* 507  disk full or failing               */
	ERR_INTERNAL,      /* 500  our fault; details go to the log   */
	ERR__COUNT
};

struct error {
	const char *field;          /* NULL: the whole */
	const char *message;        /* in the member's language */
	struct error *next;
};

int error_status(enum error_kind kind);         /* HTTP status */
const char *error_word(enum error_kind kind);   /* "invalid", "login", … */
int error_exit(enum error_kind kind);           /* 0 done, 1 failed, 2 usage, 74 storage */

#endif
