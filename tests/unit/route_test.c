#include "http/route.h"

#include "tests/test.h"

struct entry {
	struct route_pattern route;
	int number;
};

static const struct entry table[] = {
	{ { "GET", "/" }, 0 },
	{ { "GET", "/api/meta" }, 1 },
	{ { "POST", "/api/meta/check" }, 2 },
	{ { "GET", "/api/{object}" }, 3 },
	{ { "POST", "/api/{object}" }, 4 },
	{ { "GET", "/api/{object}/{id}" }, 5 },
	{ { "DELETE", "/api/{object}/{id}" }, 6 },
	{ { "POST", "/api/{object}/{id}/{action}" }, 7 },
	{ { "HEAD", "/only" }, 8 },
	{ { "GET", "/only" }, 9 },
	{ { "GET", "/api/file/{id}" }, 10 },
};

static enum route_result find(struct arena *mem, const char *method, const char *path,
                              struct route_match *ret)
{
	return route_find(mem, table, sizeof table[0], LENGTH(table), method, path, ret);
}

TEST(route_first_match_in_table_order_wins)
{
	struct arena mem;
	struct route_match m;

	arena_init(&mem, 0);
	CHECK_INT(find(&mem, "GET", "/", &m), ROUTE_FOUND);
	CHECK_INT(m.index, 0);
	CHECK_INT(find(&mem, "GET", "/api/meta", &m), ROUTE_FOUND);
	CHECK_INT(m.index, 1);
	CHECK_INT(m.n, 0);
	CHECK_INT(find(&mem, "GET", "/api/file/7", &m), ROUTE_FOUND);
	CHECK_INT(m.index, 5);
	arena_done(&mem);
}

TEST(route_names_take_whole_segments)
{
	struct arena mem;
	struct route_match m;

	arena_init(&mem, 0);
	CHECK_INT(find(&mem, "POST", "/api/opportunity/12/win", &m), ROUTE_FOUND);
	CHECK_INT(table[m.index].number, 7);
	CHECK_INT(m.n, 3);
	CHECK_TEXT(m.name[0], "object");
	CHECK_TEXT(m.value[0], "opportunity");
	CHECK_TEXT(m.name[1], "id");
	CHECK_TEXT(m.value[1], "12");
	CHECK_TEXT(m.name[2], "action");
	CHECK_TEXT(m.value[2], "win");
	CHECK_INT(find(&mem, "GET", "/api/商机", &m), ROUTE_FOUND);
	CHECK_TEXT(m.value[0], "商机");
	arena_done(&mem);
}

TEST(route_misses_are_told_apart)
{
	struct arena mem;
	struct route_match m = { .index = 99 };

	arena_init(&mem, 0);
	CHECK_INT(find(&mem, "GET", "/nowhere", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "/api", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "/api/", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "/api/lead/", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "/api//7", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "//api/meta", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "/api/a/b/c/d", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "/apis/lead", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "GET", "", &m), ROUTE_NO_PATH);
	CHECK_INT(find(&mem, "PATCH", "/api/lead/7", &m), ROUTE_NO_METHOD);
	CHECK_INT(find(&mem, "GET", "/api/lead/7/win", &m), ROUTE_NO_METHOD);
	CHECK_INT(m.index, 99);
	arena_done(&mem);
}

TEST(route_head_is_get_unless_declared)
{
	struct arena mem;
	struct route_match m;

	arena_init(&mem, 0);
	CHECK_INT(find(&mem, "HEAD", "/api/lead/7", &m), ROUTE_FOUND);
	CHECK_INT(m.index, 5);
	CHECK_INT(find(&mem, "HEAD", "/only", &m), ROUTE_FOUND);
	CHECK_INT(m.index, 8);
	CHECK_INT(find(&mem, "HEAD", "/api/lead/7/win", &m), ROUTE_NO_METHOD);
	arena_done(&mem);
}

TEST(route_methods_are_listed_once)
{
	struct arena mem;

	arena_init(&mem, 0);
	CHECK_TEXT(route_methods(&mem, table, sizeof table[0], LENGTH(table), "/api/lead"),
	           "GET, POST");
	CHECK_TEXT(route_methods(&mem, table, sizeof table[0], LENGTH(table), "/api/lead/7"),
	           "GET, DELETE");
	CHECK_TEXT(route_methods(&mem, table, sizeof table[0], LENGTH(table), "/api/file/7"),
	           "GET, DELETE");
	CHECK_TEXT(route_methods(&mem, table, sizeof table[0], LENGTH(table), "/api/meta/check"),
	           "POST, GET, DELETE");
	CHECK_TEXT(route_methods(&mem, table, sizeof table[0], LENGTH(table), "/no"), "");
	arena_done(&mem);
}
