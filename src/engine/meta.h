/*
 * meta: what a member may use – objects, fields, lists, actions, reports,
 * metrics – in both languages (docs/api.md, GET /api/meta).
 */
#ifndef ENGINE_META_H
#define ENGINE_META_H

#include "engine/ctx.h"

/* Only what the member may use is in it; nothing in it names a field that does not exist for them. */
void meta_write(struct ctx *ctx, struct json_writer *w);

/* One report with its parameters and columns; fails if there is none the member may read. */
bool meta_write_report(struct ctx *ctx, const char *name, struct json_writer *w);

#endif
