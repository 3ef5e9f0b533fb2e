#include "modules/funnel/neck.h"

#include <math.h>

#include "tests/test.h"

enum { HORIZON = 30, STAGES = 4 };

static struct arena *fresh(void)
{
	static struct arena mem;

	arena_reset(&mem);
	return &mem;
}

/* `passed` of `n` went on within a day, the others ended. */
static struct stays counts(struct arena *mem, int32_t n, int32_t passed)
{
	struct stays s = stays_new(mem, HORIZON);

	s.day[1].forward = passed;
	s.day[2].other = n - passed;
	return s;
}

TEST(neck_holm_as_published)
{
	/* R: p.adjust(c(0.04, 0.01, 0.05, 0.02, 0.03), "holm") */
	double chances[] = { 0.04, 0.01, 0.05, 0.02, 0.03, };
	static const double want[] = { 0.09, 0.05, 0.09, 0.08, 0.09 };
	double *at[LENGTH(chances)];

	for (size_t i = 0; i < LENGTH(chances); i++)
		at[i] = &chances[i];
	neck_holm(fresh(), at, LENGTH(at));
	for (size_t i = 0; i < LENGTH(chances); i++)
		CHECK(fabs(chances[i] - want[i]) < 1e-12);
}

/* One line of stages, each with its number of entries; the last number is what comes out of it. */
static void judge(struct arena *mem, const int32_t *entered, struct finding *ret)
{
	struct stays now[STAGES];
	struct stays nothing = stays_new(mem, HORIZON);
	struct place places[STAGES];

	for (int i = 0; i < STAGES; i++) {
		now[i] = counts(mem, entered[i], entered[i + 1]);
		places[i] = (struct place){ &now[i], &nothing, NULL, 0 };
	}
	neck_judge(mem, places, STAGES, ret);
}

/* S02-06: the check's own numbers. */
TEST(neck_gourd_and_funnel)
{
	static const int32_t gourd[] = { 200, 150, 12, 10, 9 };
	static const int32_t funnel[] = { 200, 120, 70, 40, 24 };
	struct finding found[STAGES];

	judge(fresh(), gourd, found);
	CHECK_INT(found[0].verdict, NECK_NORMAL);
	CHECK_INT(found[1].verdict, NECK_NECK);
	CHECK_INT(found[1].surest, LOOK_STAGES);
	CHECK(fabs(found[1].rate.value - 0.08) < 1e-9);
	/* Only the first has enough beside it: half of 75 %. */
	CHECK(fabs(found[1].look[LOOK_STAGES].against - 0.375) < 1e-9);
	CHECK_INT(found[2].verdict, NECK_FEW);
	CHECK_INT(found[3].verdict, NECK_FEW);

	judge(fresh(), funnel, found);
	for (int i = 0; i < STAGES; i++)
		CHECK_INT(found[i].verdict, NECK_NORMAL);
}

static struct finding against(struct arena *mem, struct stays now, struct stays before, struct stays *others)
{
	struct finding found;

	neck_judge(mem, &(struct place){ &now, &before, others, 0 }, 1, &found);
	return found;
}

TEST(neck_against_history_and_others)
{
	struct arena *mem = fresh();
	struct stays others = counts(mem, 1600, 960);
	struct finding f = against(mem, counts(mem, 400, 160), counts(mem, 1600, 960), NULL);

	CHECK_INT(f.verdict, NECK_NECK);
	CHECK_INT(f.surest, LOOK_HISTORY);
	CHECK(fabs(f.missing - 80) < 1e-6);     /* 60 % of 400 are 240, 160 went on */
	CHECK(!f.look[LOOK_OTHERS].done && !f.look[LOOK_STAGES].done);

	f = against(mem, counts(mem, 400, 160), counts(mem, 1600, 640), &others);
	CHECK_INT(f.verdict, NECK_NECK);
	CHECK_INT(f.surest, LOOK_OTHERS);

	/* Alike, or better: nothing. */
	f = against(mem, counts(mem, 400, 240), counts(mem, 1600, 960), &others);
	CHECK_INT(f.verdict, NECK_NORMAL);
	f = against(mem, counts(mem, 400, 380), counts(mem, 1600, 960), &others);
	CHECK_INT(f.verdict, NECK_NORMAL);

	/* Sure, but too little to matter: 56 against 60 % of very many. */
	f = against(mem, counts(mem, 40000, 22400), counts(mem, 40000, 24000), NULL);
	CHECK_INT(f.verdict, NECK_WATCH);
	CHECK(f.missing == 0);

	/* The same third less, of 19: not enough data. */
	f = against(mem, counts(mem, 19, 7), counts(mem, 1600, 960), &others);
	CHECK_INT(f.verdict, NECK_FEW);
	CHECK_INT(f.surest, -1);
}

/* What is found alone may be chance among many: twenty places, one of them at 3 %. */
TEST(neck_takes_more_where_more_is_looked_at)
{
	struct arena *mem = fresh();
	struct stays bad = counts(mem, 100, 50);
	struct stays good = counts(mem, 100, 60);
	struct stays before = counts(mem, 1000, 600);
	struct place places[20];
	struct finding found[20];

	for (size_t i = 0; i < LENGTH(places); i++)
		places[i] = (struct place){ i == 7 ? &bad : &good, &before, NULL, i };
	neck_judge(mem, &places[7], 1, found);
	CHECK_INT(found[0].verdict, NECK_NECK);
	neck_judge(mem, places, LENGTH(places), found);
	CHECK_INT(found[7].verdict, NECK_WATCH);
	CHECK(found[7].look[LOOK_HISTORY].chance > found[7].look[LOOK_HISTORY].single * 19);
}

TEST(neck_compares_over_the_same_days)
{
	struct arena *mem = fresh();
	struct stays now = stays_new(mem, HORIZON);
	struct stays before = stays_new(mem, HORIZON);
	double chance;
	double rate;

	/* Now is seen for ten days only; by then 30 % had gone on before as well. */
	now.day[5].forward = 30;
	now.day[10].open = 70;
	before.day[5].forward = 300;
	before.day[20].forward = 300;
	before.day[HORIZON].open = 400;
	CHECK(neck_below(&now, &before, &chance, &rate));
	CHECK(fabs(rate - 0.3) < 1e-9);
	CHECK(fabs(chance - 0.5) < 1e-9);
}

TEST(neck_since_finds_the_month)
{
	struct arena *mem = fresh();
	struct stays months[12];

	for (size_t i = 0; i < LENGTH(months); i++)
		months[i] = counts(mem, 100, i < 8 ? 60 : 40);
	CHECK_INT(neck_since(mem, months, LENGTH(months)), 8);
	for (size_t i = 0; i < LENGTH(months); i++)
		months[i] = counts(mem, 100, 60);
	CHECK_INT(neck_since(mem, months, LENGTH(months)), 0);
}
