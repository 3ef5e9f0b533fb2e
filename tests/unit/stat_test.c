#include "base/stat.h"

#include <math.h>

#include "tests/test.h"

static void near(int line, const char *what, double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		test_fail(__FILE__, line, "%s is %.9f, not %.9f", what, got, want);
}

#define NEAR(got, want, within) near(__LINE__, #got, (got), (want), (within))

TEST(stat_wilson_as_published)
{
	/* Newcombe, Statistics in Medicine 17 (1998), table I, method 3. */
	static const struct {
		int64_t k, n;
		double low, high;
	} cases[] = {
		{ 81, 263, 0.2553, 0.3662 }, { 15, 148, 0.0624, 0.1605 },
		{ 0, 20, 0.0000, 0.1611 }, { 1, 29, 0.0061, 0.1718 },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		double low;
		double high;

		stat_wilson(cases[i].k, cases[i].n, &low, &high);
		NEAR(low, cases[i].low, 0.00005);
		NEAR(high, cases[i].high, 0.00005);
	}
}

TEST(stat_normal_as_published)
{
	NEAR(stat_normal(0), 0.5, 1e-12);
	NEAR(stat_normal(-1.6448536), 0.05, 1e-7);
	NEAR(stat_normal(1.9599640), 0.975, 1e-7);
}

/* The chance of k or more of n, added up. */
static double at_least(int k, int n, double p)
{
	double sum = 0;

	for (int i = k; i <= n; i++) {
		double term = 1;

		for (int j = 1; j <= i; j++)
			term *= (double)(n - i + j) / j * p;
		sum += term * pow(1 - p, n - i);
	}
	return sum;
}

TEST(stat_beta_is_the_binomial_tail)
{
	static const double shares[] = { 0.03, 0.2, 0.5, 0.77, 0.99 };

	for (int n = 1; n <= 200; n += 7)
		for (int k = 1; k <= n; k += 3)
			for (size_t i = 0; i < LENGTH(shares); i++)
				NEAR(stat_beta(k, n - k + 1, shares[i]), at_least(k, n, shares[i]), 1e-11);
	NEAR(stat_beta(0.5, 0.5, 0.25), 1.0 / 3, 1e-12);    /* 2 ÷ π · asin √x */
	NEAR(stat_beta(2, 3, 0), 0, 0);
	NEAR(stat_beta(2, 3, 1), 1, 0);
}

TEST(stat_beta_at_is_its_inverse)
{
	/* Clopper and Pearson's interval of 10 of 20, as in every table. */
	NEAR(stat_beta_at(10, 11, 0.025), 0.2720, 0.00005);
	NEAR(stat_beta_at(11, 10, 0.975), 0.7280, 0.00005);
	NEAR(stat_beta(7.3, 41, stat_beta_at(7.3, 41, 0.1)), 0.1, 1e-7);
}
