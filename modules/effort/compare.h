/*
 * compare: is one part of many better or worse than the rest, or is it chance?
 * No input or output.
 */
#ifndef MODULES_EFFORT_COMPARE_H
#define MODULES_EFFORT_COMPARE_H

#include "base/base.h"

/* Fewer cases in a part are not judged. */
enum { PART_CASES = 20 };

enum standing { PART_FEW, PART_USUAL, PART_BETTER, PART_WORSE };

struct part {
	int64_t won, n;
	/* Filled by compare_parts. */
	enum standing standing;
	bool best;                      /* of the better ones that with the highest lower end of its interval */
};

/*
 * Each part against all others together: the score test of two proportions, two-sided, over all
 * parts Holm's step-down at 5 %.  At most 400 parts.
 */
void compare_parts(struct part *parts, size_t n);

#endif
