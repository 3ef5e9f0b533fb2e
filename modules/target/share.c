#include "modules/target/share.h"

#include <stdlib.h>

struct part {
	size_t at;
	int64_t left;                   /* remainder, in parts of the sum of the weights */
};

/* The largest remainder first; of equals the first part. */
static int by_remainder(const void *a, const void *b)
{
	const struct part *x = a;
	const struct part *y = b;

	if (x->left != y->left)
		return x->left > y->left ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

bool share_out(struct arena *mem, int64_t total, const int64_t *weights, size_t n, int64_t *parts)
{
	struct part *order = arena_array(mem, n + 1, sizeof *order);
	bool equal = true;
	int64_t sum = 0;
	int64_t given = 0;

	for (size_t i = 0; i < n; i++) {
		equal = equal && weights[i] == 0;
		if (__builtin_add_overflow(sum, weights[i], &sum))
			return false;
	}
	if (equal)
		sum = (int64_t)n;
	for (size_t i = 0; i < n; i++) {
		int64_t weight = equal ? 1 : weights[i];

		if (!int_muldiv(total, weight, sum, &parts[i]))
			return false;
		/* The difference is small, so what overflows on the way comes back. */
		order[i].left = (int64_t)((uint64_t)total * (uint64_t)weight - (uint64_t)parts[i] * (uint64_t)sum);
		if (order[i].left < 0) {
			parts[i]--;
			order[i].left += sum;
		}
		order[i].at = i;
		given += parts[i];
	}
	qsort(order, n, sizeof *order, by_remainder);
	for (size_t i = 0; i < n && given < total; i++, given++)
		parts[order[i].at]++;
	return n > 0;
}
