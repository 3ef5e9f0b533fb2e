/*
 * form_inner: what the parts of workday share.  Nobody else includes this.
 *
 *   workday.c   the module: hooks, jobs, who has to hand in what and when
 *   form.c      the way of a form: draft, submitted, signed or returned; who may write what
 *   facts.c     the lines of a plan, the figures of a report; what a submitted day locks
 *   four.c      people, matters, place, goods of a day
 */
#ifndef MODULES_WORKDAY_FORM_INNER_H
#define MODULES_WORKDAY_FORM_INNER_H

#include "engine/module.h"

static inline bool is_plan(const struct change *c)
{
	return text_eq(change_object(c)->name, "visit_plan");
}

/* When a form of that day is due (settings), and when a signature is for what is submitted now. */
int64_t form_due(struct ctx *ctx, bool plan, int64_t day);
int64_t sign_due(struct ctx *ctx);

/* Who signs for this member today: the leader, or who stands in for the leader.  0: nobody. */
bool form_leader(struct ctx *ctx, int64_t owner, int64_t *ret);

/* S01-54: each line has a purpose, a goal, a time and whom or where to; fails naming the line.  As system. */
bool plan_check(struct ctx *ctx, struct change *c);
/* S01-55: takes the figures of the day into the report.  As system. */
bool report_fill(struct ctx *ctx, struct change *c);
/* After it was submitted: its visits know it.  As system. */
bool plan_link(struct ctx *ctx, const struct change *c);
bool report_link(struct ctx *ctx, const struct change *c);

/* Hooks of activity: a day that was handed in stays as it was handed in. */
bool activity_locked(struct ctx *ctx, struct change *c);

/* Hooks of both forms. */
bool form_before(struct ctx *ctx, struct change *c);
bool form_after(struct ctx *ctx, struct change *c);

/* The rows of the report of the same name. */
bool four_controls(struct ctx *ctx, struct report_call *call);

#endif
