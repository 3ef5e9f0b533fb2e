/*
 * coach_inner: what the parts of the module share.
 *
 *   coach.c     questions put, replies, commitments; one-to-ones; what the night reminds of
 *   improve.c   improvement plans and their reviews
 *   vision.c    the vision plan in four steps
 *   around.c    contacts around a customer's owner
 *   watch.c     who is below standard, and how superiors do
 *   library.c   the questions a store starts with
 */
#ifndef MODULES_COACH_COACH_INNER_H
#define MODULES_COACH_COACH_INNER_H

#include "engine/module.h"

bool review_before(struct ctx *ctx, struct change *c);
bool review_after(struct ctx *ctx, struct change *c);
bool improvement_before(struct ctx *ctx, struct change *c);
bool improvement_after(struct ctx *ctx, struct change *c);
bool remind_reviews(struct ctx *ctx);

bool vision_before(struct ctx *ctx, struct change *c);
bool vision_after(struct ctx *ctx, struct change *c);
bool vision_member_before(struct ctx *ctx, struct change *c);
bool vision_member_after(struct ctx *ctx, struct change *c);

bool around_before(struct ctx *ctx, struct change *c);
bool around_after(struct ctx *ctx, struct change *c);
bool route(struct ctx *ctx, struct action_call *call);

bool watch_list(struct ctx *ctx, struct report_call *call);
bool tolerated(struct ctx *ctx, struct report_call *call);
bool manager_score(struct ctx *ctx, struct report_call *call);

/* What this store does not have yet. */
bool library_add(struct ctx *ctx);

/* The open task that a rule raised about this member is done, and says by what (S01-63: recording it clears the alert). */
bool answer_alert(struct ctx *ctx, const char *rule, int64_t member, const char *answer);

/* "label …": names a record after a member. */
bool name_after(struct ctx *ctx, struct change *c, int64_t member, const char *rest);

#endif
