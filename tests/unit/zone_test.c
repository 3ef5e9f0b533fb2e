#include "modules/circle/zone.h"

#include <math.h>

#include "tests/test.h"

enum { SCHOOL = 1, HOSPITAL, FACTORY };

static const struct zone_case *of(const struct zone_case *cases, size_t n, int64_t person, int64_t industry)
{
	for (size_t i = 0; i < n; i++)
		if (cases[i].person == person && cases[i].segment == industry)
			return &cases[i];
	return NULL;
}

static void is_near(int line, double got, double want)
{
	if (!(fabs(got - want) <= 1e-6))
		test_fail(__FILE__, line, "%.9f, not %.9f", got, want);
}

#define NEAR(got, want) is_near(__LINE__, (got), (want))

TEST(zone_check_of_the_method)
{
	/* S02-10: schools 40 %, hospitals 20 %, factories 3 % are high, neutral, mine. */
	struct zone_case cases[] = {
		{ 1, 1, SCHOOL, { 40, 100 }, .zone = ZONE_FEW },
		{ 1, 1, HOSPITAL, { 20, 100 }, .zone = ZONE_FEW },
		{ 1, 1, FACTORY, { 3, 100 }, .zone = ZONE_FEW },
	};

	NEAR(zone_judge(cases, 3, 10), 20);
	CHECK_INT(of(cases, 3, 1, SCHOOL)->zone, ZONE_EFFICIENT);
	CHECK_INT(of(cases, 3, 1, HOSPITAL)->zone, ZONE_EFFECTIVE);
	CHECK_INT(of(cases, 3, 1, FACTORY)->zone, ZONE_MINE);
	/* By hand: all 63 of 300, the team there (40 + 20 · 0.21…) ÷ 120, alike for the person. */
	NEAR(of(cases, 3, 1, SCHOOL)->overall, 0.21);
	CHECK(of(cases, 3, 1, SCHOOL)->low < 0.40 && of(cases, 3, 1, SCHOOL)->high > 0.40);
}

TEST(zone_few_cases_are_not_judged)
{
	struct zone_case cases[] = {
		{ 1, 1, SCHOOL, { 9, 9 }, .zone = ZONE_MINE },
		{ 1, 1, FACTORY, { 0, 40 }, .zone = ZONE_FEW },
	};

	zone_judge(cases, 2, 10);
	CHECK_INT(of(cases, 2, 1, SCHOOL)->zone, ZONE_FEW);
	CHECK_INT(of(cases, 2, 1, FACTORY)->zone, ZONE_MINE);
	NEAR(zone_judge(cases, 0, 10), 20);
}

TEST(zone_few_cases_are_drawn_to_the_team)
{
	/* Two of twelve where the team wins half: the estimate lies between, nearer to the own than nothing would. */
	struct zone_case cases[] = {
		{ 1, 1, SCHOOL, { 2, 12 }, .zone = ZONE_FEW },
		{ 1, 1, FACTORY, { 50, 100 }, .zone = ZONE_FEW },
		{ 2, 1, SCHOOL, { 50, 100 }, .zone = ZONE_FEW },
		{ 2, 1, FACTORY, { 50, 100 }, .zone = ZONE_FEW },
	};

	zone_judge(cases, 4, 10);

	const struct zone_case *c = of(cases, 4, 1, SCHOOL);

	CHECK(c->estimate > 2.0 / 12 && c->estimate < c->expected);
	CHECK_INT(c->of_team.closed, 112);
	CHECK_INT(c->of_person.won, 52);
}

TEST(zone_prior_weighs_less_where_people_differ)
{
	struct zone_case alike[8];
	struct zone_case apart[8];

	for (int i = 0; i < 8; i++) {
		alike[i] = (struct zone_case){ i / 2, 1, i % 2, { 20, 50 }, .zone = ZONE_FEW };
		apart[i] = (struct zone_case){ i / 2, 1, i % 2, { (i + i / 2) % 2 ? 2 : 38, 50 }, .zone = ZONE_FEW };
	}
	NEAR(zone_judge(alike, 8, 10), 100);
	NEAR(zone_judge(apart, 8, 10), 4);
}
