/*
 * measure: day totals per person, kept in step with the records.
 *
 * A measure is declared with the object whose records it counts or sums.  The
 * difference a write makes goes to t_tally inside the same transaction, per
 * day and per month, per member and for everybody, so a board costs the same
 * with a month or ten years of history.  A measure with a spread also keeps how often each value of
 * that field is in the total: "f12=3 o4=1".  measure_check recomputes everything from the records.
 */
#ifndef ENGINE_MEASURE_H
#define ENGINE_MEASURE_H

#include "engine/record.h"

/* The effect of one write; old and now as in change_add. */
bool measure_apply(struct ctx *ctx, const struct object *o, const struct value *old,
                   const struct value *now);

/*
 * From here on the effects of this work are added up, and written by measure_flush: for thousands of rows at once.
 * In between the totals do not have them, and no row may be taken back alone.
 */
void measure_collect(struct ctx *ctx);
bool measure_flush(struct ctx *ctx);

/* A record others are split by changed (customer.region): moves the tallies of its children. */
bool measure_parent_changed(struct ctx *ctx, const struct object *o, int64_t id,
                            const struct value *old, const struct value *now);

/* Recomputes one measure from the records into t_tally. */
bool measure_rebuild(struct ctx *ctx, const struct measure *m);

/*
 * Recomputes what is declared otherwise than when its totals were made: new measures count the records
 * there are.  `known`: the totals are right (a new store), only remember how they were made.
 */
bool measure_upgrade(struct ctx *ctx, bool known);

/* Compares t_tally with the records; every difference is a line in `out`.  False only on failure. */
bool measure_check(struct ctx *ctx, struct text *out, int64_t *ret_differences);

#endif
