#include "modules/target/target_inner.h"

/* "2026", and what follows it. */
static bool read_year(const char *s, int *ret_year)
{
	if (strlen(s) < 4 || strspn(s, "0123456789") != 4)
		return false;
	*ret_year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + s[3] - '0';
	return *ret_year >= 1900 && *ret_year <= 2998;
}

static bool read_part(const char *s, int *ret_first, int *ret_months)
{
	*ret_first = 1;
	*ret_months = 12;
	if (!*s)
		return true;
	if (strlen(s) != 3 || s[0] != '-')
		return false;
	if (s[1] == 'Q' && s[2] >= '1' && s[2] <= '4') {
		*ret_first = (s[2] - '1') * 3 + 1;
		*ret_months = 3;
		return true;
	}
	if (strspn(s + 1, "0123456789") != 2)
		return false;
	*ret_first = (s[1] - '0') * 10 + s[2] - '0';
	*ret_months = 1;
	return *ret_first >= 1 && *ret_first <= 12;
}

bool period_read(const char *s, int64_t *ret_from, int64_t *ret_to)
{
	struct ymd first = { .day = 1 };
	int months;

	if (!read_year(s, &first.year) || !read_part(s + 4, &first.month, &months))
		return false;
	*ret_from = date_days(first);
	*ret_to = date_days(date_add_months(first, months)) - 1;
	return true;
}

const char **period_parts(struct arena *mem, const char *period, bool quarters)
{
	const char **parts = arena_array(mem, 13, sizeof *parts);
	int first;
	int months;
	size_t n = 0;

	if (!read_part(period + 4, &first, &months) || months < (quarters ? 12 : 3))
		return parts;
	for (int m = first; m < first + months; m += quarters ? 3 : 1)
		parts[n++] = quarters ? fmt(mem, "%.4s-Q%d", period, (m + 2) / 3) : fmt(mem, "%.4s-%02d", period, m);
	return parts;
}

const char *period_in(struct arena *mem, const char *period, int64_t year)
{
	return fmt(mem, "%04" PRId64 "%s", year, period + 4);
}

int64_t period_workdays(int64_t from, int64_t to)
{
	return to < from ? 0 : calendar_workdays_between(from - 1, to);
}
