#include "engine/type.h"

#include "base/number.h"

/*
 * Normalised forms: what two spellings of the same phone, company or code have
 * in common.
 */

/* Excel writes 13800138000 as 13800138000.0 or 1.3800138E+10. */
static const char *undo_excel(struct arena *mem, const char *s)
{
	int64_t n;

	if (strspn(s, "0123456789.e+") != strlen(s) || (!strchr(s, '.') && !strchr(s, 'e')) ||
	    *s == '+' || decimal_parse(s, 0, &n) != DECIMAL_OK)
		return s;
	return fmt(mem, "%" PRId64, n);
}

/* The end of the first of several numbers: "138…/139…". */
static size_t first_number(const char *s)
{
	static const char *const between[] = { "/", ",", ";", "、", "\n" };
	size_t end = strlen(s);

	for (size_t i = 0; i < LENGTH(between); i++) {
		const char *p = strstr(s, between[i]);

		if (p && (size_t)(p - s) < end && p - s >= 7)
			end = (size_t)(p - s);
	}
	return end;
}

char *phone_digits(struct arena *mem, const char *s)
{
	const char *folded = undo_excel(mem, text_fold(mem, s));
	size_t end = first_number(folded);
	struct text t;
	const char *digits;

	text_init(&t, mem);
	for (size_t i = 0; i < end; i++)
		if (folded[i] >= '0' && folded[i] <= '9')
			text_addc(&t, folded[i]);
	digits = t.s;
	if (text_starts(digits, "0086"))
		digits += 4;
	else if (text_starts(digits, "86") && (*folded == '+' || (t.len == 13 && digits[2] == '1')))
		digits += 2;
	return arena_dup(mem, digits);
}

/* Letters, digits and everything beyond ASCII that is no punctuation. */
static bool is_word(uint32_t c)
{
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
	return !(c >= 0x2000 && c <= 0x206f) && !(c >= 0x3000 && c <= 0x303f) && c != 0xb7 &&
	       !(c >= 0xff00 && c <= 0xff0f) && !(c >= 0xff1a && c <= 0xff20) &&
	       !(c >= 0xff3b && c <= 0xff40) && !(c >= 0xff5b && c <= 0xff65);
}

/* Words of letters with single blanks between; all else is dropped. */
static char *words_of(struct arena *mem, const char *s)
{
	const char *p = text_fold(mem, s);
	struct text t;

	text_init(&t, mem);
	while (*p) {
		uint32_t c = utf8_next(&p);

		if (is_word(c))
			utf8_add(&t, c);
		else if (c == ' ' || c == ',')
			text_addc(&t, ' ');
	}
	return text_trim(mem, t.s);
}

/* Cuts one legal form from the end; false if there is none, or nothing else. */
static bool cut_form(char *s)
{
	static const char *const chinese[] = { "有限责任公司", "股份有限公司", "有限公司", "股份公司",
	                                       "总公司", "公司", "股份" };
	static const char *const latin[] = {
		"co",  "ltd", "limited", "inc",  "incorporated", "corp", "corporation", "company",
		"llc", "llp", "plc",     "gmbh", "ag",           "sa",   "bv",          "pte",
		"pty", "kg",  "srl",     "spa",  "oy",           "ab"
	};
	size_t n = strlen(s);

	while (n > 0 && s[n - 1] == ' ')
		s[--n] = '\0';
	for (size_t i = 0; i < LENGTH(chinese); i++) {
		size_t len = strlen(chinese[i]);

		if (text_eq(s, chinese[i]))
			return false;
		/* A branch (分公司, 子公司) is not its company. */
		if (n <= len || !text_ends(s, chinese[i]) ||
		    (text_eq(chinese[i], "公司") && (text_ends(s, "分公司") || text_ends(s, "子公司"))))
			continue;
		s[n - len] = '\0';
		return true;
	}
	for (size_t i = 0; i < LENGTH(latin); i++) {
		size_t len = strlen(latin[i]);

		if (n <= len + 1 || !text_ends(s, latin[i]) || s[n - len - 1] != ' ')
			continue;
		s[n - len - 1] = '\0';
		return true;
	}
	return false;
}

char *company_key(struct arena *mem, const char *s)
{
	char *key = words_of(mem, s);
	struct text t;

	while (cut_form(key))
		;
	text_init(&t, mem);
	for (; *key; key++)
		if (*key != ' ')
			text_addc(&t, *key);
	return t.len ? t.s : text_fold(mem, s);
}

char *code_key(struct arena *mem, const char *s)
{
	const char *p = text_fold(mem, s);
	struct text t;

	text_init(&t, mem);
	while (*p) {
		uint32_t c = utf8_next(&p);

		if (c == ' ' || c == '-' || c == '_' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212)
			continue;
		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		utf8_add(&t, c);
	}
	return t.s;
}

/* Weights are the powers of 3 modulo 31; the alphabet has no I, O, S, V, Z. */
bool credit_code_ok(const char *code)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	int sum = 0;
	int weight = 1;

	if (strlen(code) != 18)
		return false;
	for (int i = 0; i < 18; i++) {
		const char *p = strchr(alphabet, code[i]);

		if (!p)
			return false;
		if (i == 17)
			return (31 - sum % 31) % 31 == p - alphabet;
		sum += (int)(p - alphabet) * weight;
		weight = weight * 3 % 31;
	}
	return false;
}
