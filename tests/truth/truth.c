/*
 * truth: companies whose necks are known, judged as the product judges them.
 *
 *   truth [COMPANIES] [SEED]
 *
 * Each company has five teams and four stages, a year of history and a window of
 * ninety days that ends today.  A case goes on, ends otherwise, or lies there for
 * good; what has not happened by today is not seen.  In half of the companies one
 * team passes a third less at one stage since some day of the last half year, in the others nothing differs.
 * Cases per stage: those of one team that enter within the window.
 *
 * Power: planted necks found.  False alarm: team-months without a neck in which
 * one is called.  Coverage: intervals that hold the share that truly goes on within
 * their days.  The last line is JSON for 400 cases.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "modules/funnel/neck.h"
#include "tests/truth/chance.h"

enum { TEAMS = 5, STAGES = 4, PLACES = TEAMS * STAGES, WINDOW = 90, HISTORY = 365, MONTHS = 16 };

static double exponential(double mean)
{
	return -mean * log(1 - uniform());
}

struct stage {
	double pass;            /* share that goes on in the end */
	double stuck;           /* share that never leaves */
	double days;            /* mean until it goes on; until it ends otherwise half as much again */
	int32_t horizon;
};

struct company {
	struct stage stages[STAGES];
	int neck;               /* place, -1: none */
	double since;           /* days before today */
};

static void found(struct company *c, bool neck)
{
	static const double norms[STAGES] = { 14, 21, 21, 30 };

	for (int i = 0; i < STAGES; i++) {
		c->stages[i] = (struct stage){
			.pass = 0.35 + 0.45 * uniform(),
			.stuck = 0.02 + 0.08 * uniform(),
			.days = norms[i] * (0.6 + 0.8 * uniform()),
			.horizon = (int32_t)norms[i] * 2,
		};
	}
	c->neck = neck ? (int)(uniform() * PLACES) : -1;
	c->since = WINDOW + 90 * uniform();
}

static double pass_of(const struct company *c, int place, double entered)
{
	double pass = c->stages[place % STAGES].pass;

	return place == c->neck && entered <= c->since ? pass * 2 / 3 : pass;
}

/* One case that entered `entered` days ago, as it is seen today. */
static void add_case(const struct company *c, int place, double entered, struct stays *to)
{
	const struct stage *s = &c->stages[place % STAGES];
	double pass = pass_of(c, place, entered);
	double fate = uniform();
	bool forward = fate < pass;
	double left = forward ? exponential(s->days)
	            : fate < 1 - s->stuck ? exponential(s->days * 1.5) : INFINITY;
	int32_t seen = (int32_t)entered;
	int32_t day = left < to->days ? (int32_t)left : to->days;

	if (day < seen && day < to->days)
		*(forward ? &to->day[day].forward : &to->day[day].other) += 1;
	else
		to->day[seen < to->days ? seen : to->days].open++;
}

struct tally {
	int64_t necks, found, dated;            /* planted, found, found with the right month */
	int64_t months, alarms;                 /* team-months without a neck, and alarms in them */
	int64_t intervals, covered;
};

static void cover(const struct company *c, int place, const struct rate *r, struct tally *t)
{
	const struct stage *s = &c->stages[place % STAGES];
	double pass = pass_of(c, place, 0);
	double truth = pass * (1 - exp(-r->days / s->days));

	if (r->n < NECK_CASES || r->days == 0)
		return;
	t->intervals++;
	t->covered += r->low <= truth && truth <= r->high;
}

static void judge(const struct company *c, int cases, struct tally *t)
{
	struct arena mem;
	struct stays months[PLACES][MONTHS];
	struct stays now[PLACES], before[PLACES], others[PLACES];
	struct place places[PLACES];
	struct finding found_at[PLACES];

	arena_init(&mem, 0);
	for (int p = 0; p < PLACES; p++) {
		int32_t horizon = c->stages[p % STAGES].horizon;

		now[p] = stays_new(&mem, horizon);
		before[p] = stays_new(&mem, horizon);
		others[p] = stays_new(&mem, horizon);
		for (int m = 0; m < MONTHS; m++)
			months[p][m] = stays_new(&mem, horizon);
		for (int i = 0; i < cases * (WINDOW + HISTORY) / WINDOW; i++) {
			double entered = (WINDOW + HISTORY) * uniform();

			add_case(c, p, entered, &months[p][MONTHS - 1 - (int)(entered / 30)]);
		}
		for (int m = 0; m < MONTHS; m++)
			stays_add(m >= MONTHS - WINDOW / 30 ? &now[p] : &before[p], &months[p][m]);
	}
	for (int p = 0; p < PLACES; p++)
		for (int q = p % STAGES; q < PLACES; q += STAGES)
			if (q != p)
				stays_add(&others[p], &now[q]);
	for (int p = 0; p < PLACES; p++)
		places[p] = (struct place){ &now[p], &before[p], &others[p], (size_t)(p / STAGES) };
	neck_judge(&mem, places, PLACES, found_at);

	for (int team = 0; team < TEAMS; team++) {
		bool alarm = false;

		for (int p = team * STAGES; p < (team + 1) * STAGES; p++) {
			bool neck = found_at[p].verdict == NECK_NECK;

			cover(c, p, &found_at[p].rate, t);
			if (p != c->neck) {
				alarm |= neck;
				continue;
			}
			t->necks++;
			t->found += neck;
			if (neck) {
				int month = MONTHS - 1 - (int)(c->since / 30);

				t->dated += abs((int)neck_since(&mem, months[p], MONTHS) - month) <= 1;
			}
		}
		t->months++;
		t->alarms += alarm;
	}
	arena_done(&mem);
}

static double share(int64_t part, int64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

int main(int argc, char **argv)
{
	static const int sizes[] = { 25, 50, 100, 200, 400, 800 };
	int companies = argc > 1 ? atoi(argv[1]) : 2000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct tally at_400 = { 0 };

	printf("%d companies a size, half of them with one neck: a third less at one stage of one team of five\n", companies);
	printf("%8s %8s %12s %14s %12s %10s\n", "cases", "power", "right month", "false alarms", "team-months", "coverage");
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		struct tally t = { 0 };

		for (int k = 0; k < companies; k++) {
			struct company c;

			state = (seed * 1000003 + (uint64_t)k) * UINT64_C(0x9E3779B97F4A7C15) + 1;
			found(&c, k % 2 == 0);
			judge(&c, sizes[i], &t);
		}
		printf("%8d %7.1f%% %11.1f%% %13.2f%% %12" PRId64 " %9.2f%%\n", sizes[i], 100 * share(t.found, t.necks),
		       100 * share(t.dated, t.found), 100 * share(t.alarms, t.months), t.months,
		       100 * share(t.covered, t.intervals));
		if (sizes[i] == 400)
			at_400 = t;
	}
	printf("{\"power\":%.4f,\"false_alarm\":%.4f,\"coverage\":%.4f}\n", share(at_400.found, at_400.necks),
	       share(at_400.alarms, at_400.months), share(at_400.covered, at_400.intervals));
	return 0;
}
