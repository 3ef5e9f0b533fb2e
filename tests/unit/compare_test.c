#include "modules/effort/compare.h"

#include "tests/test.h"

TEST(compare_one_part_against_the_rest)
{
	/* S04-17: 30 % at nine against 18 % at two. */
	struct part parts[] = { { .won = 90, .n = 300 }, { .won = 54, .n = 300 } };

	compare_parts(parts, 2);
	CHECK_INT(parts[0].standing, PART_BETTER);
	CHECK(parts[0].best && !parts[1].best);
	CHECK_INT(parts[1].standing, PART_WORSE);
}

TEST(compare_takes_many_looks_into_account)
{
	/* 12 of 20 against 40 of 100 has p = 0.10: nothing.  15 of 20 alone has p = 0.004, and is not worth it among twenty. */
	struct part one[] = { { .won = 15, .n = 20 }, { .won = 40, .n = 100 } };
	struct part many[20];

	compare_parts(one, 2);
	CHECK_INT(one[0].standing, PART_BETTER);
	for (size_t i = 0; i < LENGTH(many); i++)
		many[i] = (struct part){ .won = i ? 8 : 14, .n = 20 };
	compare_parts(many, LENGTH(many));
	CHECK_INT(many[0].standing, PART_USUAL);
}

TEST(compare_few_and_alike_say_nothing)
{
	struct part parts[] = { { .won = 19, .n = 19 }, { .won = 0, .n = 40 }, { .won = 0, .n = 50 } };
	struct part alone[] = { { .won = 5, .n = 50 } };
	struct part none[] = { { .won = 0, .n = 50 }, { .won = 0, .n = 60 } };

	compare_parts(parts, 3);
	CHECK_INT(parts[0].standing, PART_FEW);
	CHECK_INT(parts[1].standing, PART_WORSE);
	compare_parts(alone, 1);
	CHECK_INT(alone[0].standing, PART_USUAL);
	compare_parts(none, 2);
	CHECK_INT(none[0].standing, PART_USUAL);
	compare_parts(none, 0);
}
