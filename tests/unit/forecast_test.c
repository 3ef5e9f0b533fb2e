#include <math.h>

#include "modules/forecast/chance.h"
#include "modules/forecast/sum.h"
#include "tests/test.h"

static struct arena *fresh(void)
{
	static struct arena mem;

	arena_reset(&mem);
	return &mem;
}

#define NEAR(got, want, by) CHECK(fabs((got) - (want)) <= (by))

/* All 2ⁿ ways to come out, each with its chance, in order of what they come to. */
static double enumerated(const struct bet *bets, int n, double share)
{
	double best = INFINITY;

	for (unsigned at = 0; at < 1U << n; at++) {
		double x = 0;
		double below = 0;

		for (int i = 0; i < n; i++)
			x += at >> i & 1 ? bets[i].amount : 0;
		for (unsigned w = 0; w < 1U << n; w++) {
			double sum = 0;
			double chance = 1;

			for (int i = 0; i < n; i++) {
				sum += w >> i & 1 ? bets[i].amount : 0;
				chance *= w >> i & 1 ? bets[i].chance : 1 - bets[i].chance;
			}
			below += sum <= x + 1e-9 ? chance : 0;
		}
		if (below >= share - 1e-12 && x < best)
			best = x;
	}
	return best;
}

/* S01-37: 82,000; and the interval is that of all the ways it can come out. */
TEST(forecast_sum_is_exact)
{
	static const struct bet bets[] = { { 100000, 0.5 }, { 40000, 0.8 } };
	static const struct bet more[] = { { 1000, 0.3 }, { 4000, 0.2 }, { 2500, 0.55 }, { 800, 0.9 },
	                                   { 12000, 0.1 }, { 3300, 0.4 }, { 700, 0.5 } };
	struct sum s = sum_of(fresh(), bets, LENGTH(bets), 0, 0);

	NEAR(s.mean, 82000, 1e-6);
	NEAR(s.low, 0, 1e-6);
	NEAR(s.high, 140000, 1e-6);
	s = sum_of(fresh(), more, LENGTH(more), 0, 0);
	NEAR(s.low, enumerated(more, LENGTH(more), 0.025), 24300.0 / 400 * 2);
	NEAR(s.high, enumerated(more, LENGTH(more), 0.975), 24300.0 / 400 * 2);
}

/* Certain and impossible ones; nothing at all; a normal part alone. */
TEST(forecast_sum_at_the_edges)
{
	static const struct bet sure[] = { { 500, 1 }, { 300, 0 } };
	struct sum s = sum_of(fresh(), sure, LENGTH(sure), 0, 0);

	NEAR(s.low, 500, 2.1);
	NEAR(s.high, 500, 2.1);
	s = sum_of(fresh(), NULL, 0, 0, 0);
	CHECK(s.mean == 0 && s.low == 0 && s.high == 0);
	s = sum_of(fresh(), NULL, 0, 1000, 10000);
	NEAR(s.low, 1000 - 195.9963984540054, 1e-6);
	NEAR(s.high, 1000 + 195.9963984540054, 1e-6);
	/* Few with a normal part and many: both ways agree where they meet. */
	struct bet many[200];

	for (size_t i = 0; i < LENGTH(many); i++)
		many[i] = (struct bet){ 100, 0.5 };
	s = sum_of(fresh(), many, LENGTH(many), 0, 1e6);
	NEAR(s.low, 10000 - 1.959963984540054 * sqrt(1e6 + 200 * 2500.0), 60);
	NEAR(s.high, 10000 + 1.959963984540054 * sqrt(1e6 + 200 * 2500.0), 60);
}

TEST(forecast_next_period)
{
	double mean;
	double variance;

	sum_next((double[]){ 2, 4, 6 }, 3, &mean, &variance);
	NEAR(mean, 4, 1e-12);
	NEAR(variance, 4 * (1 + 1.0 / 3), 1e-12);
}

/* Seen to the end it is a share; who lay there for good and who is only half seen are told apart. */
TEST(forecast_chance_of_landmarks)
{
	struct chance_case cases[100];
	struct chance_curve c;

	for (int i = 0; i < 100; i++)
		cases[i] = (struct chance_case){ i < 60 ? 5 : 40, i < 60 ? 20 : 400, i < 30 ? CHANCE_WON : i < 60 ? CHANCE_LOST : CHANCE_OPEN };
	chance_fit(fresh(), cases, 100, 0, &c);
	CHECK_INT(c.cases, 100);
	NEAR(c.value[1], 0, 1e-12);                     /* nothing within 14 days */
	NEAR(c.value[2], 0.3, 1e-12);                   /* on the 20th day */
	NEAR(c.error[2], sqrt(0.3 * 0.7 / 100), 3e-4);
	NEAR(c.error[0], sqrt(0.5 / 101 * (1 - 0.5 / 101) / 101), 1e-12);
	/* Of those still there on the 7th day none was ever won. */
	chance_fit(fresh(), cases, 100, 7, &c);
	CHECK_INT(c.cases, 40);
	NEAR(c.value[26], 0, 1e-12);
	/* Nobody was there that long. */
	chance_fit(fresh(), cases, 100, 60, &c);
	CHECK_INT(c.cases, 0);
}

TEST(forecast_chance_between_weeks)
{
	double weeks[CHANCE_WEEKS];

	for (int w = 0; w < CHANCE_WEEKS; w++)
		weeks[w] = 0.07 * (w + 1) / CHANCE_WEEKS;
	NEAR(chance_within(weeks, 0), 0, 0);
	NEAR(chance_within(weeks, 7), weeks[0], 1e-12);
	NEAR(chance_within(weeks, 10), weeks[0] + (weeks[1] - weeks[0]) * 3 / 7, 1e-12);
	NEAR(chance_within(weeks, 5000), weeks[CHANCE_WEEKS - 1], 1e-12);
	CHECK_INT(chance_age(0), 0);
	CHECK_INT(chance_age(29), 21);
	CHECK_INT(chance_age(30), 30);
	CHECK_INT(chance_age(9999), 365);
}

TEST(forecast_segment_is_drawn_to_all)
{
	struct chance_curve few = { .cases = 20 };
	struct chance_curve all = { .cases = 1000 };

	few.value[0] = 0.8;
	all.value[0] = 0.2;
	chance_blend(&few, &all);
	NEAR(few.value[0], 0.5, 1e-12);
}
