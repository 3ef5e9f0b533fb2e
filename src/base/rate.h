/*
 * rate: how many of the cases of a stage get through, with the interval of chance.
 *
 * Two estimates.  The simple count: passed ÷ entered, with Wilson's interval; it
 * takes a case that is still open for one that did not pass.  The other takes it for what
 * it is, a case of which only a part was seen (censored): the cumulative
 * incidence of leaving forward, where leaving otherwise (lost, or back) is the
 * competing end (Aalen and Johansen 1978), with the variance by the delta method
 * (Marubini and Valsecchi 1995) and the interval on the scale log(−log).
 *
 * No input or output, no allocation: the tests compare with published values and slow oracles.
 */
#ifndef BASE_RATE_H
#define BASE_RATE_H

#include "base/base.h"

enum { RATE_DAYS = 400 };       /* the longest horizon */

/* Fewer cases under observation than this say nothing about their day. */
enum { RATE_WATCHED = 5 };

/* Cases by how it ended for them, and after how many whole days. */
struct stays {
	int32_t days;           /* the horizon: days 0 … days − 1 are looked at */
	struct stay_day {
		int32_t forward;        /* went on during this day */
		int32_t other;          /* lost or sent back during it */
		int32_t open;           /* seen until its beginning only: still there, and no older */
	} *day;                 /* days + 1 of them; the last holds all that stayed beyond the horizon */
};

struct rate {
	int64_t n;              /* cases */
	int64_t known;          /* of them those whose fate within `days` is known */
	int32_t days;           /* within how many days: the horizon, or as far as enough were watched */
	double value, variance;
	double low, high;       /* 95 % */
};

int64_t rate_cases(const struct stays *s);

/*
 * The share that has gone on within the horizon.  Where too few are watched that
 * long and a part that matters is undecided, it says so by fewer `days`; `limit`
 * (0: none) asks for no more than so many.  n = 0 gives value 0 and variance 0.
 */
struct rate rate_forward(const struct stays *s, int32_t limit);

/* The number of cases, all seen to the end, that would tell as much. */
double rate_weight(const struct rate *r);

#endif
