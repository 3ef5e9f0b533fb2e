/*
 * opportunity_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   opportunity.c   the way through the stages
 *   deals.c         reports whose figures are spreads
 *   lengths.c       how long many things took
 */
#ifndef MODULES_OPPORTUNITY_OPPORTUNITY_INNER_H
#define MODULES_OPPORTUNITY_OPPORTUNITY_INNER_H

#include "engine/module.h"

/* Reports: their SQL hands out totals with spreads, these put them together. */
bool deals_win_rate(struct ctx *ctx, struct report_call *call);
bool deals_cycle_time(struct ctx *ctx, struct report_call *call);
bool deals_stage_time(struct ctx *ctx, struct report_call *call);

#endif
