/*
 * kpi_inner: what the files of the module share.
 *
 *   kpi.c     the library, the sheets and how they are scored
 *   bonus.c   what follows from a score: bonuses within a budget, graded consequences
 */
#ifndef MODULES_KPI_INNER_H
#define MODULES_KPI_INNER_H

#include "engine/module.h"

/* Hooks of bonus_round, pool_share, performance_case and performance_step. */
bool bonus_before(struct ctx *ctx, struct change *c);
bool share_before(struct ctx *ctx, struct change *c);
bool step_before(struct ctx *ctx, struct change *c);
bool case_before(struct ctx *ctx, struct change *c);
/* Actions of bonus_round. */
bool bonus_propose(struct ctx *ctx, struct action_call *call);
bool bonus_scale(struct ctx *ctx, struct action_call *call);

#endif
