/*
 * today_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   today.c        the list, and whether following it paid
 *   today_night.c  what is kept of it each morning, and judged later
 */
#ifndef MODULES_TODAY_TODAY_INNER_H
#define MODULES_TODAY_TODAY_INNER_H

#include "engine/module.h"

bool today_offers(struct ctx *ctx, const struct json *args);
bool today_judge(struct ctx *ctx, const struct json *args);

#endif
