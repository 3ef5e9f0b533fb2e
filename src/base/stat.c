#include "base/stat.h"

#include <math.h>

void stat_wilson(int64_t k, int64_t n, double *ret_low, double *ret_high)
{
	double cases = (double)n;
	double p = (double)k / cases;
	double z2 = STAT_Z * STAT_Z;
	double middle = p + z2 / (2 * cases);
	double half = STAT_Z * sqrt(p * (1 - p) / cases + z2 / (4 * cases * cases));

	*ret_low = k == 0 ? 0 : (middle - half) / (1 + z2 / cases);
	*ret_high = k == n ? 1 : (middle + half) / (1 + z2 / cases);
}

double stat_normal(double z)
{
	return erfc(-z / sqrt(2)) / 2;
}

/* Away from 0, as Lentz's method asks. */
static double apart(double x)
{
	return fabs(x) < 1e-300 ? 1e-300 : x;
}

/*
 * Abramowitz and Stegun 26.5.8, evaluated by Lentz's method: quick for
 * x < (a + 1) ÷ (a + b + 2).
 */
static double beta_fraction(double a, double b, double x)
{
	double c = 1;
	double d = 1 / apart(1 - (a + b) * x / (a + 1));
	double h = d;

	for (int m = 1; m <= 500; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));

		d = 1 / apart(1 + even * d);
		c = apart(1 + even / c);
		h *= c * d;
		d = 1 / apart(1 + odd * d);
		c = apart(1 + odd / c);
		h *= c * d;
		if (fabs(c * d - 1) < 1e-15)
			break;
	}
	return h;
}

double stat_beta(double a, double b, double x)
{
	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	if (x > (a + 1) / (a + b + 2))
		return 1 - stat_beta(b, a, 1 - x);

	int sign;                       /* lgamma alone would write a global */

	return exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) + b * log1p(-x)) *
	       beta_fraction(a, b, x) / a;
}

double stat_beta_at(double a, double b, double p)
{
	double low = 0;
	double high = 1;

	while (high - low > 1e-9) {
		double middle = (low + high) / 2;

		*(stat_beta(a, b, middle) < p ? &low : &high) = middle;
	}
	return (low + high) / 2;
}
