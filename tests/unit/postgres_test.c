/* What only the PostgreSQL side has. */
#include "db/db.h"

#include <unistd.h>

#include "tests/unit/db_stores.h"

TEST_ONE(db_postgres_comes_back, on_postgres)
{
	struct db *other = open_more(t, DB_WRITE);
	int64_t pid = 0;

	make_deals(t);
	for (int i = 0; i < 2; i++) {
		CHECK(db_begin(t->db));
		exec(t, "UPDATE t_deal SET amount = 1", NULL);
		CHECK(db_get_int(t->db, "SELECT pg_backend_pid()", NULL, 0, &pid));
		if (i == 1)             /* the second time while nothing is under way */
			CHECK(db_commit(t->db));
		CHECK_TEXT(rows_of(t, other, "SELECT pg_terminate_backend(CAST($pid AS INTEGER))",
		                   (struct bind[]){ { "pid", v_int(pid) }, { 0 } }), "1");
		if (i == 0) {
			usleep(50000);
			CHECK(!db_query(t->db, "SELECT 1", NULL));
			CHECK_INT(db_code(t->db), DB_LOST);
			CHECK(!db_commit(t->db));
			CHECK_INT(db_code(t->db), DB_LOST);
			CHECK(!db_query(t->db, "SELECT 1", NULL));
		}
	}
	usleep(50000);
	CHECK(db_begin(t->db));
	CHECK_TEXT(rows(t, "SELECT min(amount), max(amount) FROM t_deal", NULL), "1 1");
	CHECK(db_commit(t->db));
	db_close(other);
}

TEST_ONE(db_postgres_refuses_nobody_there, on_postgres)
{
	const char *error = NULL;

	CHECK(!db_open(&t->mem, "postgresql:///none?host=/nowhere", DB_READ, &error));
	CHECK(error && *error);
}

TEST_ONE(db_postgres_session_is_set, on_postgres)
{
	CHECK_TEXT(rows(t, "SELECT current_setting('TimeZone'), current_setting('client_encoding'),"
	                " current_setting('lock_timeout'), current_setting('synchronous_commit')",
	                NULL), "UTC UTF8 10s on");
	CHECK_TEXT(rows(t, "SELECT CAST($v AS TEXT)::varchar, $w::bigint",
	                (struct bind[]){ { "v", v_text("a") }, { "w", v_int(4) }, { 0 } }), "a 4");
}
