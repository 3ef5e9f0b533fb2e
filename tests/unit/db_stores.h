/*
 * db_stores: a new, empty store for each case of the database tests, on SQLite
 * and, if TEST_PG_URL names a database, on PostgreSQL (tools/pg.sh makes one).
 */
#ifndef TESTS_UNIT_DB_STORES_H
#define TESTS_UNIT_DB_STORES_H

#include "db/db.h"
#include "tests/test.h"

struct store {
	struct arena mem;
	const char *url;
	const char *dir;                /* SQLite: a new directory, for copies too */
	struct db *db;                  /* a write connection */
	const struct db_words *words;
	bool postgres;
};

void on_sqlite(void (*run)(struct store *t));
void on_postgres(void (*run)(struct store *t));

/* One more connection; fails the test if there is none. */
struct db *open_more(struct store *t, enum db_mode mode);

/* Run on t->db, and fail the test if that fails. */
void script(struct store *t, const char *sql);
void exec(struct store *t, const char *sql, const struct bind *binds);

/* All rows as "1 r2.5 text - x00ff; …", so that the kind of each value shows. */
const char *rows(struct store *t, const char *sql, const struct bind *binds);
const char *rows_of(struct store *t, struct db *db, const char *sql, const struct bind *binds);

/* A small table t_deal: id, owner, name, amount, chance; four rows. */
void make_deals(struct store *t);

#define TEST_BOTH(name_)                                                \
	static void both_##name_(struct store *t);                      \
	TEST(name_)                                                     \
	{                                                               \
		on_sqlite(both_##name_);                                \
		on_postgres(both_##name_);                              \
	}                                                               \
	static void both_##name_(struct store *t)

#define TEST_ONE(name_, on_)                                            \
	static void one_##name_(struct store *t);                       \
	TEST(name_)                                                     \
	{                                                               \
		on_(one_##name_);                                       \
	}                                                               \
	static void one_##name_(struct store *t)

#endif
