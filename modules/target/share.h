/*
 * share: a whole number in parts that add up to it.
 */
#ifndef TARGET_SHARE_H
#define TARGET_SHARE_H

#include "base/number.h"

/*
 * Writes to `parts` the n parts of `total` (not negative) in proportion to `weights` (not
 * negative), by largest remainder: each is its exact share rounded down or up, and they add up to
 * `total` to the last unit; of equal remainders the first goes up.  All weights zero: equal parts.  False if n is 0, or
 * the weights add up beyond 64 bits.
 */
bool share_out(struct arena *mem, int64_t total, const int64_t *weights, size_t n, int64_t *parts);

#endif
