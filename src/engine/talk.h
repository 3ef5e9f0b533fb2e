/*
 * talk: comments on records, and who follows them.
 *
 * Both are objects whose rows are about any record: seen by whoever sees the
 * record.  What C adds: only members who may see the record are mentioned,
 * writing or being mentioned makes one follow, and the others are told (notice.h).
 */
#ifndef ENGINE_TALK_H
#define ENGINE_TALK_H

#include "engine/record.h"

bool talk_comment_before(struct ctx *ctx, struct change *c);
bool talk_comment_after(struct ctx *ctx, struct change *c);
bool talk_follow_before(struct ctx *ctx, struct change *c);

#endif
