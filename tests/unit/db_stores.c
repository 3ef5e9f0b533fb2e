#include "tests/unit/db_stores.h"

#include <stdlib.h>
#include <unistd.h>

struct db *open_more(struct store *t, enum db_mode mode)
{
	const char *error = NULL;
	struct db *db = db_open(&t->mem, t->url, mode, &error);

	if (!db)
		test_fail(__FILE__, __LINE__, "db_open: %s", error);
	return db;
}

void script(struct store *t, const char *sql)
{
	if (!db_script(t->db, sql))
		test_fail(__FILE__, __LINE__, "%s", db_message(t->db));
}

void exec(struct store *t, const char *sql, const struct bind *binds)
{
	if (!db_exec(t->db, sql, binds, NULL))
		test_fail(__FILE__, __LINE__, "%s", db_message(t->db));
}

static void add_value(struct text *out, struct value v)
{
	switch (v.kind) {
	case V_NULL:
		text_add(out, "-");
		break;
	case V_INT:
		text_add_int(out, v.i);
		break;
	case V_REAL:
		text_addf(out, "r%.15g", v.r);
		break;
	case V_TEXT:
		text_addn(out, v.s, v.n);
		break;
	case V_BYTES:
		text_addc(out, 'x');
		for (size_t i = 0; i < v.n; i++)
			text_addf(out, "%02x", (unsigned char)v.s[i]);
		break;
	}
}

const char *rows_of(struct store *t, struct db *db, const char *sql,
                           const struct bind *binds)
{
	struct query *q = db_query(db, sql, binds);
	struct text out;

	if (!q)
		return fmt(&t->mem, "failed: %s", db_message(db));
	text_init(&out, &t->mem);
	while (db_next(q)) {
		if (out.len)
			text_add(&out, "; ");
		for (size_t i = 0; i < db_columns(q); i++) {
			if (i)
				text_add(&out, " ");
			add_value(&out, db_value(q, i));
		}
	}
	if (db_failed(q))
		text_addf(&out, "failed: %s", db_message(db));
	db_done(q);
	return out.s;
}

const char *rows(struct store *t, const char *sql, const struct bind *binds)
{
	return rows_of(t, t->db, sql, binds);
}

static void run_case(struct store *t, void (*run)(struct store *t))
{
	t->db = open_more(t, DB_WRITE);
	if (!t->db)
		return;
	t->words = db_words(t->db);
	if (t->postgres)
		script(t, "DROP SCHEMA IF EXISTS db_test CASCADE; CREATE SCHEMA db_test");
	run(t);
	db_close(t->db);
}

void on_sqlite(void (*run)(struct store *t))
{
	char dir[] = "/tmp/loudou-db-XXXXXX";
	struct store t = { .dir = mkdtemp(dir) };

	arena_init(&t.mem, 0);
	CHECK(t.dir != NULL);
	t.url = fmt(&t.mem, "%s/test.db", dir);
	run_case(&t, run);
	if (system(fmt(&t.mem, "rm -rf '%s'", dir)) != 0)
		test_fail(__FILE__, __LINE__, "%s stays behind", dir);
	arena_done(&t.mem);
}

void on_postgres(void (*run)(struct store *t))
{
	static bool said;
	const char *url = getenv("TEST_PG_URL");
	struct store t = { .postgres = true };

	if (!url) {
		if (!said)
			test_skip("the PostgreSQL half of db_test: TEST_PG_URL is not set");
		said = true;
		return;
	}
	arena_init(&t.mem, 0);
	t.url = fmt(&t.mem, "%s%soptions=-csearch_path%%3Ddb_test", url,
	            strchr(url, '?') ? "&" : "?");
	run_case(&t, run);
	arena_done(&t.mem);
}

void make_deals(struct store *t)
{
	const struct db_words *w = t->words;

	script(t, fmt(&t->mem, "CREATE TABLE t_deal (id %s, owner %s NOT NULL, name %s, amount %s,"
	              " chance %s)%s;"
	              "INSERT INTO t_deal (owner, name, amount, chance) VALUES (1, 'a', 300, 0.5),"
	              " (1, 'b', 100, 0.25), (2, 'c', 300, NULL), (2, NULL, NULL, 1.0)",
	              w->identity, w->integer, w->text, w->integer, w->real, w->strict));
}
