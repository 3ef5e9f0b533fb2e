/*
 * engine_stores: a whole engine on a new, empty store for each case, on SQLite and,
 * if TEST_PG_URL names a database that tools/pg.sh made, on PostgreSQL.
 */
#ifndef TESTS_UNIT_ENGINE_STORES_H
#define TESTS_UNIT_ENGINE_STORES_H

#include "engine/engine.h"
#include "tests/test.h"

struct house {
	struct arena mem;
	struct engine *e;
	const char *dir;
	const char *url;                /* NULL: SQLite in dir */
};

void engine_on_sqlite(void (*run)(struct house *h));
void engine_on_postgres(void (*run)(struct house *h));

/* Runs in the write lane, or reading, as a member (NULL: system); fails the test if that fails. */
bool house_write(struct house *h, const struct member *me, work_fn *fn, void *arg);
bool house_read(struct house *h, const struct member *me, work_fn *fn, void *arg);
/* The same, expecting a refusal: its messages, "" if there was none. */
const char *house_refused(struct house *h, const struct member *me, work_fn *fn, void *arg);

/* The first value of a SELECT as system, as text; NULL if there is none. */
const char *house_text(struct house *h, const char *sql);

/* Closes and opens again. */
void house_again(struct house *h);

/* A new member with one role. */
const struct member *house_member(struct house *h, const char *name, const char *role);

/* Creates a record as system from JSON; its id. */
int64_t house_record(struct house *h, const char *object, const char *json);

#define TEST_ENGINE(name_)                                              \
	static void house_##name_(struct house *h);                     \
	TEST(name_)                                                     \
	{                                                               \
		engine_on_sqlite(house_##name_);                        \
		engine_on_postgres(house_##name_);                      \
	}                                                               \
	static void house_##name_(struct house *h)

#endif
