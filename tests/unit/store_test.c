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

static bool drop_spread(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "ALTER TABLE t_tally DROP COLUMN spread", NULL, NULL) &&
	       ctx_exec(ctx, "UPDATE t_store SET value = '' WHERE name = 'applied_hash'", NULL, NULL);
}

static bool count_spread(struct ctx *ctx, void *arg)
{
	return ctx_get_int(ctx, "SELECT count(spread) FROM t_tally", NULL, 0, arg);
}

/* A store of an older version, whose own tables have fewer columns. */
TEST_ENGINE(store_adds_columns_of_its_own_tables)
{
	int64_t n = -1;

	house_write(h, NULL, drop_spread, NULL);
	house_again(h);
	house_read(h, NULL, count_spread, &n);
	CHECK_INT(n, 0);
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

static bool lose_parts(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "UPDATE t_store SET value = replace(value, '-- include ', '-- include gone_') WHERE name = 'applied'", NULL, NULL) &&
	       ctx_exec(ctx, "UPDATE t_store SET value = '' WHERE name = 'applied_hash'", NULL, NULL);
}

/* Reports of the version before included parts that this one has not, or has otherwise. */
TEST_ENGINE(store_forgets_parts_of_reports)
{
	int64_t n = 0;

	house_write(h, NULL, lose_parts, NULL);
	house_again(h);
	house_read(h, NULL, has_index, &n);
	CHECK(n > 0);
}

static bool add_words(struct ctx *ctx, void *arg)
{
	(void)arg;
	return ctx_exec(ctx, "UPDATE t_store SET value = replace(value, '\\\"type\\\": \\\"text\\\"', '\\\"bygone\\\": true, \\\"type\\\": \\\"text\\\"') WHERE name = 'applied'", NULL, NULL) &&
	       ctx_exec(ctx, "UPDATE t_store SET value = '' WHERE name = 'applied_hash'", NULL, NULL);
}

static bool count_words(struct ctx *ctx, void *arg)
{
	return ctx_get_int(ctx, "SELECT count(*) FROM t_store WHERE name = 'applied' AND value LIKE '%bygone%'", NULL, 0, arg);
}

/* Declarations of the version before had a key that this one knows no more. */
TEST_ENGINE(store_forgets_words_of_declarations)
{
	int64_t n = 0;

	house_write(h, NULL, add_words, NULL);
	house_read(h, NULL, count_words, &n);
	CHECK_INT(n, 1);
	house_again(h);
	house_read(h, NULL, count_words, &n);
	CHECK_INT(n, 0);
}
