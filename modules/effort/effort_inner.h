/*
 * effort_inner: what the parts of the module share.  Nobody else includes this.
 *
 *   effort.c         hooks
 *   effort_report.c  shares with their intervals, hours, places
 *   contact.c        rhythm of contacts: attempts and gaps, one by one
 *   compare.c        is a part better than the rest
 */
#ifndef MODULES_EFFORT_EFFORT_INNER_H
#define MODULES_EFFORT_EFFORT_INNER_H

#include "engine/module.h"

extern const struct report_impl effort_reports[];

/* Hundredths of a percent. */
struct value effort_percent(double share);
/* Cells with k of n and its interval, under three names; empty if n is 0, or k is of something else.  Returns 3. */
size_t effort_share(struct cell *to, const char *const names[3], int64_t k, int64_t n);
extern const char *const effort_rate[3];        /* "rate", "rate_low", "rate_high" */

bool contact_rhythm(struct ctx *ctx, struct report_call *call);
bool contact_gap(struct ctx *ctx, struct report_call *call);
bool contact_list(struct ctx *ctx, struct report_call *call);

#endif
