#include "base/number.h"

/* See decimal_parse. */
static const int64_t LARGEST = INT64_C(9007199254740991);

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

/* Reads an exponent "e-3"; 0 if there is none.  Absurd ones are cut to ±1000: as good. */
static bool exponent_parse(const char *s, int64_t *ret)
{
	*ret = 0;
	if (!*s)
		return true;
	if (*s != 'e' && *s != 'E')
		return false;
	s++;

	bool negative = *s == '-';

	if (*s == '-' || *s == '+')
		s++;
	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		*ret = *ret * 10 + (*s - '0');
		if (*ret > 1000)
			*ret = 1000;
	}
	if (negative)
		*ret = -*ret;
	return true;
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

/* Currency signs and words that may stand around a number, folded. */
static const char *const decoration[] = {
	"人民币", "rmb", "cny", "usd", "eur", "元", "圆", "¥", "￥", "$", "€", "£", "%", " ",
};

static const char *skip_decoration(const char *s)
{
	for (size_t i = 0; i < LENGTH(decoration);) {
		bool found = text_starts(s, decoration[i]);

		s += found ? strlen(decoration[i]) : 0;
		i = found ? 0 : i + 1;
	}
	return s;
}

/* Skips and counts a sign; the real minus of word processors is one too. */
static const char *skip_sign(const char *s, int *signs, bool *negative)
{
	static const char *const words[] = { "-", "−", "+" };

	for (size_t i = 0; i < LENGTH(words); i++) {
		if (text_starts(s, words[i])) {
			++*signs;
			*negative = *words[i] != '+';
			return s + strlen(words[i]);
		}
	}
	return s;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Digits with separators, a point and an exponent.  A separator stands between
 * one to three digits and exactly three: "1,5" is somebody's one and a half.
 */
static const char *copy_number(struct text *t, const char *s)
{
	char separator = '\0';
	int run = 0;

	while (is_digit(*s) || *s == ',' || *s == '\'' || *s == ' ') {
		if (is_digit(*s)) {
			run++;
			text_addc(t, *s++);
			continue;
		}
		if (run < 1 || run > 3 || !is_digit(s[1]) || !is_digit(s[2]) || !is_digit(s[3]) ||
		    is_digit(s[4]) || (separator && *s != separator))
			break;
		separator = *s++;
		run = 0;
	}
	if (*s == '.')
		do
			text_addc(t, *s++);
		while (is_digit(*s));
	if (*s == 'e' && (is_digit(s[1]) || ((s[1] == '-' || s[1] == '+') && is_digit(s[2]))))
		do
			text_addc(t, *s++);
		while (is_digit(*s) || *s == '-' || *s == '+');
	return s;
}

/* 万 and 亿 as powers of ten. */
static const char *skip_myriads(const char *s, int *ret_power)
{
	*ret_power = 0;
	for (;; s += strlen("万")) {
		if (text_starts(s, "万"))
			*ret_power += 4;
		else if (text_starts(s, "亿"))
			*ret_power += 8;
		else
			return s;
	}
}

enum decimal_result decimal_parse_loose(struct arena *mem, const char *s, int scale,
                                        int64_t *ret_scaled)
{
	struct text t;
	bool negative = false;
	int signs = 0;
	int power;

	/* Most numbers wear nothing. */
	if (*s && s[strspn(s, "0123456789.")] == '\0')
		return decimal_parse(s, scale, ret_scaled);
	text_init(&t, mem);
	s = skip_decoration(text_fold(mem, s));

	bool bracket = *s == '(';

	/* The sign may stand on either side of the currency: -¥5, ¥-5. */
	s = skip_sign(skip_decoration(s + bracket), &signs, &negative);
	s = skip_sign(skip_decoration(s), &signs, &negative);
	if (bracket + signs > 1)
		return DECIMAL_MALFORMED;
	s = skip_myriads(skip_decoration(copy_number(&t, s)), &power);
	s = skip_decoration(s);
	if (bracket && *s++ != ')')
		return DECIMAL_MALFORMED;
	if (*skip_decoration(s) || (power && strchr(t.s, 'e')))
		return DECIMAL_MALFORMED;
	if (power)
		text_addf(&t, "e%d", power);

	int64_t value;
	enum decimal_result result = decimal_parse(t.s, scale, &value);

	if (result == DECIMAL_OK)
		*ret_scaled = bracket || negative ? -value : value;
	return result;
}

void decimal_add(struct text *t, int64_t scaled, int scale)
{
	char digits[32];
	size_t i = sizeof digits;
	uint64_t size = scaled < 0 ? -(uint64_t)scaled : (uint64_t)scaled;

	/* From behind; at least one digit before the point. */
	for (int place = 0; size || place <= scale; place++) {
		if (place == scale && scale > 0)
			digits[--i] = '.';
		digits[--i] = (char)('0' + size % 10);
		size /= 10;
	}
	if (scaled < 0)
		digits[--i] = '-';
	text_addn(t, digits + i, sizeof digits - i);
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
