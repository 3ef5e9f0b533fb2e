#include "base/number.h"
#include "tests/test.h"

static struct arena *fresh(void)
{
	static struct arena mem;

	arena_reset(&mem);
	return &mem;
}

static int64_t whole(const char *s)
{
	int64_t n = -777;

	return int_parse(s, &n) ? n : -999;
}

TEST(int_parse_takes_all_of_64_bits_and_nothing_else)
{
	int64_t n = 5;

	CHECK_INT(whole("0"), 0);
	CHECK_INT(whole("+12"), 12);
	CHECK_INT(whole("-12"), -12);
	CHECK_INT(whole("007"), 7);
	CHECK_INT(whole("9223372036854775807"), INT64_MAX);
	CHECK_INT(whole("-9223372036854775808"), INT64_MIN);

	static const char *const bad[] = {
		"", "-", "+", "--1", "1 ", " 1", "1.0", "1e3", "0x10", "١", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999999",
	};

	for (size_t i = 0; i < LENGTH(bad); i++)
		if (int_parse(bad[i], &n))
			test_fail(__FILE__, __LINE__, "\"%s\" was taken", bad[i]);
	CHECK_INT(n, 5);
}

static const struct {
	const char *text;
	int scale;
	enum decimal_result result;
	int64_t value;
} decimals[] = {
	{ "0", 2, DECIMAL_OK, 0 },
	{ "-0.00", 2, DECIMAL_OK, 0 },
	{ "1234.5", 2, DECIMAL_OK, 123450 },
	{ "-1234.5", 2, DECIMAL_OK, -123450 },
	{ "+7", 0, DECIMAL_OK, 7 },
	{ "1.50000", 2, DECIMAL_OK, 150 },
	{ "1.501", 2, DECIMAL_TOO_FINE, 0 },
	{ "0.000000001", 9, DECIMAL_OK, 1 },
	{ "0.0000000001", 9, DECIMAL_TOO_FINE, 0 },
	{ "1e3", 2, DECIMAL_OK, 100000 },
	{ "1E+3", 0, DECIMAL_OK, 1000 },
	{ "1.25e1", 1, DECIMAL_OK, 125 },
	{ "1250e-3", 2, DECIMAL_OK, 125 },
	{ "1e-3", 2, DECIMAL_TOO_FINE, 0 },
	{ "0e-99999999999999999999", 2, DECIMAL_OK, 0 },
	{ "0e99999999999999999999", 2, DECIMAL_OK, 0 },
	{ "1e99999999999999999999", 2, DECIMAL_TOO_LARGE, 0 },
	{ "1e-99999999999999999999", 2, DECIMAL_TOO_FINE, 0 },
	{ "9007199254740991", 0, DECIMAL_OK, INT64_C(9007199254740991) },
	{ "-9007199254740991", 0, DECIMAL_OK, INT64_C(-9007199254740991) },
	{ "9007199254740992", 0, DECIMAL_TOO_LARGE, 0 },
	{ "-9007199254740992", 0, DECIMAL_TOO_LARGE, 0 },
	{ "90071992547409.91", 2, DECIMAL_OK, INT64_C(9007199254740991) },
	{ "90071992547409.92", 2, DECIMAL_TOO_LARGE, 0 },
	{ "9223372036854775808", 0, DECIMAL_TOO_LARGE, 0 },
	{ "1e18", 0, DECIMAL_TOO_LARGE, 0 },
	{ "", 2, DECIMAL_MALFORMED, 0 },
	{ "-", 2, DECIMAL_MALFORMED, 0 },
	{ ".", 2, DECIMAL_MALFORMED, 0 },
	{ "1.2.3", 2, DECIMAL_MALFORMED, 0 },
	{ "1,5", 2, DECIMAL_MALFORMED, 0 },
	{ " 1", 2, DECIMAL_MALFORMED, 0 },
	{ "1 ", 2, DECIMAL_MALFORMED, 0 },
	{ "1e", 2, DECIMAL_MALFORMED, 0 },
	{ "1e+", 2, DECIMAL_MALFORMED, 0 },
	{ "1e1.5", 2, DECIMAL_MALFORMED, 0 },
	{ "--1", 2, DECIMAL_MALFORMED, 0 },
	{ "NaN", 2, DECIMAL_MALFORMED, 0 },
	{ "inf", 2, DECIMAL_MALFORMED, 0 },
	{ "0x1", 2, DECIMAL_MALFORMED, 0 },
	{ "１", 2, DECIMAL_MALFORMED, 0 },
};

