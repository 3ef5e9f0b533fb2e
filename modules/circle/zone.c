#include "modules/circle/zone.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/stat.h"

const char *const zone_words[] = {
	[ZONE_FEW] = "few", [ZONE_EFFICIENT] = "efficient", [ZONE_EFFECTIVE] = "effective", [ZONE_MINE] = "mine",
};

/* Cases by which a rate is drawn to the wider one; the weight of a prior nothing is known of. */
static const double usual = 20;

/* A zone is what has this chance. */
static const double sure = 0.9;

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_segment(const void *a, const void *b)
{
	const struct zone_case *x = a;
	const struct zone_case *y = b;

	return compare(x->segment, y->segment);
}

static int by_team(const void *a, const void *b)
{
	const struct zone_case *x = a;
	const struct zone_case *y = b;
	int order = compare(x->team, y->team);

	return order ? order : compare(x->segment, y->segment);
}

static int by_person(const void *a, const void *b)
{
	const struct zone_case *x = a;
	const struct zone_case *y = b;

	return compare(x->person, y->person);
}

static void add(struct zone_sum *to, const struct zone_sum *from)
{
	to->won += from->won;
	to->closed += from->closed;
}

/* The end of the run of equal cases that begins at `from`, and their sum. */
static size_t run(const struct zone_case *cases, size_t n, size_t from,
                  int (*same)(const void *, const void *), struct zone_sum *ret)
{
	size_t end = from;

	*ret = (struct zone_sum){ 0 };
	for (; end < n && same(&cases[from], &cases[end]) == 0; end++)
		add(ret, &cases[end].own);
	return end;
}

static void sum_up(struct zone_case *cases, size_t n)
{
	struct zone_sum sum;

	array_sort(cases, n, sizeof *cases, by_segment);
	for (size_t i = 0; i < n;)
		for (size_t end = run(cases, n, i, by_segment, &sum); i < end; i++)
			cases[i].of_segment = sum;
	array_sort(cases, n, sizeof *cases, by_team);
	for (size_t i = 0; i < n;)
		for (size_t end = run(cases, n, i, by_team, &sum); i < end; i++)
			cases[i].of_team = sum;
	array_sort(cases, n, sizeof *cases, by_person);
	for (size_t i = 0; i < n;)
		for (size_t end = run(cases, n, i, by_person, &sum); i < end; i++)
			cases[i].of_person = sum;
}

static double toward(const struct zone_sum *s, double wider)
{
	return ((double)s->won + usual * wider) / ((double)s->closed + usual);
}

static double log_odds(double rate)
{
	double inside = rate < 0.005 ? 0.005 : rate > 0.995 ? 0.995 : rate;

	return log(inside / (1 - inside));
}

/* Cases of a person stand together. */
static void expect(struct zone_case *cases, size_t n)
{
	struct zone_sum all = { 0 };

	for (size_t i = 0; i < n; i++)
		add(&all, &cases[i].own);

	double everybody = (double)all.won / (double)all.closed;

	for (size_t i = 0; i < n;) {
		struct zone_sum sum;
		size_t end = run(cases, n, i, by_person, &sum);
		double mix = 0;         /* what the team would win of the person's cases */

		for (size_t k = i; k < end; k++) {
			struct zone_case *c = &cases[k];

			c->expected = toward(&c->of_team, toward(&c->of_segment, everybody));
			mix += c->expected * (double)c->own.closed / (double)sum.closed;
		}
		for (; i < end; i++) {
			struct zone_case *c = &cases[i];

			c->overall = toward(&sum, everybody);
			c->expected = 1 / (1 + exp(-(log_odds(c->expected) + log_odds(c->overall) - log_odds(mix))));
		}
	}
}

/*
 * How much people differ beyond chance: with intraclass correlation ρ the square of (won − expected)
 * is on average n e (1 − e) (1 + (n − 1) ρ), and the prior weighs 1 ÷ ρ − 1 cases.
 */
static double weigh(const struct zone_case *cases, size_t n)
{
	double more = 0;
	double room = 0;
	size_t told = 0;

	for (size_t i = 0; i < n; i++) {
		const struct zone_case *c = &cases[i];
		double closed = (double)c->own.closed;
		double spread = c->expected * (1 - c->expected);
		double off = (double)c->own.won - closed * c->expected;

		if (c->own.closed < 5)
			continue;
		more += off * off - closed * spread;
		room += closed * (closed - 1) * spread;
		told++;
	}
	if (told < 5 || room <= 0)
		return usual;

	double alike = more / room;

	return alike > 0.2 ? 4 : alike < 1 / 101.0 ? 100 : 1 / alike - 1;
}

double zone_judge(struct zone_case *cases, size_t n, int64_t enough)
{
	if (n == 0)
		return usual;
	sum_up(cases, n);
	expect(cases, n);

	double weight = weigh(cases, n);

	for (size_t i = 0; i < n; i++) {
		struct zone_case *c = &cases[i];
		double a = (double)c->own.won + weight * c->expected;
		double b = (double)(c->own.closed - c->own.won) + weight * (1 - c->expected);

		c->estimate = a / (a + b);
		c->low = stat_beta_at(a, b, 0.025);
		c->high = stat_beta_at(a, b, 0.975);
		c->chance = 1 - stat_beta(a, b, c->overall);
		c->zone = c->own.closed < enough ? ZONE_FEW : c->chance >= sure ? ZONE_EFFICIENT
		        : c->chance <= 1 - sure ? ZONE_MINE : ZONE_EFFECTIVE;
	}
	return weight;
}
