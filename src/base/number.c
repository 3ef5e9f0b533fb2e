#include "base/number.h"

/* So that sums of a million values still fit 64 bits. */
static const int64_t LARGEST = INT64_C(9007199254740991) * 100;

bool int_parse(const char *s, int64_t *ret_n)
{
	bool negative = *s == '-';
	int64_t n = 0;

	if (*s == '-' || *s == '+')
		s++;
	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;

		int64_t digit = *s - '0';

		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, negative ? -digit : digit, &n))
			return false;
	}
	*ret_n = n;
	return true;
}

int64_t decimal_power(int scale)
{
	int64_t p = 1;

	while (scale-- > 0)
		p *= 10;
	return p;
}

/* Reads an exponent "e-3"; 0 if there is none.  False if malformed or absurd. */
static bool exponent_parse(const char *s, int64_t *ret)
{
	*ret = 0;
	if (!*s)
		return true;
	if (*s != 'e' && *s != 'E')
		return false;
	return int_parse(s + 1, ret) && *ret >= -40 && *ret <= 40;
}

enum decimal_result decimal_parse(const char *s, int scale, int64_t *ret_scaled)
{
	bool negative = *s == '-';
	char digits[64];
	int64_t exponent;
	int n = 0;
	int fraction = 0;
	bool point = false;

	if (*s == '-' || *s == '+')
		s++;
	for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		if (n == (int)sizeof digits)
			return DECIMAL_TOO_LARGE;
		digits[n++] = *s;
		fraction += point;
	}
	if (n == 0 || !exponent_parse(s, &exponent))
		return DECIMAL_MALFORMED;

	/* The digits stand for digits × 10^(exponent − fraction); wanted are units of 10^−scale. */
	int64_t shift = scale + exponent - fraction;

	for (; shift < 0 && n > 0; shift++)
		if (digits[--n] != '0')
			return DECIMAL_TOO_FINE;

	int64_t value = 0;

	for (int i = 0; i < n; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digits[i] - '0', &value))
			return DECIMAL_TOO_LARGE;
	for (; shift > 0 && value; shift--)
		if (__builtin_mul_overflow(value, 10, &value))
			return DECIMAL_TOO_LARGE;
	if (value > LARGEST)
		return DECIMAL_TOO_LARGE;
	*ret_scaled = negative ? -value : value;
	return DECIMAL_OK;
}

/* Currency signs and words that may stand around a number. */
static const char *const decoration[] = {
	"人民币", "RMB", "rmb", "CNY", "cny", "USD", "usd", "EUR", "eur", "元", "¥", "￥", "$", "€", "£",
	"%", "％", "圆",
};

enum decimal_result decimal_parse_loose(struct arena *mem, const char *s, int scale,
                                        int64_t *ret_scaled)
{
	struct text t;
	bool brackets = false;
	int times = 0;          /* further powers of ten: 万 is 4, 亿 is 8 */
	bool more = true;

	text_init(&t, mem);
	for (s = text_fold(mem, s); *s; s++) {
		more = false;
		for (size_t i = 0; i < LENGTH(decoration) && !more; i++) {
			if (text_starts(s, decoration[i])) {
				s += strlen(decoration[i]) - 1;
				more = true;
			}
		}
		if (more)
			continue;
		if (text_starts(s, "万") || text_starts(s, "亿")) {
			times += text_starts(s, "万") ? 4 : 8;
			s += strlen("万") - 1;
		} else if (*s == '(' || *s == ')') {
			brackets = true;
		} else if (*s != ',' && *s != ' ' && *s != '\'') {
			text_addc(&t, *s);
		}
	}
	if (times)
		text_addf(&t, "e%d", times);

	enum decimal_result result = decimal_parse(t.s, scale, ret_scaled);

	if (result == DECIMAL_OK && brackets)
		*ret_scaled = -*ret_scaled;
	return result;
}

void decimal_add(struct text *t, int64_t scaled, int scale)
{
	int64_t power = decimal_power(scale);
	uint64_t size = scaled < 0 ? -(uint64_t)scaled : (uint64_t)scaled;

	if (scaled < 0)
		text_addc(t, '-');
	text_addf(t, "%" PRIu64, size / (uint64_t)power);
	if (scale > 0)
		text_addf(t, ".%0*" PRIu64, scale, size % (uint64_t)power);
}

char *decimal_text(struct arena *mem, int64_t scaled, int scale)
{
	struct text t;

	text_init(&t, mem);
	decimal_add(&t, scaled, scale);
	return t.s;
}

bool int_muldiv(int64_t a, int64_t b, int64_t c, int64_t *ret)
{
	if (c == 0)
		return false;

	__extension__ typedef __int128 wide;
	wide product = (wide)a * b;
	wide result = product / c;
	wide rest = product % c;

	/* Half and more of the divisor is rounded away from zero. */
	if (2 * (rest < 0 ? -rest : rest) >= (c < 0 ? -(wide)c : c))
		result += (product < 0) == (c < 0) ? 1 : -1;
	if (result > INT64_MAX || result < INT64_MIN)
		return false;
	*ret = (int64_t)result;
	return true;
}
