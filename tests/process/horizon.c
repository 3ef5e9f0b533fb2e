/*
 * horizon: companies whose future is known, forecast as the product forecasts them.
 *
 *   horizon [COMPANIES] [SEED]
 *
 * Each company has five people, four stages and two years of history; deals arrive, go
 * on, are lost, or lie there for good.  Today the experience of all is fitted, and
 * for the first person and for everybody the calibrated interval is asked: of what is open,
 * and with what is not there yet.  Coverage: intervals that hold what was won in the days that follow.
 * The last line is JSON.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "modules/forecast/chance.h"
#include "modules/forecast/sum.h"
#include "tests/truth/chance.h"

enum { PEOPLE = 5, STAGES = 4, TODAY = 730, AHEAD = 91, STRETCHES = 52 };

struct deal {
	int person, n;                  /* n: stages it entered */
	double entered[STAGES];
	double ended;                   /* INFINITY: never */
	double amount;
	bool won;
};

static double exponential(double mean)
{
	return -mean * log(1 - uniform());
}

static double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(6.283185307179586 * uniform());
}

struct company {
	double pass[STAGES], stuck[STAGES], days[STAGES];
	struct deal *deals;
	size_t n;
};

static void live(struct company *c, struct deal *d, double at)
{
	d->ended = INFINITY;
	for (int s = 0; s < STAGES; s++) {
		bool on = uniform() < c->pass[s];

		d->entered[s] = at;
		d->n = s + 1;
		if (uniform() < c->stuck[s])
			return;
		at += exponential(c->days[s] * (on ? 1 : 1.5));
		if (!on || s == STAGES - 1) {
			d->ended = at;
			d->won = on;
			return;
		}
	}
}

/* `rate`: deals of one person a day. */
static void found(struct arena *mem, struct company *c, double rate)
{
	static const double norms[STAGES] = { 14, 21, 21, 30 };
	size_t cap = (size_t)(rate * PEOPLE * (TODAY + AHEAD) * 2) + 100;

	for (int s = 0; s < STAGES; s++) {
		c->pass[s] = 0.4 + 0.4 * uniform();
		c->stuck[s] = 0.02 + 0.06 * uniform();
		c->days[s] = norms[s] * (0.6 + 0.8 * uniform());
	}
	c->deals = arena_array(mem, cap, sizeof *c->deals);
	c->n = 0;
	for (int p = 0; p < PEOPLE; p++) {
		/* It runs already when history begins. */
		for (double at = exponential(1 / rate) - 200; at < TODAY + AHEAD && c->n < cap; at += exponential(1 / rate)) {
			struct deal *d = &c->deals[c->n++];

			*d = (struct deal){ .person = p, .amount = 10000 * exp(0.8 * normal()) };
			live(c, d, at);
		}
	}
}

static int32_t day(double at)
{
	return (int32_t)floor(at);
}

static void fit(struct arena *mem, const struct company *c, struct chance_curve curves[STAGES][20])
{
	struct chance_case *cases = arena_array(mem, c->n + 1, sizeof *cases);

	for (int s = 0; s < STAGES; s++) {
		size_t n = 0;

		for (size_t i = 0; i < c->n; i++) {
			const struct deal *d = &c->deals[i];
			double left = s + 1 < d->n ? d->entered[s + 1] : d->ended;

			if (s >= d->n || d->entered[s] < 0 || d->entered[s] >= TODAY)
				continue;
			int32_t from = day(d->entered[s]);

			cases[n++] = (struct chance_case){
				(left < TODAY ? day(left) : TODAY) - from, (d->ended < TODAY ? day(d->ended) : TODAY) - from,
				d->ended >= TODAY ? CHANCE_OPEN : d->won ? CHANCE_WON : CHANCE_LOST };
		}
		for (size_t a = 0; a < chance_n_ages; a++)
			chance_fit(mem, cases, n, chance_ages[a], &curves[s][a]);
	}
}

struct told {
	struct sum open, all;           /* of what is open; with new business */
	double came_open, came_all;
};

