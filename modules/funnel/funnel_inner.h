/*
 * funnel_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   neck.c         is it more than chance
 *   funnel.c       reading the figures, handing out rows
 *   funnel_words.c what is found, as sentences
 */
#ifndef MODULES_FUNNEL_FUNNEL_INNER_H
#define MODULES_FUNNEL_FUNNEL_INNER_H

#include "engine/module.h"
#include "modules/funnel/neck.h"

struct step {                           /* a stage */
	int64_t id, order, pipeline, norm;
	int32_t horizon;                /* days looked at */
	int64_t longest;                /* tenths of a day; −1: none has left yet */
	const char *name, *name_en;
};

struct group {                          /* a team or a person; id 0: all, or nobody */
	int64_t id;
	const char *label;
};

struct spot {                           /* a stage of one group */
	const struct step *step;
	const struct group *group;
	struct stays now, before, others;
	struct stays *month;            /* by month of entering; .day NULL: nobody did */
	int64_t entered, passed, ended;
	int64_t stuck, over, beyond, people, days_over, money;
	struct finding found;
	const char *since;              /* "2026-08"; NULL: not to be said */
	const struct spot *best;        /* who does best at this stage; NULL: nobody clearly */
};

/* Why the verdict is what it is, and what to do; in the caller's language. */
const char *funnel_why(struct ctx *ctx, const struct spot *s);
const char *funnel_advice(struct ctx *ctx, const struct spot *s);

#endif
