#include "modules/twoq/score.h"

#include <math.h>

static double mean(const double *values, const bool *known, const double *weights, size_t n, bool *ret_any)
{
	double sum = 0;
	double weight = 0;

	for (size_t i = 0; i < n; i++) {
		if (!known[i])
			continue;
		sum += weights[i] * values[i];
		weight += weights[i];
	}
	*ret_any = weight > 0;
	return weight > 0 ? sum / weight : 0;
}

struct score score_work(const struct work *w)
{
	struct score s = { 0 };
	bool done = w->visits > 0;

	s.quantity = mean((double[]){ w->opening_due > 0 ? (double)w->opening / w->opening_due : 0,
	                              w->follow_due > 0 ? (double)w->follow / w->follow_due : 0 },
	                  (bool[]){ w->opening_due > 0, w->follow_due > 0 }, (double[]){ 1, 1 }, 2, &s.has_quantity);
	s.goal_rate = done ? (double)w->reached / (double)w->visits : 0;
	s.advance_rate = done ? (double)w->advanced / (double)w->visits : 0;
	s.profile_rate = w->profile_known > 0 ? (double)w->profile_met / (double)w->profile_known : 0;
	s.quality = mean((double[]){ s.goal_rate, s.advance_rate, s.profile_rate, w->skill },
	                 (bool[]){ done, done, w->profile_known > 0, w->skill >= 0 }, w->weights, QUALITIES,
	                 &s.has_quality);
	s.index = s.quantity * s.quality;

	bool few = s.has_quantity && s.quantity < w->floor_quantity;
	bool poor = s.has_quality && s.quality < w->floor_quality;

	s.below = few && poor ? BELOW_BOTH : few ? BELOW_QUANTITY : poor ? BELOW_QUALITY : BELOW_NONE;
	if (s.has_quantity && s.has_quality)
		s.quadrant = few ? (poor ? QUADRANT_FEW_POOR : QUADRANT_GOOD_FEW)
		                 : (poor ? QUADRANT_MUCH_POOR : QUADRANT_BALANCED);
	return s;
}

bool score_volatility(const double *values, size_t n, double *ret)
{
	double sum = 0;
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	if (n < 2 || sum == 0)
		return false;

	double middle = sum / (double)n;

	for (size_t i = 0; i < n; i++)
		squares += (values[i] - middle) * (values[i] - middle);
	*ret = sqrt(squares / (double)n) / fabs(middle);
	return true;
}

/* From half the mean on results swing. */
static const double swinging = 0.5;

const char *score_reading(const struct score *s, double volatility, bool english)
{
	switch (s->quadrant) {
	case QUADRANT_UNKNOWN:
		return NULL;
	case QUADRANT_BALANCED:
		if (volatility >= swinging)
			return english ? "Balanced, results still swing: keep it up for some periods"
			               : "两者平衡，业绩尚有起伏：再坚持几期";
		return english ? "Balanced: first stable, then rising" : "两者平衡：先稳定，再上升";
	case QUADRANT_MUCH_POOR:
		return english ? "Much, poor: little effect, and it breaks confidence; work on positioning and skill"
		               : "量多质差：效果小，伤信心；补定位与能力";
	case QUADRANT_GOOD_FEW:
		return english ? "Good, few: results swing and worry; open more, the floor stays"
		               : "质好量少：业绩大起大落，易焦虑；先开源，底线不降";
	case QUADRANT_FEW_POOR:
		return english ? "Few and poor: quantity first, then quality visit by visit"
		               : "量少质差：先把量做起来，再逐次提高质量";
	}
	return NULL;
}

static bool speaks(const struct ratio *r)
{
	return r->opened >= RATIO_OPENED;
}

static int by_value(const void *a, const void *b)
{
	const struct ratio *x = *(const struct ratio *const *)a;
	const struct ratio *y = *(const struct ratio *const *)b;

	return (x->value > y->value) - (x->value < y->value);
}

/* Of those who speak and are (not) of this group; `sorted` by value. */
static bool median_of(const struct ratio *const *sorted, size_t n, const struct ratio *of, bool same, double *ret)
{
	size_t all = 0;
	size_t k = 0;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		all += sorted[i] != of && (sorted[i]->group == of->group) == same;
	for (size_t i = 0; i < n && k <= all / 2; i++) {
		if (sorted[i] == of || (sorted[i]->group == of->group) != same)
			continue;
		sum += (k == (all - 1) / 2) * sorted[i]->value + (k == all / 2) * sorted[i]->value;
		k++;
	}
	if (all > 0)
		*ret = sum / 2;
	return all > 0;
}

static bool low(const struct ratio *r)
{
	return speaks(r) && r->has_median && r->value < r->median / 2;
}

/* The `n` of one group, against the median of the other groups, which is the same for all of them. */
static void read_group(const struct ratio *const *sorted, size_t n_sorted, struct ratio *group, size_t n)
{
	double others = 0;
	bool has_others = median_of(sorted, n_sorted, group, false, &others);
	size_t speaking = 0;
	size_t lows = 0;

	for (size_t i = 0; i < n; i++) {
		struct ratio *r = &group[i];

		r->median = others;
		r->has_median = has_others || median_of(sorted, n_sorted, r, true, &r->median);
		speaking += speaks(r);
		lows += low(r);
	}
	for (size_t i = 0; i < n; i++)
		group[i].reading = !speaks(&group[i]) || !group[i].has_median ? READING_FEW
		                 : !low(&group[i]) ? READING_NORMAL
		                 : speaking > 1 && lows == speaking ? READING_MARKET : READING_REP;
}

void score_ratios(struct arena *mem, struct ratio *ratios, size_t n)
{
	const struct ratio **sorted = arena_array(mem, n, sizeof *sorted);
	size_t speaking = 0;

	for (size_t i = 0; i < n; i++) {
		struct ratio *r = &ratios[i];

		r->value = r->opened > 0 ? (double)r->followed / (double)r->opened : 0;
		if (speaks(r))
			sorted[speaking++] = r;
	}
	array_sort(sorted, speaking, sizeof *sorted, by_value);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && ratios[end].group == ratios[i].group; end++)
			;
		read_group(sorted, speaking, &ratios[i], end - i);
	}
}
