/* chance: xorshift64*, as in the demo: the same numbers everywhere. */
#ifndef TESTS_TRUTH_CHANCE_H
#define TESTS_TRUTH_CHANCE_H

#include <stdint.h>

static uint64_t state;          /* the seed; not 0 */

static double uniform(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (double)((state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

#endif
