/*
 * han: writes the table of readings and simplified forms that pinyin.c embeds.
 *
 * ICU needs a third of a second for it, so it is done once, at build time, and
 * the program itself needs no ICU.  For each character from U+3400 to
 * U+9FFF: seven bytes of reading without tone ("zhuang", ü as v; empty if none is
 * known), then the simplified form as two bytes, little end first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/utrans.h>

enum { FIRST = 0x3400, LAST = 0x9fff, COUNT = LAST - FIRST + 1, SYLLABLE = 7 };

/* A letter without its tone; 0 if it is none. */
static char plain(UChar c)
{
	static const struct {
		UChar from;
		char to;
	} marks[] = {
		{ 0x101, 'a' }, { 0xe1, 'a' }, { 0x1ce, 'a' }, { 0xe0, 'a' }, { 0x113, 'e' },
		{ 0xe9, 'e' }, { 0x11b, 'e' }, { 0xe8, 'e' }, { 0xea, 'e' }, { 0x12b, 'i' },
		{ 0xed, 'i' }, { 0x1d0, 'i' }, { 0xec, 'i' }, { 0x14d, 'o' }, { 0xf3, 'o' },
		{ 0x1d2, 'o' }, { 0xf2, 'o' }, { 0x16b, 'u' }, { 0xfa, 'u' }, { 0x1d4, 'u' },
		{ 0xf9, 'u' }, { 0x1d6, 'v' }, { 0x1d8, 'v' }, { 0x1da, 'v' }, { 0x1dc, 'v' },
		{ 0xfc, 'v' }, { 0x144, 'n' }, { 0x148, 'n' }, { 0x1f9, 'n' }, { 0x1e3f, 'm' },
	};

	if (c >= 'a' && c <= 'z')
		return (char)c;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (marks[i].from == c)
			return marks[i].to;
	return 0;
}

/* Runs all characters, one a line, through a transliterator; as many lines come back. */
static UChar *transliterate(const char *id, int32_t *ret_n)
{
	enum { ROOM = 16 * COUNT };
	static UChar texts[2][ROOM];
	static int used;
	UChar *text = texts[used++];
	UChar name[16] = { 0 };
	UErrorCode error = U_ZERO_ERROR;
	int32_t n = 0;

	for (size_t i = 0; id[i]; i++)
		name[i] = (UChar)id[i];
	for (UChar c = FIRST; c <= LAST; c++) {
		text[n++] = c;
		text[n++] = '\n';
	}

	UTransliterator *t = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &error);
	int32_t limit = n;

	if (U_SUCCESS(error))
		utrans_transUChars(t, text, &n, ROOM, 0, &limit, &error);
	if (U_FAILURE(error)) {
		fprintf(stderr, "han: %s: %s\n", id, u_errorName(error));
		exit(1);
	}
	utrans_close(t);
	*ret_n = n;
	return text;
}

int main(void)
{
	static char readings[COUNT][SYLLABLE];
	int32_t n;
	int32_t m;
	const UChar *latin = transliterate("Han-Latin", &n);
	const UChar *simple = transliterate("Hant-Hans", &m);
	size_t line = 0;
	size_t len = 0;
	int ok = 1;

	for (int32_t i = 0; i < n; i++) {
		char c = plain(latin[i]);

		if (latin[i] == '\n') {
			/* A character without a reading stays itself. */
			if (!ok)
				memset(readings[line], 0, SYLLABLE);
			line++;
			len = 0;
			ok = 1;
		} else if (!c || len == SYLLABLE - 1) {
			ok = 0;
		} else {
			readings[line][len++] = c;
		}
	}
	if (line != COUNT || m != 2 * COUNT) {
		fputs("han: the tables have another size\n", stderr);
		return 1;
	}
	for (int32_t i = 0; i < COUNT; i++) {
		UChar s = simple[2 * i];

		if (s < FIRST || s > LAST)
			s = (UChar)(FIRST + i);
		fwrite(readings[i], 1, SYLLABLE, stdout);
		putchar(s & 0xff);
		putchar(s >> 8);
	}
	return fflush(stdout) != 0;
}