TEST(decimal_parse_is_exact_and_says_what_is_wrong)
{
	for (size_t i = 0; i < LENGTH(decimals); i++) {
		int64_t got = -777;
		enum decimal_result result = decimal_parse(decimals[i].text, decimals[i].scale, &got);
		int64_t want = decimals[i].result == DECIMAL_OK ? decimals[i].value : -777;

		if (result != decimals[i].result || got != want)
			test_fail(__FILE__, __LINE__, "\"%s\" is %d, %" PRId64, decimals[i].text,
			          (int)result, got);
	}
}

static const struct {
	const char *text;
	enum decimal_result result;
	int64_t value;          /* at scale 2 */
} loose[] = {
	{ "1,234.50", DECIMAL_OK, 123450 },
	{ "1,234,567", DECIMAL_OK, 123456700 },
	{ "1 234 567.8", DECIMAL_OK, 123456780 },
	{ "1'234.00", DECIMAL_OK, 123400 },
	{ "¥1,234.50", DECIMAL_OK, 123450 },
	{ "￥ 88", DECIMAL_OK, 8800 },
	{ "$-5", DECIMAL_OK, -500 },
	{ "-$5", DECIMAL_OK, -500 },
	{ "−5", DECIMAL_OK, -500 },
	{ "5 €", DECIMAL_OK, 500 },
	{ "RMB 12.30", DECIMAL_OK, 1230 },
	{ "人民币１２００元", DECIMAL_OK, 120000 },
	{ "１，２３４．５６", DECIMAL_OK, 123456 },
	{ "－３", DECIMAL_OK, -300 },
	{ "(1,000.25)", DECIMAL_OK, -100025 },
	{ "（¥5）", DECIMAL_OK, -500 },
	{ "15%", DECIMAL_OK, 1500 },
	{ "15 ％", DECIMAL_OK, 1500 },
	{ "3万", DECIMAL_OK, 3000000 },
	{ "1.2万元", DECIMAL_OK, 1200000 },
	{ "0.00015 亿", DECIMAL_OK, 1500000 },
	{ "2万亿", DECIMAL_OK, INT64_C(200000000000000) },
	{ "1.00015万", DECIMAL_OK, 1000150 },
	{ "1E3", DECIMAL_OK, 100000 },
	{ "  42  ", DECIMAL_OK, 4200 },
	{ "1.234", DECIMAL_TOO_FINE, 0 },
	{ "1.0000015万", DECIMAL_TOO_FINE, 0 },
	{ "900719亿", DECIMAL_OK, INT64_C(9007190000000000) },
	{ "900720亿", DECIMAL_TOO_LARGE, 0 },
	{ "1,5", DECIMAL_MALFORMED, 0 },                /* one and a half, elsewhere */
	{ "1.234,50", DECIMAL_MALFORMED, 0 },
	{ "12,34", DECIMAL_MALFORMED, 0 },
	{ "1,2345", DECIMAL_MALFORMED, 0 },
	{ "1234,567", DECIMAL_MALFORMED, 0 },
	{ "1,234 567", DECIMAL_MALFORMED, 0 },
	{ ",123", DECIMAL_MALFORMED, 0 },
	{ "1万2000", DECIMAL_MALFORMED, 0 },            /* not 120 million */
	{ "5元3", DECIMAL_MALFORMED, 0 },
	{ "1-2", DECIMAL_MALFORMED, 0 },
	{ "2026-11-25", DECIMAL_MALFORMED, 0 },
	{ "+-5", DECIMAL_MALFORMED, 0 },
	{ "(-5)", DECIMAL_MALFORMED, 0 },
	{ "(5", DECIMAL_MALFORMED, 0 },
	{ "5)", DECIMAL_MALFORMED, 0 },
	{ "about 5", DECIMAL_MALFORMED, 0 },
	{ "1e3万", DECIMAL_MALFORMED, 0 },
	{ "", DECIMAL_MALFORMED, 0 },
	{ "¥", DECIMAL_MALFORMED, 0 },
	{ "万", DECIMAL_MALFORMED, 0 },
	{ "()", DECIMAL_MALFORMED, 0 },
	{ "-", DECIMAL_MALFORMED, 0 },
};

