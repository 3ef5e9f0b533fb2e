/*
 * base: what every file may use.  Integers of fixed width, bool, and the few
 * macros the house allows (arrays and static assertions only).
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Number of elements of a real array (not of a pointer). */
#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* printf-like functions let the compiler check their arguments. */
#define PRINTF(text_, args_) __attribute__((format(printf, text_, args_)))

#endif
