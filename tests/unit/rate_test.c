#include "base/rate.h"

#include <math.h>

#include "tests/test.h"

enum { HORIZON = 40 };

static struct stay_day days[RATE_DAYS + 1];

/* Nobody yet, over so many days. */
static struct stays empty(int32_t horizon)
{
	memset(days, 0, sizeof days);
	return (struct stays){ horizon, days };
}

static void near(int line, const char *what, double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		test_fail(__FILE__, line, "%s is %.9f, not %.9f", what, got, want);
}

#define NEAR(got, want, within) near(__LINE__, #got, (got), (want), (within))

TEST(rate_is_kaplan_meier_where_there_is_one_end)
{
	/*
	 * Freireich 1963, 21 patients on 6-MP: weeks of remission, + still in it.  Survival and
	 * Greenwood's error as in every textbook.
	 */
	static const int32_t ended[] = { 6, 6, 6, 7, 10, 13, 16, 22, 23 };
	static const int32_t open[] = { 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35 };
	static const struct {
		int32_t week;
		double survival, error;
	} published[] = {
		{ 6, 0.857, 0.0764 }, { 7, 0.807, 0.0869 }, { 10, 0.753, 0.0963 }, { 13, 0.690, 0.1068 },
		{ 16, 0.627, 0.1141 }, { 22, 0.538, 0.1282 }, { 23, 0.448, 0.1346 },
	};
	struct stays s = empty(24);

	for (size_t i = 0; i < LENGTH(ended); i++)
		s.day[ended[i]].forward++;
	for (size_t i = 0; i < LENGTH(open); i++)       /* seen to the end of that week */
		s.day[open[i] + 1 < 24 ? open[i] + 1 : 24].open++;
	for (size_t i = 0; i < LENGTH(published); i++) {
		struct rate r = rate_forward(&s, published[i].week + 1);

		CHECK_INT(r.days, published[i].week + 1);
		NEAR(1 - r.value, published[i].survival, 0.0005);
		NEAR(sqrt(r.variance), published[i].error, 0.00005);
	}
}

TEST(rate_with_a_competing_end_by_hand)
{
	/*
	 * Ten: two go on and one ends on the first day; one is seen no longer; of six one goes on;
	 * of five one goes on and one ends.  2/10 + 7/10 · 1/6 + 7/10 · 5/6 · 1/5 = 13/30.
	 */
	struct stays s = empty(3);

	s.day[0] = (struct stay_day){ 2, 1, 0 };
	s.day[1] = (struct stay_day){ 1, 0, 1 };
	s.day[2] = (struct stay_day){ 1, 1, 0 };
	s.day[3] = (struct stay_day){ 0, 0, 3 };

	struct rate r = rate_forward(&s, 0);

	CHECK_INT(r.n, 10);
	CHECK_INT(r.known, 9);
	CHECK_INT(r.days, 3);
	NEAR(r.value, 13.0 / 30, 1e-12);
	NEAR(r.variance, 733.0 / 27000, 1e-12);
	CHECK(r.low < r.value && r.value < r.high);
}

TEST(rate_is_a_proportion_where_nothing_is_open)
{
	struct stays s = empty(HORIZON);

	for (int32_t d = 0; d < HORIZON; d++)
		s.day[d] = (struct stay_day){ d % 3, d % 5, 0 };

	struct rate r = rate_forward(&s, 0);
	double passed = 0;

	for (int32_t d = 0; d < HORIZON; d++)
		passed += s.day[d].forward;
	NEAR(r.value, passed / (double)r.n, 1e-12);
	NEAR(r.variance, r.value * (1 - r.value) / (double)r.n, 1e-12);
	NEAR(rate_weight(&r), (double)r.n, 1e-6);
}

/*
 * The slow way: each case weighs the same; one that is seen no longer hands its weight
 * on to all that are (Efron's redistribution to the right).
 */
static double redistributed(const struct stays *s, int32_t until)
{
	double left = (double)rate_cases(s);
	double weight = 1;
	double passed = 0;
	double n = left;

	for (int32_t d = 0; d < until; d++) {
		const struct stay_day *day = &s->day[d];

		if (left - day->open > 0)
			weight *= left / (left - day->open);
		left -= day->open;
		passed += weight * day->forward;
		left -= day->forward + day->other;
	}
	return passed / n;
}

TEST(rate_is_what_redistribution_says)
{
	uint32_t random = 1;

	for (int round = 0; round < 500; round++) {
		struct stays s = empty(HORIZON);

		for (int i = 0; i < 300; i++) {
			random = random * 1664525 + 1013904223;

			struct stay_day *day = &s.day[(random >> 8) % (HORIZON + 1)];
			int32_t *to[] = { &day->forward, &day->other, &day->open };

			(*to[(random >> 24) % 3])++;
		}

		struct rate r = rate_forward(&s, 0);

		NEAR(r.value, redistributed(&s, r.days), 1e-9);
		CHECK(0 <= r.low && r.low <= r.value && r.value <= r.high && r.high <= 1);
	}
}

TEST(rate_says_how_far_it_knows)
{
	/* A hundred, all seen for ten days only, half of them undecided. */
	struct stays s = empty(HORIZON);

	s.day[2].forward = 50;
	s.day[10].open = 50;
	CHECK_INT(rate_forward(&s, 0).days, 10);
	NEAR(rate_forward(&s, 0).value, 0.5, 1e-12);

	/* If all is decided early, the rest of the days brings nothing new. */
	s.day[3].other = 50;
	s.day[10].open = 0;
	CHECK_INT(rate_forward(&s, 0).days, HORIZON);

	/* Nobody, and everybody: there is an interval all the same. */
	s = empty(HORIZON);
	s.day[HORIZON].open = 20;
	NEAR(rate_forward(&s, 0).low, 0, 0);
	NEAR(rate_forward(&s, 0).high, 0.1611, 0.00005);
	s = empty(HORIZON);
	s.day[0].forward = 20;
	NEAR(rate_forward(&s, 0).low, 1 - 0.1611, 0.00005);
	NEAR(rate_forward(&s, 0).high, 1, 0);

	s = empty(HORIZON);
	CHECK_INT(rate_forward(&s, 0).n, 0);
}
