#include "modules/twoq/score.h"

#include <math.h>

#include "tests/test.h"

static struct arena *fresh(void)
{
	static struct arena mem;

	arena_reset(&mem);
	return &mem;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

/* Quantity as given by openings of 100 due, quality by goals reached and stages moved of 100 visits. */
static struct score scored(int64_t opening, int64_t reached)
{
	return score_work(&(struct work){
		.opening = opening, .opening_due = 100, .visits = 100, .reached = reached, .advanced = reached,
		.skill = -1, .floor_quantity = 0.8, .floor_quality = 0.6, .weights = { 25, 25, 25, 25 },
	});
}

/* S02-01 */
TEST(score_is_a_product)
{
	struct score s = scored(100, 50);

	CHECK(near(s.index, 0.5));
	CHECK_INT(s.below, BELOW_QUALITY);
	s = scored(150, 0);
	CHECK(near(s.quantity, 1.5) && near(s.index, 0));
	CHECK_INT(s.below, BELOW_QUALITY);

	/* The floor of quantity is lifted by no quality. */
	s = scored(79, 100);
	CHECK_INT(s.below, BELOW_QUANTITY);
	CHECK_INT(scored(80, 60).below, BELOW_NONE);
	CHECK_INT(scored(10, 10).below, BELOW_BOTH);
}

TEST(score_takes_what_is_known)
{
	/* K-02: the mean of both; K-03: of three. */
	struct score s = score_work(&(struct work){
		.opening = 10, .opening_due = 20, .follow = 30, .follow_due = 20,
		.visits = 20, .reached = 12, .advanced = 8, .skill = 0.5, .weights = { 25, 25, 25, 25 },
	});

	CHECK(near(s.quantity, 1.0));
	CHECK(near(s.goal_rate, 0.6) && near(s.advance_rate, 0.4));     /* S02-12 */
	CHECK(near(s.quality, 0.5));

	/* Four parts, by their weights: (2 · 60 + 1 · 40 + 5 · 75 + 2 · 50) ÷ 10. */
	s = score_work(&(struct work){
		.visits = 20, .reached = 12, .advanced = 8, .profile_known = 8, .profile_met = 6, .skill = 0.5,
		.weights = { 2, 1, 5, 2 },
	});
	CHECK(near(s.profile_rate, 0.75));
	CHECK(near(s.quality, 0.635));

	/* What weighs nothing makes no quality. */
	s = score_work(&(struct work){ .visits = 20, .skill = -1, .weights = { 0, 0, 5, 0 } });
	CHECK(!s.has_quality);

	s = score_work(&(struct work){ .opening = 3, .skill = -1, .weights = { 1, 1, 1, 1 } });
	CHECK(!s.has_quantity && !s.has_quality);
	CHECK_INT(s.below, BELOW_NONE);
	CHECK_INT(s.quadrant, QUADRANT_UNKNOWN);
	CHECK_TEXT(score_reading(&s, 0, true), NULL);
}

/* S02-13 */
TEST(score_quadrants_and_volatility)
{
	struct score a = scored(120, 30);
	struct score b = scored(50, 90);
	double swing = 0;

	CHECK_INT(a.quadrant, QUADRANT_MUCH_POOR);
	CHECK_INT(b.quadrant, QUADRANT_GOOD_FEW);
	CHECK_INT(scored(100, 100).quadrant, QUADRANT_BALANCED);
	CHECK_INT(scored(10, 10).quadrant, QUADRANT_FEW_POOR);
	CHECK(score_volatility((double[]){ 0, 90, 10, 80 }, 4, &swing));
	CHECK(fabs(swing - 0.90) < 0.005);
	CHECK(!score_volatility((double[]){ 0, 0, 0 }, 3, &swing));
	CHECK(!score_volatility((double[]){ 5 }, 1, &swing));
	CHECK(strncmp(score_reading(&a, 0, true), "Much, poor", 10) == 0);
	CHECK(strncmp(score_reading(&b, 0.9, true), "Good, few", 9) == 0);
}

/* S02-05 */
TEST(score_ratio_says_market_or_ability)
{
	struct ratio market[8] = { 0 };
	struct ratio one[8] = { 0 };
	struct ratio r = { .opened = 50, .followed = 6 };

	for (size_t i = 0; i < 8; i++) {
		market[i] = (struct ratio){ .group = i < 4 ? 1 : 2, .opened = 100, .followed = i < 4 ? 5 : 15 };
		one[i] = (struct ratio){ .group = i < 4 ? 1 : 2, .opened = 100, .followed = i == 2 ? 4 : 15 };
	}
	score_ratios(fresh(), market, 8);
	score_ratios(fresh(), one, 8);
	for (size_t i = 0; i < 8; i++) {
		CHECK_INT(market[i].reading, i < 4 ? READING_MARKET : READING_NORMAL);
		CHECK_INT(one[i].reading, i == 2 ? READING_REP : READING_NORMAL);
	}
	CHECK(near(one[2].median, 0.15));

	/* Alone there is nothing to compare with; ten opened at least. */
	score_ratios(fresh(), &r, 1);
	CHECK(near(r.value, 0.12));
	CHECK_INT(r.reading, READING_FEW);
	one[2].opened = 9;
	one[2].followed = 0;
	score_ratios(fresh(), one, 8);
	CHECK_INT(one[2].reading, READING_FEW);

	/* A team of one is no market. */
	one[0].group = 3;
	one[0].followed = 1;
	score_ratios(fresh(), one, 8);
	CHECK_INT(one[0].reading, READING_REP);
}
