#include "base/text.h"

#include <stdio.h>

void text_init(struct text *t, struct arena *mem)
{
	static char empty[1];

	*t = (struct text){ .s = empty, .mem = mem };
}

void text_clear(struct text *t)
{
	t->len = 0;
	if (t->cap)
		t->s[0] = '\0';
}

/* Makes room for `n` more bytes and the terminator. */
static void reserve(struct text *t, size_t n)
{
	if (t->len + n < t->cap)
		return;

	size_t cap = t->cap ? t->cap * 2 : 64;

	while (cap <= t->len + n)
		cap *= 2;

	char *s = arena_alloc(t->mem, cap);

	memcpy(s, t->s, t->len);
	t->s = s;
	t->cap = cap;
}

void text_addn(struct text *t, const char *s, size_t n)
{
	if (n == 0)
		return;
	reserve(t, n);
	memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_addn(t, s, strlen(s));
}

void text_addc(struct text *t, char c)
{
	reserve(t, 1);
	t->s[t->len++] = c;
	t->s[t->len] = '\0';
}

void text_addf(struct text *t, const char *format, ...)
{
	char small[512];
	va_list args;

	va_start(args, format);

	int n = vsnprintf(small, sizeof small, format, args);

	va_end(args);
	assert(n >= 0);
	if ((size_t)n < sizeof small) {
		text_addn(t, small, (size_t)n);
		return;
	}
	reserve(t, (size_t)n);
	va_start(args, format);
	vsnprintf(t->s + t->len, (size_t)n + 1, format, args);
	va_end(args);
	t->len += (size_t)n;
}

void text_add_int(struct text *t, int64_t n)
{
	char digits[24];
	size_t i = sizeof digits;
	uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do {
		digits[--i] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (n < 0)
		digits[--i] = '-';
	text_addn(t, digits + i, sizeof digits - i);
}

bool text_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s);
	size_t m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

/* Length of the valid sequence at s (n bytes left), 0 if it is none. */
static size_t sequence(const unsigned char *s, size_t n)
{
	unsigned char c = s[0];
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	size_t more;

	if (c < 0x80)
		return c ? 1 : 0;
	if (c >= 0xC2 && c <= 0xDF) {
		more = 1;
	} else if (c >= 0xE0 && c <= 0xEF) {
		more = 2;
		if (c == 0xE0)
			low = 0xA0;             /* overlong */
		if (c == 0xED)
			high = 0x9F;            /* surrogates */
	} else if (c >= 0xF0 && c <= 0xF4) {
		more = 3;
		if (c == 0xF0)
			low = 0x90;
		if (c == 0xF4)
			high = 0x8F;            /* past U+10FFFF */
	} else {
		return 0;
	}
	if (n <= more || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i <= more; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	return more + 1;
}

bool utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	const unsigned char *end = p + n;

	while (p < end) {
		uint64_t eight;

		/* Most text is ASCII: eight bytes at a time, none with the top bit, none zero. */
		if (end - p >= 8) {
			memcpy(&eight, p, 8);
			if (!(eight & UINT64_C(0x8080808080808080)) &&
			    !((eight - UINT64_C(0x0101010101010101)) & ~eight &
			      UINT64_C(0x8080808080808080))) {
				p += 8;
				continue;
			}
		}

		size_t len = sequence(p, (size_t)(end - p));

		if (len == 0)
			return false;
		p += len;
	}
	return true;
}

uint32_t utf8_next(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	uint32_t c = p[0];
	int more = 0;

	if (c == 0)
		return 0;
	if (c >= 0xF0) {
		c &= 0x07;
		more = 3;
	} else if (c >= 0xE0) {
		c &= 0x0F;
		more = 2;
	} else if (c >= 0xC0) {
		c &= 0x1F;
		more = 1;
	}
	for (int i = 1; i <= more; i++)
		c = c << 6 | (p[i] & 0x3F);
	*s += more + 1;
	return c;
}

