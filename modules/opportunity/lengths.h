/*
 * lengths: how long many things took, each value with how often it is there; whole numbers, in any unit.
 */
#ifndef OPPORTUNITY_LENGTHS_H
#define OPPORTUNITY_LENGTHS_H

#include "base/base.h"

struct arena;

struct length {
	int64_t value, n;
};

struct lengths {
	struct length *list;            /* in order, each value once, up to `sorted` */
	size_t n, cap, sorted;
	int64_t count, sum;
};

void lengths_add(struct arena *mem, struct lengths *l, int64_t value, int64_t n);

/* All values of the spread of a measure, "12=3 14=1"; NULL: none. */
void lengths_add_spread(struct arena *mem, struct lengths *l, const char *spread);

/* Of no lengths all are 0. */

/* The sum of the two in the middle; of an odd count the one in the middle twice. */
int64_t lengths_middle(struct lengths *l);

/* Nearest rank: the smallest value with at least nine tenths at or below it. */
int64_t lengths_ninety(struct lengths *l);

int64_t lengths_longest(struct lengths *l);

/* How many are longer than that. */
int64_t lengths_over(struct lengths *l, int64_t limit);

#endif
