/*
 * pinyin: how Chinese characters are read, for search.
 *
 * Readings come from ICU (Han-Latin) without tones, ü written v as people type
 * it, taken at build time (tools/han.c), plus a list of second readings in names and companies.
 */
#ifndef ENGINE_PINYIN_H
#define ENGINE_PINYIN_H

#include "base/text.h"

enum { READINGS = 4 };

/* The readings of a character, the usual one first; 0 if it has none known. */
size_t pinyin_readings(uint32_t c, const char *ret[static READINGS]);

/* The simplified form of a character, itself if it has none. */
uint32_t han_simple(uint32_t c);

#endif
