#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FIRST_BLOCK = 16 * 1024,
	LARGEST_BLOCK = 1024 * 1024,
	KEPT_BLOCK = 256 * 1024,
};

/*
 * Under AddressSanitizer everything not handed out is poisoned, with a gap
 * behind each piece: else an arena would hide what the sanitizer looks for.
 */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#if defined(ARENA_POISONS) || defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(start_, size_) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(start_, size_) ((void)0)
enum { GAP = 0 };
#endif

struct arena_block {
	struct arena_block *older;
	size_t size;                    /* of data */
	size_t used;
	alignas(max_align_t) unsigned char data[];
};

struct arena_defer {
	struct arena_defer *older;
	void (*fn)(void *ptr);
	void *ptr;
};

static void give_up(const char *why)
{
	fprintf(stderr, "out of memory: %s\n", why);
	abort();
}

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		give_up("allocation failed");
	return p;
}

void *mem_grow(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		give_up("growing failed");
	return p;
}

char *mem_dup(const char *s)
{
	if (!s)
		return NULL;

	size_t n = strlen(s) + 1;
	char *copy = mem_alloc(n);

	memcpy(copy, s, n);
	return copy;
}

void arena_init(struct arena *a, size_t ceiling)
{
	*a = (struct arena){ .ceiling = ceiling };
}

static void run_defers(struct arena *a)
{
	/* A deferred function may allocate and even defer; the list is taken one by one. */
	while (a->defers) {
		struct arena_defer *d = a->defers;

		a->defers = d->older;
		d->fn(d->ptr);
	}
}

void arena_done(struct arena *a)
{
	run_defers(a);
	while (a->blocks) {
		struct arena_block *older = a->blocks->older;

		free(a->blocks);
		a->blocks = older;
	}
	a->used = 0;
}

void arena_reset(struct arena *a)
{
	struct arena_block *kept = NULL;

	run_defers(a);
	while (a->blocks) {
		struct arena_block *b = a->blocks;

		a->blocks = b->older;
		if (b->size <= KEPT_BLOCK && (!kept || b->size > kept->size)) {
			free(kept);
			kept = b;
		} else {
			free(b);
		}
	}
	if (kept) {
		kept->older = NULL;
		kept->used = 0;
		ASAN_POISON_MEMORY_REGION(kept->data, kept->size);
		a->blocks = kept;
	}
	a->used = 0;
}

static struct arena_block *new_block(struct arena *a, size_t need)
{
	size_t size = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < need)
		size = need;

	/* Not calloc: arena_alloc clears exactly what it hands out. */
	struct arena_block *b = mem_grow(NULL, sizeof *b + size);

	b->size = size;
	b->used = 0;
	b->older = a->blocks;
	a->blocks = b;
	ASAN_POISON_MEMORY_REGION(b->data, size);
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > SIZE_MAX / 2)
		give_up("absurd size");

	size_t room = ((size + align - 1) & ~(align - 1)) + GAP;

	a->used += room;
	if (a->ceiling && a->used > a->ceiling)
		give_up("over the ceiling of an arena");

	struct arena_block *b = a->blocks;

	if (!b || b->size - b->used < room)
		b = new_block(a, room);

	void *p = b->data + b->used;

	b->used += room;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		give_up("array size overflows");
	return arena_alloc(a, bytes);
}

void *arena_grow(struct arena *a, void *old, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return old;

	size_t larger = *cap ? *cap * 2 : 8;

	if (larger < need)
		larger = need;

	void *grown = arena_array(a, larger, size);

	if (old)
		memcpy(grown, old, *cap * size);
	*cap = larger;
	return grown;
}

char *arena_dupn(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, s, n);
	return copy;
}

char *arena_dup(struct arena *a, const char *s)
{
	return s ? arena_dupn(a, s, strlen(s)) : NULL;
}

/*
 * The format comes from callers that check it themselves or pick one of two
 * languages, which no attribute can express.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

char *vfmt(struct arena *a, const char *format, va_list args)
{
	va_list again;
	char small[256];

	va_copy(again, args);

	int n = vsnprintf(small, sizeof small, format, args);

	assert(n >= 0);

	char *s = arena_alloc(a, (size_t)n + 1);

	if ((size_t)n < sizeof small)
		memcpy(s, small, (size_t)n);
	else
		vsnprintf(s, (size_t)n + 1, format, again);
	va_end(again);
	return s;
}

#pragma GCC diagnostic pop

char *fmt(struct arena *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);

	char *s = vfmt(a, format, args);

	va_end(args);
	return s;
}

void arena_defer(struct arena *a, void (*fn)(void *ptr), void *ptr)
{
	struct arena_defer *d = arena_alloc(a, sizeof *d);

	d->fn = fn;
	d->ptr = ptr;
	d->older = a->defers;
	a->defers = d;
}

void array_sort(void *list, size_t n, size_t size, int (*order)(const void *a, const void *b))
{
	if (n)
		qsort(list, n, size, order);
}

void *array_find(const void *key, const void *list, size_t n, size_t size,
                 int (*order)(const void *a, const void *b))
{
	return n ? bsearch(key, list, n, size, order) : NULL;
}
