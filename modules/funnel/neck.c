#include "modules/funnel/neck.h"

#include <math.h>
#include <stdlib.h>

#include "base/stat.h"

struct stays stays_new(struct arena *mem, int32_t days)
{
	return (struct stays){ days, arena_array(mem, (size_t)days + 1, sizeof(struct stay_day)) };
}

void stays_add(struct stays *to, const struct stays *from)
{
	for (int32_t d = 0; d <= to->days; d++) {
		to->day[d].forward += from->day[d].forward;
		to->day[d].other += from->day[d].other;
		to->day[d].open += from->day[d].open;
	}
}

void stays_take(struct stays *to, const struct stays *from)
{
	for (int32_t d = 0; d <= to->days; d++) {
		to->day[d].forward -= from->day[d].forward;
		to->day[d].other -= from->day[d].other;
		to->day[d].open -= from->day[d].open;
	}
}

static bool enough(const struct rate *r)
{
	return r->n >= NECK_CASES && r->days > 0;
}

/* Both as shares of cases seen to the end: the score test of two proportions, one-sided. */
bool neck_below(const struct stays *a, const struct stays *b, double *ret_chance, double *ret_against)
{
	struct rate x = rate_forward(a, 0);
	struct rate y = rate_forward(b, 0);

	if (!enough(&x) || !enough(&y))
		return false;

	int32_t days = x.days < y.days ? x.days : y.days;

	x = rate_forward(a, days);
	y = rate_forward(b, days);

	double m = rate_weight(&x);
	double n = rate_weight(&y);
	double both = (m * x.value + n * y.value) / (m + n);
	double error = sqrt(both * (1 - both) * (1 / m + 1 / n));

	*ret_chance = error > 0 ? stat_normal((x.value - y.value) / error) : 1;
	*ret_against = y.value;
	return true;
}

/* Half the median of the stages but this one, and its variance; false if there are none. */
static bool half_median(struct arena *mem, const struct finding *line, size_t n, size_t at,
                        double *ret_half, double *ret_variance)
{
	const struct rate **sorted = arena_array(mem, n, sizeof *sorted);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		size_t to = k;

		if (i == at || !enough(&line[i].rate))
			continue;
		for (; to > 0 && sorted[to - 1]->value > line[i].rate.value; to--)
			sorted[to] = sorted[to - 1];
		sorted[to] = &line[i].rate;
		k++;
	}
	if (k == 0)
		return false;

	const struct rate *low = sorted[(k - 1) / 2];
	const struct rate *high = sorted[k / 2];

	*ret_half = (low->value + high->value) / 4;
	*ret_variance = low == high ? low->variance / 4 : (low->variance + high->variance) / 16;
	return true;
}

static void look_at_stages(struct arena *mem, struct finding *line, size_t n, size_t at)
{
	struct look_at *look = &line[at].look[LOOK_STAGES];
	double half;
	double variance;

	if (!half_median(mem, line, n, at, &half, &variance))
		return;
	variance += half * (1 - half) / rate_weight(&line[at].rate);
	look->done = true;
	look->against = half;
	look->single = variance > 0 ? stat_normal((line[at].rate.value - half) / sqrt(variance)) : 1;
}

static void look_at_groups(const struct place *p, struct finding *f)
{
	struct look_at *history = &f->look[LOOK_HISTORY];
	struct look_at *others = &f->look[LOOK_OTHERS];

	history->done = neck_below(p->now, p->before, &history->single, &history->against);
	others->done = p->others && neck_below(p->now, p->others, &others->single, &others->against);
}

static int by_chance(const void *a, const void *b)
{
	double x = **(double *const *)a;
	double y = **(double *const *)b;

	return x < y ? -1 : x > y;
}

void neck_holm(struct arena *mem, double **chances, size_t n)
{
	double **sorted = arena_array(mem, n + 1, sizeof *sorted);
	double least = 0;

	memcpy(sorted, chances, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_chance);
	for (size_t i = 0; i < n; i++) {
		double together = (double)(n - i) * *sorted[i];

		if (together > least)
			least = together < 1 ? together : 1;
		*sorted[i] = least;
	}
}

/* The other stages are compared by half: that is worth something already. */
static bool matters(const struct finding *f, int look)
{
	double worth = look == LOOK_STAGES ? 1 : NECK_WORTH;

	return f->look[look].chance < NECK_ALARM && f->rate.value <= worth * f->look[look].against;
}

static bool says_more(const struct look_at *a, const struct look_at *b)
{
	return a->neck != b->neck ? a->neck : a->single < b->single;
}

static void conclude(struct finding *f)
{
	f->surest = -1;
	for (int i = 0; i < LOOK__COUNT; i++) {
		if (!f->look[i].done)
			continue;
		f->look[i].neck = matters(f, i);
		if (f->surest < 0 || says_more(&f->look[i], &f->look[f->surest]))
			f->surest = i;
	}
	if (f->surest < 0) {
		f->verdict = NECK_FEW;
		return;
	}

	const struct look_at *look = &f->look[f->surest];

	f->verdict = look->neck ? NECK_NECK : look->single < NECK_ALARM ? NECK_WATCH : NECK_NORMAL;
	if (look->neck)
		f->missing = (look->against - f->rate.value) * (double)f->rate.n;
}

void neck_judge(struct arena *mem, const struct place *places, size_t n, struct finding *ret)
{
	double **chances = arena_array(mem, n * LOOK__COUNT + 1, sizeof *chances);
	size_t looks = 0;

	for (size_t i = 0; i < n; i++)
		ret[i] = (struct finding){ .rate = rate_forward(places[i].now, 0) };
	for (size_t first = 0, end; first < n; first = end) {
		for (end = first; end < n && places[end].line == places[first].line; end++) {}
		for (size_t i = first; i < end; i++) {
			if (!enough(&ret[i].rate))
				continue;
			look_at_groups(&places[i], &ret[i]);
			look_at_stages(mem, &ret[first], end - first, i - first);
		}
	}
	for (size_t i = 0; i < n; i++)
		for (int l = 0; l < LOOK__COUNT; l++) {
			ret[i].look[l].chance = ret[i].look[l].single;
			if (ret[i].look[l].done)
				chances[looks++] = &ret[i].look[l].chance;
		}
	neck_holm(mem, chances, looks);
	for (size_t i = 0; i < n; i++)
		conclude(&ret[i]);
}

size_t neck_since(struct arena *mem, const struct stays *periods, size_t n)
{
	double best = NECK_ALARM;
	size_t since = 0;

	for (size_t cut = 1; cut < n; cut++) {
		struct stays before = stays_new(mem, periods[0].days);
		struct stays after = stays_new(mem, periods[0].days);
		double chance;
		double against;

		for (size_t i = 0; i < n; i++)
			stays_add(i < cut ? &before : &after, &periods[i]);
		if (neck_below(&after, &before, &chance, &against) && chance < best) {
			best = chance;
			since = cut;
		}
	}
	return since;
}