void utf8_add(struct text *t, uint32_t c)
{
	if (c < 0x80) {
		text_addc(t, (char)c);
	} else if (c < 0x800) {
		text_addc(t, (char)(0xC0 | c >> 6));
		text_addc(t, (char)(0x80 | (c & 0x3F)));
	} else if (c < 0x10000) {
		text_addc(t, (char)(0xE0 | c >> 12));
		text_addc(t, (char)(0x80 | (c >> 6 & 0x3F)));
		text_addc(t, (char)(0x80 | (c & 0x3F)));
	} else {
		text_addc(t, (char)(0xF0 | c >> 18));
		text_addc(t, (char)(0x80 | (c >> 12 & 0x3F)));
		text_addc(t, (char)(0x80 | (c >> 6 & 0x3F)));
		text_addc(t, (char)(0x80 | (c & 0x3F)));
	}
}

size_t utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

char *utf8_cut(struct arena *mem, const char *s, size_t n)
{
	const char *end = s;

	while (n-- > 0 && utf8_next(&end))
		;
	return arena_dupn(mem, s, (size_t)(end - s));
}

bool utf8_is_han(uint32_t c)
{
	return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3007 ||
	       (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF);
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200D) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x2060 || c == 0x3000 || c == 0xFEFF;
}

/* Latin Extended-A: pairs of capital and small letter, even and odd, shifted in two stretches. */
static uint32_t fold_latin(uint32_t c)
{
	bool odd_is_capital = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);

	switch (c) {
	case 0x130:
		return 'i';             /* with a dot, Turkish */
	case 0x178:
		return 0xFF;
	case 0x131:
	case 0x138:
	case 0x149:
	case 0x17F:
		return c;
	default:
		return odd_is_capital == (c % 2 == 1) ? c + 1 : c;
	}
}

/* Greek and Cyrillic, with the accented letters that stand apart. */
static uint32_t fold_greek_cyrillic(uint32_t c)
{
	if ((c >= 0x391 && c <= 0x3AB && c != 0x3A2) || (c >= 0x410 && c <= 0x42F))
		return c + 32;
	if (c >= 0x400 && c <= 0x40F)
		return c + 80;
	if (c >= 0x388 && c <= 0x38A)
		return c + 37;
	if (c == 0x386)
		return 0x3AC;
	if (c == 0x38C)
		return 0x3CC;
	if (c == 0x38E || c == 0x38F)
		return c + 63;
	if (c >= 0x4C1 && c <= 0x4CE)
		return c % 2 == 1 ? c + 1 : c;
	if ((c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F))
		return c % 2 == 0 ? c + 1 : c;
	return c == 0x4C0 ? 0x4CF : c;
}

static uint32_t fold_char(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFEE0;
	if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7))
		return c + 32;
	if (c >= 0x100 && c <= 0x17F)
		return fold_latin(c);
	if (c >= 0x370 && c <= 0x52F)
		return fold_greek_cyrillic(c);
	return c;
}

char *text_fold(struct arena *mem, const char *s)
{
	struct text t;
	bool gap = false;
	uint32_t c;

	text_init(&t, mem);
	while ((c = utf8_next(&s))) {
		if (is_blank(c)) {
			gap = true;
			continue;
		}
		if (gap && t.len)
			text_addc(&t, ' ');
		gap = false;
		utf8_add(&t, fold_char(c));
	}
	return arena_dupn(mem, t.s, t.len);
}

/* Not blank for sure: printable ASCII, or the first byte of a character in U+4000 – U+CFFF. */
static bool solid(char c)
{
	return (c > ' ' && c < 0x7F) || ((unsigned char)c >= 0xE4 && (unsigned char)c <= 0xEC);
}