/* person −1: everybody. */
static struct told tell(struct arena *mem, const struct company *c, struct chance_curve curves[STAGES][20], int person, int32_t days)
{
	struct told t = { 0 };
	struct bet *bets = arena_array(mem, c->n + 1, sizeof *bets);
	double exposed[STAGES][20] = { { 0 } };
	double variance = 0;
	double mean = 0;
	double more = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct deal *d = &c->deals[i];
		int s = d->n - 1;
		bool came = d->won && d->ended >= TODAY && d->ended < TODAY + days;

		if (person >= 0 && d->person != person)
			continue;
		t.came_all += came ? d->amount : 0;
		if (d->entered[0] >= TODAY || d->ended < TODAY)
			continue;
		while (s > 0 && d->entered[s] >= TODAY)
			s--;

		int32_t here = TODAY - day(d->entered[s]);
		size_t a = 0;

		while (chance_ages[a] != chance_age(here))
			a++;
		if (curves[s][a].cases < CHANCE_CASES)
			continue;
		t.came_open += came ? d->amount : 0;
		bets[n++] = (struct bet){ d->amount, chance_within(curves[s][a].value, days) };
		exposed[s][a] += d->amount;
	}
	for (int s = 0; s < STAGES; s++) {
		for (size_t a = 0; a < chance_n_ages; a++) {
			double error = exposed[s][a] > 0 ? exposed[s][a] * chance_within(curves[s][a].error, days) : 0;

			variance += error * error;
		}
	}
	t.open = sum_of(mem, bets, n, 0, variance);
	for (int p = 0; p < PEOPLE; p++) {
		double won[STRETCHES] = { 0 };
		double m;
		double v;

		if (person >= 0 && p != person)
			continue;
		for (size_t i = 0; i < c->n; i++) {
			const struct deal *d = &c->deals[i];
			int k = d->ended < TODAY ? (TODAY - 1 - day(d->ended)) / days : -1;

			if (d->person == p && d->won && k >= 0 && k < TODAY / days && k < STRETCHES &&
			    d->entered[0] >= TODAY - (k + 1) * days)
				won[k] += d->amount;
		}
		sum_next(won, (size_t)(TODAY / days < STRETCHES ? TODAY / days : STRETCHES), &m, &v);
		mean += m;
		more += v;
	}
	t.all = sum_of(mem, bets, n, mean, variance + more);
	return t;
}

int main(int argc, char **argv)
{
	static const double rates[] = { 0.1, 0.3, 1 };
	static const int32_t lengths[] = { 30, 90 };
	int companies = argc > 1 ? atoi(argv[1]) : 400;
	double worst = 1;
	double best = 0;
	struct arena mem;

	arena_init(&mem, 0);
	state = argc > 2 ? (uint64_t)atoll(argv[2]) : 1;
	printf("deals a year  days  who       covers open  covers all  forecast/came\n");
	for (size_t r = 0; r < LENGTH(rates); r++) {
		for (size_t l = 0; l < LENGTH(lengths); l++) {
			int open[2] = { 0 };
			int all[2] = { 0 };
			double said[2] = { 0 };
			double came[2] = { 0 };

			for (int i = 0; i < companies; i++) {
				struct chance_curve curves[STAGES][20];
				struct company c;

				found(&mem, &c, rates[r]);
				fit(&mem, &c, curves);
				for (int w = 0; w < 2; w++) {
					struct told t = tell(&mem, &c, curves, w ? -1 : 0, lengths[l]);

					open[w] += t.came_open >= t.open.low - 1e-6 && t.came_open <= t.open.high + 1e-6;
					all[w] += t.came_all >= t.all.low - 1e-6 && t.came_all <= t.all.high + 1e-6;
					said[w] += t.all.mean;
					came[w] += t.came_all;
				}
				arena_reset(&mem);
			}
			for (int w = 0; w < 2; w++) {
				double share = (double)open[w] / companies;

				worst = share < worst ? share : worst;
				share = (double)all[w] / companies;
				worst = share < worst ? share : worst;
				best = share > best ? share : best;
				printf("%12.0f  %4d  %-8s  %10.1f %%  %8.1f %%  %13.2f\n", rates[r] * 365, lengths[l],
				       w ? "all five" : "one", 100.0 * open[w] / companies, 100.0 * all[w] / companies, said[w] / came[w]);
			}
		}
	}
	printf("{\"companies\": %d, \"least\": %.4f, \"most\": %.4f}\n", companies, worst, best);
	arena_done(&mem);
	return 0;
}
