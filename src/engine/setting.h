/*
 * setting: company-wide parameters, one table.
 *
 * Each module declares its own, with type, default and explanation, in its settings.json;
 * values are records of the object `setting`, cached, and checked when written.
 * A setting without a record, or with an empty value, has its default.
 */
#ifndef ENGINE_SETTING_H
#define ENGINE_SETTING_H

#include "engine/ctx.h"

struct change;

/* All three assert that the name is known and of that type. */
const char *setting_text(struct ctx *ctx, const char *name);    /* never NULL */
int64_t setting_int(struct ctx *ctx, const char *name);
bool setting_bool(struct ctx *ctx, const char *name);

/* Writes the record, as the caller; NULL or "" goes back to the default. */
bool setting_set(struct ctx *ctx, const char *name, const char *value);

/* The before hook of the object: a known name, a value of its type. */
bool setting_before(struct ctx *ctx, struct change *c);

/* Forgets cached values: some were written. */
void setting_forget(void);

/*
 * Writes [ { name, type, label, help, value, default, min?, max?, choices? } ]: all
 * known settings, for the page that edits them.  Values are text; type is
 * "text", "integer", "bool" or "choice".
 */
bool setting_write(struct ctx *ctx, struct json_writer *w);

#endif
