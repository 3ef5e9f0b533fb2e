/*
 * test: a test is a sentence.
 *
 *     TEST(scope_child_follows_parent)
 *     {
 *             CHECK(1 + 1 == 2);
 *             CHECK_TEXT(name, "王芳");
 *     }
 *
 * Every TEST registers itself.  A failed CHECK prints where and what and the
 * test goes on; the runner (tests/unit/main.c) closes with "N passed, N failed".
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdio.h>

#include "base/text.h"

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_add(struct test *t);
void test_fail(const char *file, int line, const char *format, ...) PRINTF(3, 4);
void test_skip(const char *reason);               /* printed and counted */

#define TEST(name_)                                                     \
	static void name_(void);                                        \
	static struct test test_##name_ = { #name_, name_, NULL };      \
	__attribute__((constructor)) static void add_##name_(void)      \
	{                                                               \
		test_add(&test_##name_);                                \
	}                                                               \
	static void name_(void)

#define CHECK(cond)                                                     \
	((cond) ? (void)0 : test_fail(__FILE__, __LINE__, "%s", #cond))
#define CHECK_INT(got, want)                                            \
	test_int(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(want))
#define CHECK_TEXT(got, want)                                           \
	test_text(__FILE__, __LINE__, #got, (got), (want))

void test_int(const char *file, int line, const char *what, int64_t got, int64_t want);
void test_text(const char *file, int line, const char *what, const char *got, const char *want);

#endif
