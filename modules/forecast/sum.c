#include "modules/forecast/sum.h"

#include <math.h>

#include "base/stat.h"

enum {
	EXACT = 200,                    /* so many are added up on the grid */
	CELLS = 400,
};

/* The distribution of the sum in steps of `step`; an amount between two cells goes to both. */
static double *distribution(struct arena *mem, const struct bet *bets, size_t n, double step)
{
	double *p = arena_array(mem, CELLS + 2, sizeof *p);
	size_t top = 0;

	p[0] = 1;
	for (size_t i = 0; i < n; i++) {
		double cells = bets[i].amount / step;
		size_t whole = (size_t)cells;
		double part = cells - (double)whole;
		double c = bets[i].chance;

		top = top + whole + 1 < CELLS + 1 ? top + whole + 1 : CELLS + 1;
		for (size_t k = top + 1; k-- > 0;)
			p[k] = p[k] * (1 - c) + (k >= whole ? p[k - whole] * c * (1 - part) : 0) +
			       (k >= whole + 1 ? p[k - whole - 1] * c * part : 0);
	}
	return p;
}

/* The chance that sum and normal part together stay at or below x.  Where the normal part is far behind or before a cell, it is 1 or 0. */
static double below(const double *p, double step, double mean, double deviation, double x)
{
	enum { FAR = 9 };
	double chance = 0;

	for (size_t k = 0; k < CELLS + 2; k++) {
		double rest = x - mean - (double)k * step;

		if (rest < -FAR * deviation - 1e-9 * step)
			break;
		if (p[k] > 0)
			chance += p[k] * (deviation > 0 && rest < FAR * deviation ? stat_normal(rest / deviation) : 1);
	}
	return chance;
}

static double quantile(const double *p, double step, double mean, double deviation, double from, double to,
                       double chance)
{
	for (int i = 0; i < 40; i++) {
		double middle = (from + to) / 2;

		*(below(p, step, mean, deviation, middle) < chance ? &from : &to) = middle;
	}
	return to;
}

struct sum sum_of(struct arena *mem, const struct bet *bets, size_t n, double mean, double variance)
{
	struct sum s = { .mean = mean };
	double most = 0;
	double spread = variance;
	double deviation = sqrt(variance);

	for (size_t i = 0; i < n; i++) {
		s.mean += bets[i].amount * bets[i].chance;
		spread += bets[i].amount * bets[i].amount * bets[i].chance * (1 - bets[i].chance);
		most += bets[i].amount;
	}
	if (n > 0 && n <= EXACT && most > 0) {
		double step = most / CELLS;
		const double *p = distribution(mem, bets, n, step);
		double from = mean - 6 * deviation - step;
		double to = mean + 6 * deviation + most + step;

		s.low = quantile(p, step, mean, deviation, from, to, 0.025);
		s.high = quantile(p, step, mean, deviation, from, to, 0.975);
		/* The grid may overshoot by a step. */
		if (deviation <= 0 && s.high > mean + most)
			s.high = mean + most;
	} else {
		s.low = s.mean - STAT_Z * sqrt(spread);
		s.high = s.mean + STAT_Z * sqrt(spread);
	}
	s.low = s.low > 0 ? s.low : 0;
	return s;
}

void sum_next(const double *values, size_t n, double *ret_mean, double *ret_variance)
{
	double sum = 0;
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	*ret_mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - *ret_mean) * (values[i] - *ret_mean);
	*ret_variance = squares / (double)(n - 1) * (1 + 1 / (double)n);
}
