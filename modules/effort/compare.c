#include "modules/effort/compare.h"

#include <math.h>

#include "base/stat.h"

enum { MOST = 400 };

/* The chance of a difference as large as this, if there is none; 1 where nothing can be said. */
static double chance(const struct part *p, int64_t won, int64_t n)
{
	double k = (double)p->won;
	double cases = (double)p->n;
	double rest = (double)(n - p->n);
	double together = (double)won / (double)n;
	double error = together * (1 - together) * (1 / cases + 1 / rest);

	if (rest < 1 || error <= 0)
		return 1;
	return 2 * stat_normal(-fabs(k / cases - ((double)won - k) / rest) / sqrt(error));
}

/* The smallest chance not taken yet; n if none is left. */
static size_t next(const double *chances, const bool *taken, size_t n)
{
	size_t at = n;

	for (size_t i = 0; i < n; i++)
		if (!taken[i] && (at == n || chances[i] < chances[at]))
			at = i;
	return at;
}

void compare_parts(struct part *parts, size_t n)
{
	double chances[MOST];
	bool taken[MOST] = { false };
	int64_t all = 0;
	int64_t won = 0;
	size_t left = 0;
	size_t best = n;
	double best_low = 0;

	assert(n <= MOST);
	for (size_t i = 0; i < n; i++) {
		all += parts[i].n;
		won += parts[i].won;
	}
	for (size_t i = 0; i < n; i++) {
		bool told = parts[i].n >= PART_CASES;

		parts[i].standing = told ? PART_USUAL : PART_FEW;
		parts[i].best = false;
		taken[i] = !told;
		chances[i] = told ? chance(&parts[i], won, all) : 1;
		left += told;
	}
	for (; left > 0; left--) {
		size_t at = next(chances, taken, n);
		struct part *p = &parts[at];
		double low;
		double high;

		if (chances[at] * (double)left > 0.05)
			break;
		taken[at] = true;
		p->standing = p->won * (all - p->n) > (won - p->won) * p->n ? PART_BETTER : PART_WORSE;
		if (p->standing == PART_WORSE)
			continue;
		stat_wilson(p->won, p->n, &low, &high);
		if (best == n || low > best_low) {
			best = at;
			best_low = low;
		}
	}
	if (best < n)
		parts[best].best = true;
}
