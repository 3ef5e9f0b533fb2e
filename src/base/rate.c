#include "base/rate.h"

#include <math.h>

#include "base/stat.h"

int64_t rate_cases(const struct stays *s)
{
	int64_t n = 0;

	for (int32_t d = 0; d <= s->days; d++)
		n += s->day[d].forward + s->day[d].other + s->day[d].open;
	return n;
}

/* One step of the estimate: what day `d` adds, and how many were watched. */
struct walk {
	double watched;         /* at risk during the day */
	double left;            /* share still there at its beginning */
	double gone;            /* share gone on by its end */
};

static bool step(const struct stays *s, int32_t d, struct walk *w)
{
	const struct stay_day *day = &s->day[d];

	w->watched -= day->open;
	if (w->watched <= 0)
		return false;
	w->gone += w->left * day->forward / w->watched;
	return true;
}

static void leave(const struct stays *s, int32_t d, struct walk *w)
{
	double ends = s->day[d].forward + s->day[d].other;

	w->left *= 1 - ends / w->watched;
	w->watched -= ends;
}

/*
 * Days that may be used: up to the last one with enough cases under watch.  What is
 * undecided behind it must matter, else the whole horizon is known: nobody is left to watch.
 */
static int32_t usable(const struct stays *s, int64_t n)
{
	struct walk w = { (double)n, 1, 0 };
	int32_t days = 0;
	double undecided = 1;

	for (int32_t d = 0; d < s->days && step(s, d, &w); d++) {
		if (w.watched >= RATE_WATCHED) {
			days = d + 1;
			leave(s, d, &w);
			undecided = w.left;
		} else {
			leave(s, d, &w);
		}
	}
	return undecided < 0.05 ? s->days : days;
}

/*
 * Marubini and Valsecchi, Analysing Survival Data (1995), 10.3: with F at the end,
 * F_t at day t, S the share left before t, n watched, d ends, e ends forward,
 *   Σ (F − F_t)² d / n(n − d)  +  Σ S² e (n − e) / n³  −  2 Σ (F − F_t) S e / n².
 */
static double variance(const struct stays *s, int64_t n, int32_t days, double whole)
{
	struct walk w = { (double)n, 1, 0 };
	double sum = 0;

	for (int32_t t = 0; t < days && step(s, t, &w); t++) {
		double e = s->day[t].forward;
		double ends = e + s->day[t].other;
		double m = w.watched;
		double rest = whole - w.gone;

		if (ends > 0 && m > ends)
			sum += rest * rest * ends / (m * (m - ends));
		sum += w.left * w.left * e * (m - e) / (m * m * m);
		sum -= 2 * rest * w.left * e / (m * m);
		leave(s, t, &w);
	}
	return sum > 0 ? sum : 0;
}

struct rate rate_forward(const struct stays *s, int32_t limit)
{
	struct rate r = { .n = rate_cases(s) };
	struct walk w = { (double)r.n, 1, 0 };

	if (r.n == 0)
		return r;
	r.days = usable(s, r.n);
	if (limit && limit < r.days)
		r.days = limit;
	r.known = r.n;
	for (int32_t d = 0; d < r.days; d++)
		r.known -= s->day[d].open;
	for (int32_t d = 0; d < r.days && step(s, d, &w); d++)
		leave(s, d, &w);
	r.value = w.gone < 1 ? w.gone : 1;
	r.variance = variance(s, r.n, r.days, r.value);
	if (r.variance <= 0 || r.value <= 0 || r.value >= 1) {
		/* Nobody or everybody: the scale has no such point, Wilson has. */
		int64_t n = r.known > 0 ? r.known : 1;

		stat_wilson(r.value >= 0.5 ? n : 0, n, &r.low, &r.high);
		return r;
	}

	double log_value = log(r.value);
	double width = STAT_Z * sqrt(r.variance) / (r.value * log_value);     /* negative */

	r.low = pow(r.value, exp(-width));
	r.high = pow(r.value, exp(width));
	return r;
}

double rate_weight(const struct rate *r)
{
	double p = r->value;

	return r->variance > 0 && p > 0 && p < 1 ? p * (1 - p) / r->variance : (double)r->known;
}
