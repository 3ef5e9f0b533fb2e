/*
 * number: exact decimals as scaled integers.
 *
 * 1234.50 at scale 2 is 123450.  Nothing here goes through floating point.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/text.h"

/* A whole number, optional sign, nothing else.  False also on overflow. */
bool int_parse(const char *s, int64_t *ret_n);

enum decimal_result { DECIMAL_OK, DECIMAL_MALFORMED, DECIMAL_TOO_FINE, DECIMAL_TOO_LARGE };

/*
 * "-1234.5", at most `scale` (0–9) digits behind the point (more only if
 * zeros).  Exponents are accepted ("1e3").  |value| is limited to
 * 9,007,199,254,740,991 scaled units (90 trillion yuan): a thousand of the
 * largest still add up in 64 bits, and every one is exact as a double.
 */
enum decimal_result decimal_parse(const char *s, int scale, int64_t *ret_scaled);

/*
 * The same for what people and spreadsheets write: thousands separators
 * (1,234.50), currency signs (¥ ￥ $ € 元 RMB), full-width digits, brackets for
 * negative, a percent sign, 万 and 亿.
 */
enum decimal_result decimal_parse_loose(struct arena *mem, const char *s, int scale,
                                        int64_t *ret_scaled);

/* Appends "-1234.50"; always `scale` digits behind the point. */
void decimal_add(struct text *t, int64_t scaled, int scale);
char *decimal_text(struct arena *mem, int64_t scaled, int scale);

int64_t decimal_power(int scale);                  /* 10^scale */

/* a × b ÷ c, rounded half away from zero; false on overflow or c = 0. */
bool int_muldiv(int64_t a, int64_t b, int64_t c, int64_t *ret);

#endif
