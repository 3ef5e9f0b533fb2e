#include "tests/unit/engine_stores.h"

/* The store between two starts of the program. */

static const char there[] =
	"SELECT count(*) FROM t_store WHERE EXISTS (SELECT 1 FROM %s WHERE %s = 'x_team_parent_id')";

static bool has_index(struct ctx *ctx, void *arg)
{
	bool postgres = db_kind(ctx->db) == DB_POSTGRES;

	return ctx_get_int(ctx, fmt(ctx->mem, there, postgres ? "pg_indexes" : "sqlite_schema",
	                            postgres ? "indexname" : "name"), NULL, 0, arg);
}

static bool drop_index(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "DROP INDEX x_team_parent_id", NULL, NULL);
}

/* The documents are the same, but this version of the program wants one more index. */
TEST_ENGINE(store_makes_missing_indexes_at_start)
{
	int64_t n = 0;

	house_write(h, NULL, drop_index, NULL);
	house_read(h, NULL, has_index, &n);
	CHECK_INT(n, 0);
	house_again(h);
	house_read(h, NULL, has_index, &n);
	CHECK(n > 0);
}
