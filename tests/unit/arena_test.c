#include <signal.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static struct arena mem;

/* True if `fn` aborts the process; it runs in a child that says nothing. */
static bool aborts(void (*fn)(void))
{
	int status;

	fflush(NULL);

	pid_t child = fork();

	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		fn();
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGABRT;
}

TEST(arena_gives_zeroed_aligned_memory_also_after_reset)
{
	arena_init(&mem, 0);
	for (int round = 0; round < 2; round++) {
		for (size_t size = 0; size < 3000; size += 7) {
			unsigned char *p = arena_alloc(&mem, size);
			size_t dirty = 0;

			CHECK((uintptr_t)p % alignof(max_align_t) == 0);
			for (size_t i = 0; i < size; i++)
				dirty += p[i] != 0;
			CHECK_INT(dirty, 0);
			memset(p, 0xAA, size);
		}
		arena_reset(&mem);
		CHECK_INT(mem.used, 0);
	}
	arena_done(&mem);
	CHECK(mem.blocks == NULL);
}

TEST(arena_pieces_never_overlap)
{
	enum { PIECES = 500 };
	unsigned char *pieces[PIECES];
	size_t wrong = 0;

	arena_init(&mem, 0);
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_alloc(&mem, i * 11);
		memset(pieces[i], (int)(i % 256), i * 11);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k < i * 11; k++)
			wrong += pieces[i][k] != i % 256;
	CHECK_INT(wrong, 0);
	arena_done(&mem);
}

TEST(arena_serves_more_than_its_largest_block)
{
	enum { SIZE = 5 * 1024 * 1024 };

	arena_init(&mem, 0);
	arena_alloc(&mem, 10);

	char *p = arena_alloc(&mem, SIZE);

	p[0] = p[SIZE - 1] = 'x';
	CHECK(mem.used >= SIZE);
	arena_reset(&mem);
	CHECK_TEXT(arena_dup(&mem, "again"), "again");
	arena_done(&mem);
}

TEST(arena_grow_keeps_the_elements)
{
	int *numbers = NULL;
	size_t cap = 0;

	arena_init(&mem, 0);
	for (int i = 0; i < 1000; i++) {
		numbers = arena_grow(&mem, numbers, &cap, (size_t)i + 1, sizeof *numbers);
		CHECK(cap > (size_t)i);
		CHECK_INT(numbers[i], 0);
		numbers[i] = i;
	}
	for (int i = 0; i < 1000; i++)
		CHECK_INT(numbers[i], i);

	int *same = arena_grow(&mem, numbers, &cap, cap, sizeof *numbers);

	CHECK(same == numbers);
	arena_done(&mem);
}

TEST(arena_copies_text)
{
	char long_text[1000];

	arena_init(&mem, 0);
	memset(long_text, 'y', sizeof long_text);
	long_text[999] = '\0';
	CHECK_TEXT(arena_dup(&mem, NULL), NULL);
	CHECK_TEXT(arena_dup(&mem, ""), "");
	CHECK_TEXT(arena_dupn(&mem, "王芳 rest", 6), "王芳");
	CHECK_TEXT(arena_dupn(&mem, NULL, 0), "");
	CHECK_TEXT(fmt(&mem, "%s-%d", "a", 7), "a-7");
	CHECK_TEXT(fmt(&mem, "%s", long_text), long_text);
	for (int n = 250; n < 262; n++)         /* around the buffer of fmt */
		CHECK_INT(strlen(fmt(&mem, "%.*s", n, long_text)), n);
	arena_done(&mem);
}

static char order[8];

static void note(void *ptr)
{
	size_t n = strlen(order);

	order[n] = *(const char *)ptr;
	order[n + 1] = '\0';
}

static void note_and_defer(void *ptr)
{
	note(ptr);
	arena_defer(&mem, note, arena_dup(&mem, "z"));
}

TEST(arena_runs_deferred_calls_backwards_and_once)
{
	order[0] = '\0';
	arena_init(&mem, 0);
	arena_defer(&mem, note, arena_dup(&mem, "a"));
	arena_defer(&mem, note_and_defer, arena_dup(&mem, "b"));
	arena_defer(&mem, note, arena_dup(&mem, "c"));
	CHECK_TEXT(order, "");
	arena_reset(&mem);
	CHECK_TEXT(order, "cbza");
	arena_done(&mem);
	CHECK_TEXT(order, "cbza");
}

static void over_the_ceiling(void)
{
	arena_init(&mem, 4096);
	arena_alloc(&mem, 4097);
}

static void below_the_ceiling(void)
{
	arena_init(&mem, 4096);
	for (int i = 0; i < 100; i++) {
		arena_alloc(&mem, 2048);
		arena_reset(&mem);
	}
}

static void overflowing_array(void)
{
	arena_init(&mem, 0);
	arena_array(&mem, SIZE_MAX / 2, 3);
}

static void absurd_size(void)
{
	arena_init(&mem, 0);
	arena_alloc(&mem, SIZE_MAX - 3);
}

TEST(arena_aborts_over_its_ceiling_and_on_overflow)
{
	CHECK(aborts(over_the_ceiling));
	CHECK(!aborts(below_the_ceiling));
	CHECK(aborts(overflowing_array));
	CHECK(aborts(absurd_size));
}

TEST(mem_is_zeroed_and_grows)
{
	unsigned char *p = mem_alloc(64);

	for (int i = 0; i < 64; i++)
		CHECK_INT(p[i], 0);
	p[63] = 9;
	p = mem_grow(p, 100000);
	CHECK_INT(p[63], 9);
	free(p);

	char *copy = mem_dup("甲");

	CHECK_TEXT(copy, "甲");
	free(copy);
	CHECK(mem_dup(NULL) == NULL);
	p = mem_alloc(0);
	CHECK(p != NULL);
	free(p);
}
