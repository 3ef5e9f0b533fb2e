/*
 * The unit test runner: runs every TEST linked into it, or those whose name
 * contains the first argument.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "base/secret.h"
#include "tests/test.h"

static struct test *tests;
static int failures;
static int skipped;

void test_add(struct test *t)
{
	t->next = tests;
	tests = t;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	failures++;
	printf("  %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void test_skip(const char *reason)
{
	skipped++;
	printf("  skipped: %s\n", reason);
}

void test_int(const char *file, int line, const char *what, int64_t got, int64_t want)
{
	if (got != want)
		test_fail(file, line, "%s is %" PRId64 ", not %" PRId64, what, got, want);
}

void test_text(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (!text_eq(got, want))
		test_fail(file, line, "%s is \"%s\", not \"%s\"", what, got ? got : "(null)",
		          want ? want : "(null)");
}

int main(int argc, char **argv)
{
	int passed = 0;
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);       /* what a crash leaves said is said */
	if (!secret_start())
		return 1;
	for (struct test *t = tests; t; t = t->next) {
		if (argc > 1 && !strstr(t->name, argv[1]))
			continue;

		int before = failures;

		t->run();
		if (failures == before) {
			passed++;
		} else {
			failed++;
			printf("FAILED %s\n", t->name);
		}
	}
	printf("unit: %d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed ? 1 : 0;
}