char *text_trim(struct arena *mem, const char *s)
{
	size_t n = strlen(s);
	size_t last = n;

	/* Most texts have nothing to trim, which their ends tell. */
	while (last && ((unsigned char)s[--last] & 0xC0) == 0x80)
		continue;
	if (n && solid(*s) && solid(s[last]))
		return arena_dupn(mem, s, n);

	const char *start = s;
	const char *end;
	const char *at = s;
	uint32_t c;

	while ((c = utf8_next(&at)) && is_blank(c))
		start = at;
	for (at = end = start; (c = utf8_next(&at));)
		if (!is_blank(c))
			end = at;
	return arena_dupn(mem, start, (size_t)(end - start));
}

size_t text_split(struct arena *mem, const char *s, char sep, char ***ret_parts)
{
	char **parts = NULL;
	size_t n = 0;
	size_t cap = 0;

	while (*s) {
		const char *end = strchr(s, sep);
		size_t len = end ? (size_t)(end - s) : strlen(s);

		parts = arena_grow(mem, parts, &cap, n + 1, sizeof *parts);
		parts[n++] = arena_dupn(mem, s, len);
		s += len;
		if (!end)
			break;
		s++;
		/* A separator at the very end still has an empty part behind it. */
		if (!*s) {
			parts = arena_grow(mem, parts, &cap, n + 1, sizeof *parts);
			parts[n++] = arena_dup(mem, "");
		}
	}
	*ret_parts = parts;
	return n;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

char *text_url_decode(struct arena *mem, const char *s, size_t n, bool plus)
{
	char *out = arena_alloc(mem, n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '%') {
			int high = n - i > 2 ? hex_value(s[i + 1]) : -1;
			int low = n - i > 2 ? hex_value(s[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		out[len++] = c;
	}
	return utf8_valid(out, len) ? out : NULL;
}

void text_url_encode(struct text *t, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    c == '-' || c == '_' || c == '.' || c == '~')
			text_addc(t, (char)c);
		else
			text_addf(t, "%%%02X", c);
	}
}

/* Blanks and punctuation, which two spellings of a name may differ in. */
static bool is_filler(uint32_t c)
{
	if (c < 0x80)
		return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
	if (c == 0xAA || c == 0xB2 || c == 0xB3 || c == 0xB5 || c == 0xB9 || c == 0xBA ||
	    (c >= 0x3005 && c <= 0x3007))
		return false;
	return c < 0xC0 || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x206F) ||
	       (c >= 0x3000 && c <= 0x303F) || c == 0x30FB || (c >= 0xFE10 && c <= 0xFE1F) ||
	       (c >= 0xFE30 && c <= 0xFE6F) || c == 0xFEFF || (c >= 0xFF5F && c <= 0xFF65);
}

/* The characters that count for similarity. */
static size_t letters(struct arena *mem, const char *s, uint32_t **ret)
{
	uint32_t *out = arena_array(mem, strlen(s) + 1, sizeof *out);
	size_t n = 0;
	uint32_t c;

	while ((c = utf8_next(&s)))
		if (!is_filler(c))
			out[n++] = c;
	*ret = out;
	return n;
}

int text_similar(struct arena *mem, const char *a, const char *b)
{
	enum { LONGEST = 200 };         /* the distance is quadratic */
	uint32_t *x;
	uint32_t *y;
	size_t n = letters(mem, a, &x);
	size_t m = letters(mem, b, &y);

	/* Nothing but punctuation: only the same is the same. */
	if (n == 0 && m == 0)
		return text_eq(a, b) ? 100 : 0;
	if (n == m && memcmp(x, y, n * sizeof *x) == 0)
		return 100;
	if (n > LONGEST)
		n = LONGEST;
	if (m > LONGEST)
		m = LONGEST;

	size_t longer = n > m ? n : m;
	size_t *row = arena_array(mem, m + 1, sizeof *row);

	for (size_t k = 0; k <= m; k++)
		row[k] = k;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= m; k++) {
			size_t best = diagonal + (x[i - 1] != y[k - 1]);

			diagonal = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}

	/* Only equal names are 100, however long and close. */
	int score = (int)(100 - row[m] * 100 / longer);

	return score < 100 ? score : 99;
}
