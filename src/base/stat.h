/*
 * stat: what chance does to counts.
 *
 * Intervals and probabilities that more than one method needs.  No input or
 * output, no allocation.
 */
#ifndef BASE_STAT_H
#define BASE_STAT_H

#include "base/base.h"

/* Two-sided 95 %. */
#define STAT_Z 1.959963984540054

/*
 * Wilson's 95 % interval of a share (JASA 22, 1927): low and high of k of n,
 * 0 ≤ k ≤ n, n > 0.
 */
void stat_wilson(int64_t k, int64_t n, double *ret_low, double *ret_high);

/* The chance of a standard normal value below z. */
double stat_normal(double z);

/*
 * The chance that a value of Beta(a, b) lies below x: the regularized incomplete
 * beta function, by its continued fraction.  a, b > 0; x outside 0 … 1 gives 0 or 1.
 */
double stat_beta(double a, double b, double x);

/* The value below which Beta(a, b) lies with chance p, 0 < p < 1; to 1e-9. */
double stat_beta_at(double a, double b, double p);

#endif