TEST(decimal_parse_loose_reads_people_but_never_guesses)
{
	for (size_t i = 0; i < LENGTH(loose); i++) {
		int64_t got = -777;
		enum decimal_result result = decimal_parse_loose(fresh(), loose[i].text, 2, &got);
		int64_t want = loose[i].result == DECIMAL_OK ? loose[i].value : -777;

		if (result != loose[i].result || got != want)
			test_fail(__FILE__, __LINE__, "\"%s\" is %d, %" PRId64, loose[i].text,
			          (int)result, got);
	}
}

TEST(decimal_text_always_shows_the_scale)
{
	struct arena *mem = fresh();

	CHECK_TEXT(decimal_text(mem, 123450, 2), "1234.50");
	CHECK_TEXT(decimal_text(mem, 5, 2), "0.05");
	CHECK_TEXT(decimal_text(mem, -5, 2), "-0.05");
	CHECK_TEXT(decimal_text(mem, 0, 0), "0");
	CHECK_TEXT(decimal_text(mem, 0, 9), "0.000000000");
	CHECK_TEXT(decimal_text(mem, -120, 0), "-120");
	CHECK_TEXT(decimal_text(mem, INT64_MIN, 9), "-9223372036.854775808");
	CHECK_TEXT(decimal_text(mem, INT64_MAX, 0), "9223372036854775807");
}

TEST(decimal_text_reads_back_the_same)
{
	size_t wrong = 0;

	for (int scale = 0; scale <= 9; scale++) {
		int64_t value = 1;

		for (int i = 0; i < 2000; i++) {
			int64_t got;

			value = (value * 31 + 17) % INT64_C(9007199254740991);

			int64_t wanted = i % 2 ? value : -value;

			wrong += decimal_parse(decimal_text(fresh(), wanted, scale), scale, &got) !=
			                 DECIMAL_OK ||
			         got != wanted;
		}
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(decimal_power(0), 1);
	CHECK_INT(decimal_power(9), 1000000000);
}

static int64_t muldiv(int64_t a, int64_t b, int64_t c)
{
	int64_t n = -777;

	return int_muldiv(a, b, c, &n) ? n : -999;
}

TEST(int_muldiv_rounds_half_away_and_never_wraps)
{
	CHECK_INT(muldiv(1, 1, 2), 1);
	CHECK_INT(muldiv(-1, 1, 2), -1);
	CHECK_INT(muldiv(1, -1, 2), -1);
	CHECK_INT(muldiv(1, 1, -2), -1);
	CHECK_INT(muldiv(-1, -1, 2), 1);
	CHECK_INT(muldiv(1, 1, 3), 0);
	CHECK_INT(muldiv(2, 1, 3), 1);
	CHECK_INT(muldiv(-2, 1, 3), -1);
	CHECK_INT(muldiv(5, 7, 7), 5);
	CHECK_INT(muldiv(0, 5, -7), 0);
	CHECK_INT(muldiv(INT64_MAX, INT64_MAX, INT64_MAX), INT64_MAX);
	CHECK_INT(muldiv(INT64_MIN, INT64_MAX, INT64_MAX), INT64_MIN);
	CHECK_INT(muldiv(INT64_MIN, INT64_MIN, INT64_MIN), INT64_MIN);
	CHECK_INT(muldiv(INT64_MIN, 1, -1), -999);
	CHECK_INT(muldiv(INT64_MAX, 2, 1), -999);
	CHECK_INT(muldiv(1, 1, 0), -999);
}
