/*
 * setting: company-wide parameters, one table.
 *
 * Known settings with type, default and explanation are one list in setting.c;
 * values are records of the object `setting`, cached, and checked when written.
 */
#ifndef ENGINE_SETTING_H
#define ENGINE_SETTING_H

#include "engine/ctx.h"

const char *setting_text(struct ctx *ctx, const char *name);    /* never NULL; asserts the name is known */
int64_t setting_int(struct ctx *ctx, const char *name);
bool setting_bool(struct ctx *ctx, const char *name);
bool setting_set(struct ctx *ctx, const char *name, const char *value);

#endif
