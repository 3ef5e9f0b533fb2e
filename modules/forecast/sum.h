/*
 * sum: what a number of possible sales comes to, with its interval.
 *
 * Each sale comes or does not, by itself: the sum is a Poisson binomial with
 * weights.  Few of them are added up exactly, on a grid (no simulation, so that the
 * same figures give the same interval everywhere); many are normal.  What is not known
 * exactly besides – the chances themselves, business that is not there yet – is a normal part with a mean
 * and a variance.  No input or output.
 */
#ifndef MODULES_FORECAST_SUM_H
#define MODULES_FORECAST_SUM_H

#include "base/arena.h"

struct bet {
	double amount;
	double chance;
};

struct sum {
	double mean;
	double low, high;               /* 95 %, not below 0 */
};

/* `mean` and `variance` are those of the normal part. */
struct sum sum_of(struct arena *mem, const struct bet *bets, size_t n, double mean, double variance);

/*
 * What came in each of n periods before (n > 1): the mean, and the variance of what comes in
 * another one – of the values, and of their mean.
 */
void sum_next(const double *values, size_t n, double *ret_mean, double *ret_variance);

#endif
