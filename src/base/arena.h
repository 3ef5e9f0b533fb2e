/*
 * arena: memory by lifetime.
 *
 * Everything allocated from an arena lives until the arena is reset or done;
 * nothing is ever freed alone.  Out of memory, and going over an arena's
 * ceiling, are handled in one place: see arena_init.
 *
 * Not thread-safe: an arena belongs to one piece of work.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "base/base.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;     /* newest first                         */
	size_t used;                    /* bytes handed out since the last reset */
	size_t ceiling;                 /* 0: none                              */
	struct arena_defer *defers;     /* run, newest first, by reset and done */
};

/*
 * Starts an empty arena.  `ceiling` limits the bytes it may hand out, 0 means
 * no limit; going over aborts the process with a message, so limits on what
 * clients send sit at the edges and are lower than this.
 */
void arena_init(struct arena *a, size_t ceiling);

/* Runs what was deferred, then frees all memory.  The arena may be used again. */
void arena_done(struct arena *a);

/* Like arena_done, but keeps one block of at most 256 KB for the next use. */
void arena_reset(struct arena *a);

/* `size` zeroed bytes aligned for any type.  Never NULL. */
void *arena_alloc(struct arena *a, size_t size);

/* Space for `n` zeroed elements of `size` bytes; aborts on overflow. */
void *arena_array(struct arena *a, size_t n, size_t size);

/*
 * Grows an array of `*cap` elements to hold at least `need`; copies the old
 * elements.  Returns the new place and stores the new capacity.
 */
void *arena_grow(struct arena *a, void *old, size_t *cap, size_t need, size_t size);

/* A copy of `s` (NULL stays NULL); of the first `n` bytes, terminated. */
char *arena_dup(struct arena *a, const char *s);
char *arena_dupn(struct arena *a, const char *s, size_t n);

/* A formatted string in the arena. */
char *fmt(struct arena *a, const char *format, ...) PRINTF(2, 3);
char *vfmt(struct arena *a, const char *format, va_list args);

/* Calls `fn(ptr)` when the arena is reset or done, in reverse order. */
void arena_defer(struct arena *a, void (*fn)(void *ptr), void *ptr);

/*
 * The only way to memory without an arena: for what lives as long as a
 * connection or the process.  Never NULL; freed with plain free().
 */
void *mem_alloc(size_t size);
void *mem_grow(void *old, size_t size);
char *mem_dup(const char *s);

/* qsort and bsearch, also for an array that never grew and is NULL. */
void array_sort(void *list, size_t n, size_t size, int (*order)(const void *a, const void *b));
void *array_find(const void *key, const void *list, size_t n, size_t size,
                 int (*order)(const void *a, const void *b));

#endif
