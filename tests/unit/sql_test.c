#include "db/sql.h"

#include "tests/test.h"

TEST(db_sql_is_read_as_both_read_it)
{
	static const struct {
		const char *sql, *numbered;
	} good[] = {
		{ "SELECT $a, $b, $a", "SELECT $1, $2, $1" },
		{ "SELECT '$a''$b', \"$c\"\"\", $d", "SELECT '$a''$b', \"$c\"\"\", $1" },
		{ "SELECT 1 -- $a '\n, $b", "SELECT 1 -- $a '\n, $1" },
		{ "SELECT /* $a ' */ $b /**/", "SELECT /* $a ' */ $1 /**/" },
		{ "SELECT $a::text, x$a, a.b", "SELECT $1::text, x$a, a.b" },
		{ "SELECT 1 AS 金额 ; -- end\n ; ", "SELECT 1 AS 金额  -- end\n  " },
		{ "SELECT $a1, $a, 1.5e3, 0x1F", "SELECT $1, $2, 1.5e3, 0x1F" },
	};
	static const char *const bad[] = {
		"SELECT 1; SELECT 2", "SELECT 'a", "SELECT \"a", "SELECT /* a", "SELECT 1 /* /* */ */",
		"SELECT [a]", "SELECT `a`", "SELECT e'\\''", "SELECT E''", "SELECT x'00'", "SELECT 1'a'",
		"SELECT U&'\\0041'", "SELECT u&\"a\"", "SELECT 1 -- \r 2", "SELECT $", "SELECT $1",
		"SELECT $$a$$", "SELECT $a$ 1 $a$", "SELECT 1$a$ 1 $a$", "SELECT $a(1)", "SELECT $a'x'",
		"SELECT \xEF\xBB\xBF 1",
	};
	struct arena mem;
	struct sql read;

	arena_init(&mem, 0);
	for (size_t i = 0; i < LENGTH(good); i++) {
		CHECK(sql_read(&mem, good[i].sql, &read));
		CHECK_TEXT(read.numbered, good[i].numbered);
	}
	for (size_t i = 0; i < LENGTH(bad); i++)
		if (sql_read(&mem, bad[i], &read) || !read.error)
			test_fail(__FILE__, __LINE__, "passes: %s", bad[i]);
	arena_done(&mem);
}
