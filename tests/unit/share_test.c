#include "modules/target/share.h"

#include "tests/test.h"

__extension__ typedef unsigned __int128 wide;

static int64_t sum_of(const int64_t *parts, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += parts[i];
	return sum;
}

TEST(share_parts_add_up_and_the_largest_remainders_go_up)
{
	struct arena mem;
	int64_t parts[12];

	arena_init(&mem, 0);
	CHECK(share_out(&mem, 100, (int64_t[]){ 1, 1, 1 }, 3, parts));
	CHECK(parts[0] == 34 && parts[1] == 33 && parts[2] == 33);
	/* 10 × 0.26, 0.27, 0.47: 2.6, 2.7, 4.7 – two units for the remainders 7, 7 and 6. */
	CHECK(share_out(&mem, 10, (int64_t[]){ 26, 27, 47 }, 3, parts));
	CHECK(parts[0] == 2 && parts[1] == 3 && parts[2] == 5);
	CHECK(share_out(&mem, 7, (int64_t[]){ 0, 0 }, 2, parts));
	CHECK(parts[0] == 4 && parts[1] == 3);
	CHECK(!share_out(&mem, 7, NULL, 0, parts));
	CHECK(!share_out(&mem, 7, (int64_t[]){ INT64_MAX, 1 }, 2, parts));
	arena_done(&mem);
}

/* Against division of whole numbers in 128 bits: rounded down or up, nothing lost, whatever the size. */
TEST(share_parts_are_exact_shares_rounded)
{
	struct arena mem;
	uint64_t random = 88172645463325252u;

	arena_init(&mem, 0);
	for (int round = 0; round < 2000; round++) {
		int64_t weights[12];
		int64_t parts[12];
		int64_t weight = 0;
		int64_t total;
		size_t n;

		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		n = 1 + random % 12;
		total = (int64_t)(random % 900719925474099u);
		for (size_t i = 0; i < n; i++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			weights[i] = (int64_t)(random % (round % 2 ? 10u : 100000000000000u));
			weight += weights[i];
		}
		if (!weight)
			continue;
		CHECK(share_out(&mem, total, weights, n, parts));
		CHECK_INT(sum_of(parts, n), total);
		for (size_t i = 0; i < n; i++) {
			wide exact = (wide)(uint64_t)total * (uint64_t)weights[i];
			int64_t down = (int64_t)(exact / (uint64_t)weight);

			CHECK(parts[i] == down || (parts[i] == down + 1 && exact % (uint64_t)weight));
		}
		arena_reset(&mem);
	}
	arena_done(&mem);
}
