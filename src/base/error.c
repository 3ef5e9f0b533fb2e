#include "base/error.h"

static const struct {
	int status;
	int exit;
	const char *word;
} kinds[] = {
	[ERR_NONE]      = { 200, 0, "none" },
	[ERR_REQUEST]   = { 400, 2, "invalid" },
	[ERR_INVALID]   = { 422, 1, "invalid" },
	[ERR_LOGIN]     = { 401, 1, "login" },
	[ERR_DENIED]    = { 403, 1, "denied" },
	[ERR_MISSING]   = { 404, 1, "missing" },
	[ERR_CONFLICT]  = { 409, 1, "conflict" },
	[ERR_TOO_LARGE] = { 413, 1, "invalid" },
	[ERR_BUSY]      = { 503, 1, "busy" },
	[ERR_THROTTLED] = { 429, 1, "busy" },
	[ERR_STORAGE]   = { 507, 74, "storage" },
	[ERR_INTERNAL]  = { 500, 1, "internal" },
};
static_assert(LENGTH(kinds) == ERR__COUNT, "one row per kind");

int error_status(enum error_kind kind)
{
	return kinds[kind].status;
}

const char *error_word(enum error_kind kind)
{
	return kinds[kind].word;
}

int error_exit(enum error_kind kind)
{
	return kinds[kind].exit;
}
