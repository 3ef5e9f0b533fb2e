/*
 * text: strings that grow, and what may be asked of UTF-8.
 *
 * A struct text lives in an arena.  `s` is always terminated, so it can be
 * used as a C string at any time; it moves when the text grows.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"

struct text {
	char *s;
	size_t len;
	size_t cap;
	struct arena *mem;
};

void text_init(struct text *t, struct arena *mem);
void text_clear(struct text *t);                  /* empty, keeps its space */
void text_add(struct text *t, const char *s);
void text_addn(struct text *t, const char *s, size_t n);
void text_addc(struct text *t, char c);
void text_addf(struct text *t, const char *format, ...) PRINTF(2, 3);
void text_add_int(struct text *t, int64_t n);     /* faster than addf       */

bool text_eq(const char *a, const char *b);       /* NULL equals only NULL  */
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);

/* True if the `n` bytes are valid UTF-8 without NUL, surrogates or overlongs. */
bool utf8_valid(const char *s, size_t n);

/*
 * Decodes the character at `*s` and moves `*s` behind it.  Returns 0 at the
 * end.  `*s` must be valid UTF-8.
 */
uint32_t utf8_next(const char **s);
void utf8_add(struct text *t, uint32_t c);
size_t utf8_length(const char *s);                /* in characters          */

/* The longest prefix of `s` of at most `n` characters, copied. */
char *utf8_cut(struct arena *mem, const char *s, size_t n);

bool utf8_is_han(uint32_t c);

/*
 * Folds for comparison: full-width ASCII to half-width, letters to lower case
 * (ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic), runs of any white space
 * to one blank, none at the ends.  Used for finding names, not for storage.
 */
char *text_fold(struct arena *mem, const char *s);

/* A copy without white space (incl. U+3000, NBSP, zero-width) at the ends. */
char *text_trim(struct arena *mem, const char *s);

/* Splits at `sep`; no escaping; empty input gives zero parts. */
size_t text_split(struct arena *mem, const char *s, char sep, char ***ret_parts);

/* Percent-decoding; `plus` also turns + into a blank.  NULL if malformed or not UTF-8. */
char *text_url_decode(struct arena *mem, const char *s, size_t n, bool plus);
void text_url_encode(struct text *t, const char *s);

/*
 * Similarity of two folded names, 0 to 100: 100 if equal after dropping
 * blanks and punctuation, else by edit distance.
 */
int text_similar(struct arena *mem, const char *a, const char *b);

#endif
