#include "modules/forecast/chance.h"

#include <math.h>

#include "base/rate.h"

const int32_t chance_ages[] = { 0, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365 };
const size_t chance_n_ages = LENGTH(chance_ages);

void chance_fit(struct arena *mem, const struct chance_case *cases, size_t n, int32_t age,
                struct chance_curve *ret)
{
	struct stays s = { .days = CHANCE_WEEKS * 7 };

	s.day = arena_array(mem, (size_t)s.days + 1, sizeof *s.day);
	for (size_t i = 0; i < n; i++) {
		int32_t t = cases[i].ended - age;

		if (cases[i].stayed < age || t < 0)
			continue;
		if (t >= s.days)
			s.day[s.days].open++;
		else if (cases[i].end == CHANCE_WON)
			s.day[t].forward++;
		else if (cases[i].end == CHANCE_LOST)
			s.day[t].other++;
		else
			s.day[t].open++;
	}
	ret->cases = rate_cases(&s);
	for (int w = 0; w < CHANCE_WEEKS; w++) {
		struct rate r = rate_forward(&s, (w + 1) * 7);

		/* That none was won so far does not say that none can be: half a case more on either side. */
		double m = (double)ret->cases + 1;
		double p = (r.value * (m - 1) + 0.5) / m;

		ret->value[w] = r.value;
		ret->error[w] = fmax(sqrt(r.variance), sqrt(p * (1 - p) / m));
	}
}

void chance_blend(struct chance_curve *segment, const struct chance_curve *all)
{
	double part = (double)segment->cases / ((double)segment->cases + CHANCE_PRIOR);

	for (int w = 0; w < CHANCE_WEEKS; w++) {
		segment->value[w] = part * segment->value[w] + (1 - part) * all->value[w];
		segment->error[w] = hypot(part * segment->error[w], (1 - part) * all->error[w]);
	}
}

double chance_within(const double *weeks, int32_t days)
{
	int w = days / 7;
	double before = w > 0 ? weeks[(w < CHANCE_WEEKS ? w : CHANCE_WEEKS) - 1] : 0;

	if (days <= 0)
		return 0;
	return w >= CHANCE_WEEKS ? before : before + (weeks[w] - before) * (days % 7) / 7;
}

int32_t chance_age(int32_t days)
{
	size_t i = chance_n_ages;

	while (i > 1 && chance_ages[i - 1] > days)
		i--;
	return chance_ages[i - 1];
}
