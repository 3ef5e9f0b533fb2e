/*
 * The portability suite: the same cases on SQLite and, if TEST_PG_URL names an
 * empty database, on PostgreSQL (tools/pg.sh makes one).
 */
#include "db/db.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/driver.h"
#include "db/sql.h"
#include "tests/test.h"

struct store {
	struct arena mem;
	const char *url;
	const char *dir;                /* SQLite: a new directory, for copies too */
	struct db *db;                  /* a write connection */
	const struct db_words *words;
	bool postgres;
};

static struct db *open_more(struct store *t, enum db_mode mode)
{
	const char *error = NULL;
	struct db *db = db_open(&t->mem, t->url, mode, &error);

	if (!db)
		test_fail(__FILE__, __LINE__, "db_open: %s", error);
	return db;
}

static void script(struct store *t, const char *sql)
{
	if (!db_script(t->db, sql))
		test_fail(__FILE__, __LINE__, "%s", db_message(t->db));
}

static void exec(struct store *t, const char *sql, const struct bind *binds)
{
	if (!db_exec(t->db, sql, binds, NULL))
		test_fail(__FILE__, __LINE__, "%s", db_message(t->db));
}

/* "1 r2.5 text - x00ff; …": the kind of each value shows. */
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

static const char *rows_of(struct store *t, struct db *db, const char *sql,
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

static const char *rows(struct store *t, const char *sql, const struct bind *binds)
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

static void on_sqlite(void (*run)(struct store *t))
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

static void on_postgres(void (*run)(struct store *t))
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

/* A small table of deals: id, owner, name, amount, chance. */
static void make_deals(struct store *t)
{
	const struct db_words *w = t->words;

	script(t, fmt(&t->mem, "CREATE TABLE t_deal (id %s, owner %s NOT NULL, name %s, amount %s,"
	              " chance %s)%s;"
	              "INSERT INTO t_deal (owner, name, amount, chance) VALUES (1, 'a', 300, 0.5),"
	              " (1, 'b', 100, 0.25), (2, 'c', 300, NULL), (2, NULL, NULL, 1.0)",
	              w->identity, w->integer, w->text, w->integer, w->real, w->strict));
}

/* -- The SQL both understand ------------------------------------------------ */

TEST_BOTH(db_returning_numbers_rows)
{
	make_deals(t);
	CHECK_TEXT(rows(t, "INSERT INTO t_deal (owner, name) VALUES ($o, $n) RETURNING id, name",
	                (struct bind[]){ { "o", v_int(3) }, { "n", v_text("王芳") }, { 0 } }),
	           "5 王芳");
	CHECK_TEXT(rows(t, "UPDATE t_deal SET amount = amount + 1 WHERE owner = 1"
	                " RETURNING id, amount", NULL), "1 301; 2 101");
	CHECK_TEXT(rows(t, "DELETE FROM t_deal WHERE id = 5 RETURNING owner", NULL), "3");

	/* An id is not used again. */
	CHECK_TEXT(rows(t, "INSERT INTO t_deal (owner) VALUES (1) RETURNING id", NULL), "6");
}

TEST_BOTH(db_upsert_updates)
{
	const char *sql = "INSERT INTO t_count (name, n) VALUES ($name, $n)"
	                  " ON CONFLICT (name) DO UPDATE SET n = t_count.n + excluded.n RETURNING n";

	script(t, fmt(&t->mem, "CREATE TABLE t_count (name %s PRIMARY KEY, n %s NOT NULL)%s",
	              t->words->text, t->words->integer, t->words->strict));
	CHECK_TEXT(rows(t, sql, (struct bind[]){ { "name", v_text("x") }, { "n", v_int(2) }, { 0 } }),
	           "2");
	CHECK_TEXT(rows(t, sql, (struct bind[]){ { "n", v_int(5) }, { "name", v_text("x") }, { 0 } }),
	           "7");
	exec(t, "INSERT INTO t_count (name, n) VALUES ('x', 1) ON CONFLICT DO NOTHING", NULL);
	CHECK_TEXT(rows(t, "SELECT * FROM t_count", NULL), "x 7");
}

TEST_BOTH(db_pages_by_row_values)
{
	make_deals(t);
	CHECK_TEXT(rows(t, "SELECT id FROM t_deal WHERE (amount, id) < ($amount, $id)"
	                " ORDER BY amount DESC, id DESC LIMIT $n",
	                (struct bind[]){ { "amount", v_int(300) }, { "id", v_int(3) },
	                                 { "n", v_int(5) }, { 0 } }), "1; 2");
}

TEST_BOTH(db_aggregates_and_windows)
{
	make_deals(t);
	CHECK_TEXT(rows(t, "SELECT count(*), count(*) FILTER (WHERE owner = 1), sum(amount),"
	                " avg(amount), avg(owner), max(name), sum(chance) FROM t_deal", NULL),
	           "4 2 700 r233.333333333333 r1.5 c r1.75");
	CHECK_TEXT(rows(t, "SELECT id, row_number() OVER (PARTITION BY owner ORDER BY id),"
	                " sum(amount) OVER (ORDER BY id), lag(name) OVER (ORDER BY id)"
	                " FROM t_deal ORDER BY id", NULL),
	           "1 1 300 -; 2 2 400 a; 3 1 700 b; 4 2 700 c");
	CHECK_TEXT(rows(t, "WITH RECURSIVE up (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL"
	                " SELECT n + 1 FROM up WHERE n < 5) SELECT sum(n), max(n) FROM up", NULL),
	           "15 5");
}

TEST_BOTH(db_nulls_order_and_like)
{
	make_deals(t);
	CHECK_TEXT(rows(t, "SELECT id FROM t_deal WHERE name IS NOT DISTINCT FROM $n",
	                (struct bind[]){ { "n", v_null() }, { 0 } }), "4");
	CHECK_TEXT(rows(t, "SELECT id FROM t_deal WHERE name IS DISTINCT FROM $n ORDER BY id",
	                (struct bind[]){ { "n", v_text("a") }, { 0 } }), "2; 3; 4");
	CHECK_TEXT(rows(t, "SELECT name FROM t_deal ORDER BY amount DESC NULLS LAST, id", NULL),
	           "a; c; b; -");
	CHECK_TEXT(rows(t, "SELECT amount FROM t_deal ORDER BY amount NULLS FIRST, id LIMIT 2",
	                NULL), "-; 100");
	exec(t, "UPDATE t_deal SET name = '100%_客户' WHERE id = 4", NULL);
	CHECK_TEXT(rows(t, "SELECT id FROM t_deal WHERE lower(name) LIKE $like ESCAPE '\\'",
	                (struct bind[]){ { "like", v_text("%0\\%\\_客%") }, { 0 } }), "4");

	/* Upper case before lower case, 一 (4E00) before 丁 (4E01): by code point. */
	exec(t, "INSERT INTO t_deal (owner, name) VALUES (9, 'b'), (9, 'B'), (9, '丁'), (9, '一'),"
	     " (9, 'a')", NULL);
	CHECK_TEXT(rows(t, "SELECT name FROM t_deal WHERE owner = 9 ORDER BY name", NULL),
	           "B; a; b; 一; 丁");
}

TEST_BOTH(db_views_stand_before_everything)
{
	static const char view[] =
		"WITH deal AS NOT MATERIALIZED (SELECT id, name, owner, CAST(NULL AS BIGINT) AS amount"
		" FROM t_deal WHERE owner = $me) ";
	const struct bind *me = (struct bind[]){ { "me", v_int(1) }, { "id", v_int(1) },
	                                         { "not", v_int(3) }, { 0 } };

	make_deals(t);
	CHECK_TEXT(rows(t, fmt(&t->mem, "%s SELECT id, amount FROM deal ORDER BY id", view), me),
	           "1 -; 2 -");
	CHECK_TEXT(rows(t, fmt(&t->mem, "%s SELECT sum(amount), count(*) FROM deal", view), me),
	           "- 2");
	CHECK_TEXT(rows(t, fmt(&t->mem, "%s UPDATE t_deal SET name = 'z' WHERE id = $id"
	                       " AND id IN (SELECT id FROM deal) RETURNING id", view), me), "1");
	CHECK_TEXT(rows(t, fmt(&t->mem, "%s UPDATE t_deal SET name = 'z' WHERE id = $not"
	                       " AND id IN (SELECT id FROM deal) RETURNING id", view), me), "");
	CHECK_TEXT(rows(t, fmt(&t->mem, "%s DELETE FROM t_deal WHERE id IN ($id, $not)"
	                       " AND id IN (SELECT id FROM deal) RETURNING id", view), me), "1");

	/* A forgotten view is a mistake that shows, not the whole table. */
	CHECK(!db_query(t->db, "SELECT id FROM deal", NULL));
	CHECK_INT(db_code(t->db), DB_FAILED);
}

TEST_BOTH(db_hidden_columns_have_a_type)
{
	const struct db_words *w = t->words;

	CHECK_TEXT(rows(t, fmt(&t->mem, "WITH x AS (SELECT %s AS i, %s AS r, %s AS t)"
	                       " SELECT sum(i), avg(r), max(t), count(i), lower(t) FROM x"
	                       " GROUP BY t", w->null_integer, w->null_real, w->null_text), NULL),
	           "- - - 0 -");
}

TEST_BOTH(db_columns_are_added_and_renamed)
{
	make_deals(t);
	CHECK(db_begin(t->db));
	script(t, fmt(&t->mem, "ALTER TABLE t_deal ADD COLUMN stage %s;"
	              "ALTER TABLE t_deal RENAME COLUMN name TO label;"
	              "CREATE INDEX t_deal_stage ON t_deal (stage) WHERE stage IS NOT NULL",
	              t->words->integer));
	exec(t, "UPDATE t_deal SET stage = id WHERE id < 3", NULL);
	CHECK(db_commit(t->db));
	CHECK_TEXT(rows(t, "SELECT label, stage FROM t_deal WHERE stage IS NOT NULL ORDER BY id",
	                NULL), "a 1; b 2");
}

TEST_BOTH(db_ddl_is_undone)
{
	make_deals(t);
	CHECK(db_begin(t->db));
	script(t, "ALTER TABLE t_deal RENAME COLUMN name TO label; CREATE TABLE t_more (a INTEGER)");
	db_rollback(t->db);
	CHECK_TEXT(rows(t, "SELECT name FROM t_deal WHERE id = 1", NULL), "a");
	CHECK(!db_query(t->db, "SELECT a FROM t_more", NULL));
}

TEST_BOTH(db_one_job_is_claimed)
{
	const char *claim = "UPDATE t_job SET lease = $until WHERE id = (SELECT id FROM t_job"
	                    " WHERE due <= $now AND lease < $now ORDER BY due, id LIMIT 1)"
	                    " RETURNING id";
	const struct bind *now = (struct bind[]){ { "now", v_int(50) }, { "until", v_int(99) },
	                                          { 0 } };

	script(t, fmt(&t->mem, "CREATE TABLE t_job (id %s, due %s NOT NULL, lease %s NOT NULL)%s;"
	              "INSERT INTO t_job (due, lease) VALUES (40, 0), (10, 0), (60, 0)",
	              t->words->identity, t->words->integer, t->words->integer, t->words->strict));
	CHECK_TEXT(rows(t, claim, now), "2");
	CHECK_TEXT(rows(t, claim, now), "1");
	CHECK_TEXT(rows(t, claim, now), "");
}

/* -- Values ------------------------------------------------------------------ */

TEST_BOTH(db_values_come_back_as_they_went)
{
	static const char bytes[] = { 0, 1, (char)0xff, '\'', 0 };
	const struct value values[] = {
		v_null(), v_int(0), v_int(INT64_MIN), v_int(INT64_MAX),
		v_real(0.1), v_real(-1e300), v_real(5e-324), v_real(3.0),
		v_text(""), v_text("'; DROP TABLE x; --"), v_text("漏斗 🙂 é \\ $me :x ?"),
		v_bytes(bytes, sizeof bytes), v_bytes("", 0),
	};
	const struct db_words *w = t->words;

	script(t, fmt(&t->mem, "CREATE TABLE t_v (i %s, r %s, s %s, b %s)%s", w->integer, w->real,
	              w->text, w->bytes, w->strict));
	for (size_t i = 0; i < LENGTH(values); i++) {
		static const char *const columns[] = { "i", "i", "r", "s", "b" };
		const char *column = columns[values[i].kind];
		struct bind binds[] = { { "v", values[i] }, { 0 } };

		exec(t, "DELETE FROM t_v", NULL);
		exec(t, fmt(&t->mem, "INSERT INTO t_v (%s) VALUES ($v)", column), binds);

		struct query *q = db_query(t->db, fmt(&t->mem, "SELECT %s AS it FROM t_v", column),
		                           NULL);

		CHECK(q && db_next(q) && value_eq(db_value(q, 0), values[i]));
		CHECK(q && db_null(q, 0) == (values[i].kind == V_NULL));
		CHECK_TEXT(q ? db_column(q, 0) : "", "it");
		CHECK(q && !db_next(q) && !db_failed(q));
		db_done(q);
	}
}

TEST_BOTH(db_expressions_have_kinds)
{
	CHECK_TEXT(rows(t, "SELECT 1 = 1, 2 = 1, CAST(7 AS INTEGER), count(*), 1.5, $r, -$i, $t || 'x'",
	                (struct bind[]){ { "r", v_real(2.5) }, { "i", v_int(3) },
	                                 { "t", v_text("t") }, { 0 } }),
	           "1 0 7 1 r1.5 r2.5 -3 tx");

	struct query *q = db_query(t->db, "SELECT 12, 2.75, 'ab', NULL", NULL);

	CHECK(q && db_next(q));
	CHECK_TEXT(db_text(q, 0), "12");
	CHECK_TEXT(db_text(q, 1), "2.75");
	CHECK_TEXT(db_text(q, 3), NULL);
	CHECK_INT(db_int(q, 1), 2);
	CHECK_INT(db_int(q, 2), 0);
	CHECK_INT(db_int(q, 3), 0);
	CHECK(fabs(db_real(q, 0) - 12.0) < 1e-9);
	db_done(q);
}

TEST_BOTH(db_refuses_what_only_one_stores)
{
	struct value zero = { .kind = V_TEXT, .s = "a\0b", .n = 3 };

	CHECK(!db_query(t->db, "SELECT $v", (struct bind[]){ { "v", zero }, { 0 } }));
	CHECK_INT(db_code(t->db), DB_FAILED);
	CHECK(!db_query(t->db, "SELECT $v", (struct bind[]){ { "v", v_text("\xff") }, { 0 } }));
	CHECK_TEXT(rows(t, "SELECT CAST($v AS REAL)", (struct bind[]){ { "v", v_real(NAN) }, { 0 } }),
	           "-");
}

TEST_BOTH(db_names_are_found)
{
	const struct bind *binds = (struct bind[]){ { "b", v_int(2) }, { "a", v_int(1) },
	                                            { "unused", v_text("x") }, { "ab", v_int(12) },
	                                            { 0 } };

	CHECK_TEXT(rows(t, "SELECT $a, $b, $a, $ab, '$c', 1 AS \"$d\" /* $e */ -- $f\n, $b", binds),
	           "1 2 1 12 $c 1 2");
	CHECK(!db_query(t->db, "SELECT $missing", binds));
	CHECK_INT(db_code(t->db), DB_FAILED);
	CHECK(strstr(db_message(t->db), "$missing") != NULL);
	CHECK(!db_query(t->db, "SELECT $a", NULL));
	CHECK(!db_query(t->db, "SELECT ?", binds));
	CHECK(!db_query(t->db, "SELECT :a", binds));
}

TEST_BOTH(db_single_values)
{
	int64_t n = 0;
	const char *s = NULL;

	make_deals(t);
	CHECK(db_get_int(t->db, "SELECT amount FROM t_deal WHERE id = 2", NULL, 7, &n));
	CHECK_INT(n, 100);
	CHECK(db_get_int(t->db, "SELECT amount FROM t_deal WHERE id = 4", NULL, 7, &n));
	CHECK_INT(n, 7);
	CHECK(db_get_int(t->db, "SELECT amount FROM t_deal WHERE id = 99", NULL, 8, &n));
	CHECK_INT(n, 8);
	CHECK(!db_get_int(t->db, "SELECT nothing FROM t_deal", NULL, 9, &n));
	CHECK_INT(n, 8);
	CHECK(db_get_text(t->db, &t->mem, "SELECT name FROM t_deal WHERE id = 2", NULL, &s));
	CHECK_TEXT(s, "b");
	CHECK(db_get_text(t->db, &t->mem, "SELECT name FROM t_deal WHERE id = 99", NULL, &s));
	CHECK_TEXT(s, NULL);
	CHECK(db_exec(t->db, "UPDATE t_deal SET amount = 1 WHERE owner = 2", NULL, &n));
	CHECK_INT(n, 2);
	CHECK(db_exec(t->db, "UPDATE t_deal SET amount = 1 WHERE owner = 9", NULL, &n));
	CHECK_INT(n, 0);
	CHECK(db_exec(t->db, "CREATE TABLE t_x (a INTEGER)", NULL, &n));
	CHECK_INT(n, 0);
}

/* -- Failures ---------------------------------------------------------------- */

static void expect(struct store *t, const char *sql, enum db_code code, const char *constraint)
{
	CHECK(!db_exec(t->db, sql, NULL, NULL));
	if (db_code(t->db) != code)
		test_fail(__FILE__, __LINE__, "%s: %s", sql, db_message(t->db));
	CHECK_TEXT(db_constraint(t->db), constraint);
}

TEST_BOTH(db_constraints_have_codes)
{
	const struct db_words *w = t->words;

	script(t, fmt(&t->mem, "CREATE TABLE t_a (id %s, name %s NOT NULL,"
	              " n %s CONSTRAINT positive CHECK (n > 0))%s;"
	              "CREATE UNIQUE INDEX t_a_name ON t_a (lower(name));"
	              "CREATE UNIQUE INDEX t_a_n ON t_a (n, id);"
	              "CREATE TABLE t_b (a %s NOT NULL REFERENCES t_a (id))%s;"
	              "INSERT INTO t_a (name, n) VALUES ('x', 1); INSERT INTO t_b (a) VALUES (1)",
	              w->identity, w->text, w->integer, w->strict, w->integer, w->strict));
	expect(t, "INSERT INTO t_a (name) VALUES ('X')", DB_UNIQUE, "t_a_name");
	expect(t, "INSERT INTO t_a (id, name) VALUES (1, 'y')", DB_UNIQUE,
	       t->postgres ? "t_a_pkey" : "t_a.id");
	expect(t, "INSERT INTO t_a (name) VALUES (NULL)", DB_CHECK, "t_a.name");
	expect(t, "INSERT INTO t_a (name, n) VALUES ('y', 0)", DB_CHECK, "positive");
	expect(t, "INSERT INTO t_b (a) VALUES (7)", DB_FOREIGN, t->postgres ? "t_b_a_fkey" : "");
	expect(t, "DELETE FROM t_a WHERE id = 1", DB_FOREIGN, t->postgres ? "t_b_a_fkey" : "");
	expect(t, "INSERT INTO t_a (nam) VALUES ('y')", DB_FAILED, "");
	expect(t, "INSERT INTO", DB_FAILED, "");
	expect(t, "SELECT 1; SELECT 2", DB_FAILED, "");
	CHECK_TEXT(rows(t, "SELECT count(*) FROM t_a", NULL), "1");
}

TEST_BOTH(db_several_columns_name_their_index)
{
	script(t, "CREATE TABLE t_a (x INTEGER, y INTEGER);"
	          "CREATE UNIQUE INDEX t_a_xy ON t_a (x, y); INSERT INTO t_a VALUES (1, 2)");
	expect(t, "INSERT INTO t_a VALUES (1, 2)", DB_UNIQUE, t->postgres ? "t_a_xy" : "t_a.x,t_a.y");
}

TEST_BOTH(db_a_failure_breaks_the_transaction)
{
	make_deals(t);
	CHECK(db_begin(t->db));
	exec(t, "DELETE FROM t_deal WHERE id = 1", NULL);
	CHECK(!db_exec(t->db, "INSERT INTO t_deal (id, owner) VALUES (2, 1)", NULL, NULL));
	CHECK_INT(db_code(t->db), DB_UNIQUE);

	/* All else fails, and the first reason stays. */
	CHECK(!db_query(t->db, "SELECT 1", NULL));
	CHECK(!db_exec(t->db, "INSERT INTO nowhere VALUES (1)", NULL, NULL));
	CHECK(!db_script(t->db, "SELECT 1"));
	CHECK(!db_save(t->db));
	CHECK(!db_commit(t->db));
	CHECK_INT(db_code(t->db), DB_UNIQUE);
	CHECK_TEXT(rows(t, "SELECT count(*) FROM t_deal", NULL), "4");
}

TEST_BOTH(db_savepoints_mend_it)
{
	make_deals(t);
	CHECK(db_begin(t->db));
	CHECK(db_save(t->db));
	CHECK(!db_save(t->db));         /* one at a time; and this broke it */
	db_save_rollback(t->db);

	CHECK(db_save(t->db));
	exec(t, "UPDATE t_deal SET name = 'kept' WHERE id = 1", NULL);
	CHECK(db_save_release(t->db));

	CHECK(db_save(t->db));
	exec(t, "UPDATE t_deal SET name = 'dropped' WHERE id = 2", NULL);
	CHECK(!db_exec(t->db, "INSERT INTO t_deal (id, owner) VALUES (2, 1)", NULL, NULL));
	CHECK(!db_save_release(t->db));
	db_save_rollback(t->db);

	CHECK(db_save(t->db));
	exec(t, "UPDATE t_deal SET name = 'dropped' WHERE id = 3", NULL);
	db_save_rollback(t->db);

	CHECK(db_save(t->db));
	exec(t, "UPDATE t_deal SET name = 'kept too' WHERE id = 4", NULL);
	CHECK(db_save_release(t->db));
	CHECK(db_commit(t->db));
	CHECK_TEXT(rows(t, "SELECT name FROM t_deal ORDER BY id", NULL), "kept; b; c; kept too");
}

TEST_BOTH(db_transactions_in_order)
{
	CHECK(!db_commit(t->db));
	CHECK(!db_save(t->db));
	db_rollback(t->db);
	db_save_rollback(t->db);
	CHECK(db_begin(t->db));
	CHECK(!db_begin(t->db));
	db_rollback(t->db);
	CHECK(db_begin(t->db));
	CHECK(db_commit(t->db));
}

/* -- Queries ----------------------------------------------------------------- */

TEST_BOTH(db_queries_within_queries)
{
	const char *sql = "SELECT id FROM t_deal WHERE owner = $o ORDER BY id";
	const struct bind *one = (struct bind[]){ { "o", v_int(1) }, { 0 } };
	const struct bind *two = (struct bind[]){ { "o", v_int(2) }, { 0 } };
	struct text seen;

	make_deals(t);
	text_init(&seen, &t->mem);

	struct query *outer = db_query(t->db, sql, one);

	while (outer && db_next(outer)) {
		struct query *inner = db_query(t->db, sql, two);

		while (inner && db_next(inner))
			text_addf(&seen, "%s%s ", db_text(outer, 0), db_text(inner, 0));
		db_done(inner);
	}
	db_done(outer);
	CHECK_TEXT(seen.s, "13 14 23 24 ");
}

TEST_BOTH(db_open_queries_are_counted)
{
	struct query *open[DB_QUERIES];

	for (size_t i = 0; i < DB_QUERIES; i++) {
		open[i] = db_query(t->db, "SELECT 1", NULL);
		CHECK(open[i] && db_next(open[i]));
	}
	CHECK(!db_query(t->db, "SELECT 1", NULL));
	CHECK_INT(db_code(t->db), DB_FAILED);

	/* One that was forgotten shows at the next begin. */
	for (size_t i = 1; i < DB_QUERIES; i++)
		db_done(open[i]);
	CHECK(!db_begin(t->db));
	CHECK(strstr(db_message(t->db), "SELECT 1") != NULL);
	db_done(open[0]);
	CHECK(db_begin(t->db));
	db_rollback(t->db);
}

TEST_BOTH(db_the_end_of_a_transaction_ends_queries)
{
	make_deals(t);
	CHECK(db_begin(t->db));

	struct query *q = db_query(t->db, "SELECT id FROM t_deal ORDER BY id", NULL);

	CHECK(q && db_next(q));
	CHECK(db_commit(t->db));
	CHECK(q && !db_next(q) && !db_failed(q) && db_null(q, 0));
	db_done(q);
	CHECK(db_begin(t->db));
	CHECK(db_commit(t->db));
}

TEST_BOTH(db_streams_many_rows)
{
	const char *sql = "WITH RECURSIVE up (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL"
	                  " SELECT n + 1 FROM up WHERE n < $n) SELECT n FROM up";
	static const int64_t sizes[] = { 0, 1, 999, 1000, 1001, 2500 };

	CHECK(!db_stream(t->db, sql, NULL));
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		int64_t count = 0;
		int64_t sum = 0;

		CHECK(db_begin(t->db));

		struct query *q = db_stream(t->db, fmt(&t->mem, "%s WHERE n <= $n", sql),
		                            (struct bind[]){ { "n", v_int(sizes[i]) }, { 0 } });

		CHECK(q && db_columns(q) == 1);
		while (q && db_next(q)) {
			count++;
			sum += db_int(q, 0);
			if (count % 500 == 0)
				CHECK_TEXT(rows(t, "SELECT 5", NULL), "5");
		}
		CHECK(q && !db_failed(q));
		db_done(q);
		CHECK_INT(count, sizes[i]);
		CHECK_INT(sum, sizes[i] * (sizes[i] + 1) / 2);
		CHECK(db_commit(t->db));
	}
}

/* Changes nothing that is not the values' business: the text never differs. */
TEST_BOTH(db_values_never_reach_the_text)
{
	static const char *const hostile[] = {
		"'", "''", "\"", "`", "\\", "\\'", "';--", "/*", "*/", "--", ";", "$me", "$1", ":a",
		"?", "%", "_", "' OR '1'='1", "1; DROP TABLE t_deal", "E'\\''", "$$", "$a$",
		"\n", "\r", "\t", "x'00'", "U&'\\0041'", "NULL", "){", "[a]", "||", "::text",
		"（）", "‘’", "\xEF\xBB\xBF", "0x41", "1e400", "-1", " ", "\x01",
	};
	const char *sql = "SELECT $v, id FROM t_deal WHERE name = $v OR id = 1 LIMIT 1";

	make_deals(t);
	CHECK_TEXT(rows(t, sql, (struct bind[]){ { "v", v_text("first") }, { 0 } }), "first 1");

	size_t before = t->db->statements;

	for (size_t i = 0; i < LENGTH(hostile); i++)
		CHECK_TEXT(rows(t, sql, (struct bind[]){ { "v", v_text(hostile[i]) }, { 0 } }),
		           fmt(&t->mem, "%s 1", hostile[i]));
	CHECK_INT(t->db->statements, before);
	CHECK_TEXT(rows(t, "SELECT count(*) FROM t_deal", NULL), "4");
}

TEST_BOTH(db_the_cache_lets_go)
{
	struct query *kept = db_query(t->db, "SELECT 4711", NULL);

	for (int i = 0; i < 2 * DB_STATEMENTS; i++)
		CHECK_TEXT(rows(t, fmt(&t->mem, "SELECT %d", i), NULL), fmt(&t->mem, "%d", i));
	CHECK_INT(t->db->statements, DB_STATEMENTS);
	CHECK(kept && db_next(kept));
	CHECK_INT(db_int(kept, 0), 4711);
	db_done(kept);

	/* The oldest went, the newest are still prepared; both work. */
	CHECK_TEXT(rows(t, "SELECT 0", NULL), "0");
	CHECK_TEXT(rows(t, fmt(&t->mem, "SELECT %d", 2 * DB_STATEMENTS - 1), NULL),
	           fmt(&t->mem, "%d", 2 * DB_STATEMENTS - 1));
	if (t->postgres)
		CHECK_TEXT(rows(t, "SELECT count(*) < 502 FROM pg_prepared_statements", NULL), "1");
}

TEST_BOTH(db_tables_may_change_under_statements)
{
	const char *before = "1 1 a 300 r0.5";
	const char *after = "1 1 a 300 r0.5 -";

	make_deals(t);
	CHECK_TEXT(rows(t, "SELECT * FROM t_deal WHERE id = 1", NULL), before);
	script(t, fmt(&t->mem, "ALTER TABLE t_deal ADD COLUMN more %s", t->words->integer));

	struct query *q = db_query(t->db, "SELECT * FROM t_deal WHERE id = 1", NULL);

	CHECK(q || db_code(t->db) == DB_BUSY);          /* run again, and it will do */
	CHECK(!q || db_columns(q) == 6);
	db_done(q);
	CHECK_TEXT(rows(t, "SELECT * FROM t_deal WHERE id = 1", NULL), after);
}

/* -- Stopping ------------------------------------------------------------------ */

static const char endless[] =
	"WITH RECURSIVE up (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM up)"
	" SELECT count(*) FROM up WHERE n < 0";

TEST_BOTH(db_a_deadline_stops)
{
	int64_t from = date_ticks();

	CHECK(db_begin(t->db));
	db_deadline(t->db, from + 200);
	CHECK(!db_query(t->db, endless, NULL));
	CHECK_INT(db_code(t->db), DB_STOPPED);
	CHECK(date_ticks() - from >= 200 && date_ticks() - from < 1500);
	CHECK(!db_commit(t->db));       /* rolls back, deadline or not */

	/* Past is past, until it is set anew. */
	CHECK(!db_query(t->db, "SELECT 1", NULL));
	CHECK_INT(db_code(t->db), DB_STOPPED);
	CHECK(db_begin(t->db));
	CHECK(db_commit(t->db));
	db_deadline(t->db, 0);
	CHECK_TEXT(rows(t, "SELECT 1", NULL), "1");
}

static void *stop_soon(void *ptr)
{
	usleep(150000);
	db_stop(ptr);
	return NULL;
}

TEST_BOTH(db_another_thread_stops)
{
	pthread_t thread;
	int64_t from = date_ticks();

	CHECK(db_begin(t->db));
	CHECK(pthread_create(&thread, NULL, stop_soon, t->db) == 0);
	CHECK(!db_query(t->db, endless, NULL));
	CHECK_INT(db_code(t->db), DB_STOPPED);
	CHECK(date_ticks() - from < 1500);
	pthread_join(thread, NULL);
	CHECK(!db_query(t->db, "SELECT 1", NULL));      /* the rest of the transaction too */
	db_rollback(t->db);
	CHECK(db_begin(t->db));
	CHECK_TEXT(rows(t, "SELECT 1", NULL), "1");
	CHECK(db_commit(t->db));
	db_stop(t->db);                                 /* nothing runs: nothing to stop */
	CHECK_TEXT(rows(t, "SELECT 2", NULL), "2");
}

/* SQLite gives the whole transaction up when it is stopped in the middle of a write. */
TEST_BOTH(db_a_stopped_write_says_what_is_left)
{
	make_deals(t);
	CHECK(db_begin(t->db));
	CHECK(db_save(t->db));
	exec(t, "UPDATE t_deal SET name = 'first'", NULL);
	CHECK(db_save_release(t->db));
	CHECK(db_save(t->db));
	db_deadline(t->db, date_ticks() + 100);
	CHECK(!db_exec(t->db, "INSERT INTO t_deal (owner) WITH RECURSIVE up (n) AS (SELECT"
	               " CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM up) SELECT n FROM up",
	               NULL, NULL));
	CHECK_INT(db_code(t->db), DB_STOPPED);
	db_deadline(t->db, 0);
	db_save_rollback(t->db);
	if (t->postgres) {
		CHECK(db_save(t->db));
		CHECK(db_save_release(t->db));
		CHECK(db_commit(t->db));
	} else {
		CHECK(!db_save(t->db));
		CHECK_INT(db_code(t->db), DB_BUSY);
		CHECK(!db_commit(t->db));
	}
	CHECK_TEXT(rows(t, "SELECT count(*), min(name) FROM t_deal", NULL),
	           t->postgres ? "4 first" : "4 a");
	CHECK(db_begin(t->db));
	exec(t, "UPDATE t_deal SET name = 'second'", NULL);
	CHECK(db_commit(t->db));
}

/* -- Several connections -------------------------------------------------------- */

TEST_BOTH(db_readers_cannot_write)
{
	static const char *const writes[] = {
		"INSERT INTO t_deal (owner) VALUES (1)", "UPDATE t_deal SET owner = 2",
		"DELETE FROM t_deal", "CREATE TABLE t_x (a INTEGER)", "DROP TABLE t_deal",
	};

	make_deals(t);

	struct db *reader = open_more(t, DB_READ);

	for (size_t i = 0; i < LENGTH(writes); i++) {
		CHECK(!db_exec(reader, writes[i], NULL, NULL));
		CHECK_INT(db_code(reader), DB_FAILED);
		CHECK(db_begin(reader));
		CHECK(!db_script(reader, writes[i]));
		db_rollback(reader);
	}
	CHECK_TEXT(rows_of(t, reader, "SELECT count(*), sum(owner) FROM t_deal", NULL), "4 6");
	db_close(reader);
}

TEST_BOTH(db_readers_see_one_state)
{
	make_deals(t);

	struct db *reader = open_more(t, DB_READ);

	CHECK(db_begin(reader));
	CHECK_TEXT(rows_of(t, reader, "SELECT count(*) FROM t_deal", NULL), "4");
	CHECK(db_begin(t->db));
	exec(t, "INSERT INTO t_deal (owner) VALUES (5)", NULL);
	CHECK_TEXT(rows_of(t, reader, "SELECT count(*) FROM t_deal", NULL), "4");
	CHECK(db_commit(t->db));
	CHECK_TEXT(rows_of(t, reader, "SELECT count(*) FROM t_deal WHERE owner < 9", NULL), "4");
	CHECK(db_commit(reader));
	CHECK(db_begin(reader));
	CHECK_TEXT(rows_of(t, reader, "SELECT count(*) FROM t_deal", NULL), "5");
	CHECK(db_commit(reader));
	db_close(reader);
}

struct adder {
	struct db *db;
	int done;
};

static void *add_ones(void *ptr)
{
	struct adder *a = ptr;

	for (int i = 0; i < 100; i++) {
		int64_t n = 0;

		if (!db_begin(a->db))
			continue;
		if (db_get_int(a->db, "SELECT amount FROM t_deal WHERE id = 1", NULL, 0, &n)
		    && db_exec(a->db, "UPDATE t_deal SET amount = $n WHERE id = 1",
		               (struct bind[]){ { "n", v_int(n + 1) }, { 0 } }, NULL)
		    && db_commit(a->db))
			a->done++;
		else
			db_rollback(a->db);
	}
	return NULL;
}

TEST_BOTH(db_writers_exclude_each_other)
{
	make_deals(t);

	struct adder adders[2] = { { .db = t->db }, { .db = open_more(t, DB_WRITE) } };
	pthread_t threads[2];

	for (size_t i = 0; i < LENGTH(adders); i++)
		CHECK(pthread_create(&threads[i], NULL, add_ones, &adders[i]) == 0);
	for (size_t i = 0; i < LENGTH(adders); i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(adders[0].done, 100);
	CHECK_INT(adders[1].done, 100);
	CHECK_TEXT(rows(t, "SELECT amount FROM t_deal WHERE id = 1", NULL), "500");
	db_close(adders[1].db);
}

TEST_BOTH(db_changes_of_others_are_seen)
{
	make_deals(t);

	struct db *reader = open_more(t, DB_READ);
	int64_t first = db_changes_seen(reader);

	CHECK_INT(db_changes_seen(reader), first);
	exec(t, "UPDATE t_deal SET owner = 3", NULL);
	CHECK(db_changes_seen(reader) != first);
	db_close(reader);
}

/* -- Reading text ---------------------------------------------------------------- */

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

/* -- SQLite only ------------------------------------------------------------------ */

static int steps;

static bool stop_at_second(void *ptr, int done, int total)
{
	(void)ptr;
	steps++;
	return steps < 2 || done == total;
}

static void fill(struct store *t, int64_t n)
{
	CHECK(db_begin(t->db));
	exec(t, "INSERT INTO t_deal (owner, name) WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL"
	     " SELECT n + 1 FROM up WHERE n < $n) SELECT 7, printf('%200d', n) FROM up",
	     (struct bind[]){ { "n", v_int(n) }, { 0 } });
	CHECK(db_commit(t->db));
}

TEST_ONE(db_backup_is_one_state, on_sqlite)
{
	const char *copy = fmt(&t->mem, "%s/copy.db", t->dir);
	const char *error = NULL;

	make_deals(t);
	fill(t, 50000);

	struct db *reader = open_more(t, DB_READ);

	/* Uncommitted work of the writer is not in it, and does not hinder it. */
	CHECK(db_begin(t->db));
	exec(t, "DELETE FROM t_deal", NULL);
	CHECK(db_backup(reader, copy, NULL, NULL));
	db_rollback(t->db);

	struct db *db = db_open(&t->mem, copy, DB_WRITE, &error);

	CHECK(db != NULL);
	CHECK_TEXT(rows_of(t, db, "SELECT count(*) FROM t_deal", NULL), "50004");
	CHECK(db_integrity(db));
	db_close(db);

	CHECK(!db_backup(reader, copy, NULL, NULL));            /* nothing is overwritten */
	CHECK(unlink(copy) == 0);
	steps = 0;
	CHECK(!db_backup(reader, copy, stop_at_second, NULL));
	CHECK_INT(db_code(reader), DB_STOPPED);
	CHECK_INT(access(copy, F_OK), -1);
	CHECK(db_begin(reader));                                /* no lock stays behind */
	CHECK(db_commit(reader));
	db_close(reader);
}

static int64_t wal_size(struct store *t)
{
	struct stat st;

	return stat(fmt(&t->mem, "%s-wal", t->url), &st) == 0 ? (int64_t)st.st_size : -1;
}

TEST_ONE(db_checkpoint_moves_the_wal, on_sqlite)
{
	make_deals(t);
	fill(t, 50000);

	int64_t full = wal_size(t);

	CHECK(full > 1000 * 4096);
	CHECK(db_checkpoint(t->db, false));
	exec(t, "UPDATE t_deal SET owner = 4 WHERE id = 1", NULL);
	CHECK_INT(wal_size(t), full);                           /* it began anew, in place */
	CHECK(db_checkpoint(t->db, true));
	CHECK_INT(wal_size(t), 0);

	struct db *reader = open_more(t, DB_READ);

	CHECK(!db_checkpoint(reader, false));
	db_close(reader);
	CHECK(db_begin(t->db));
	CHECK(!db_checkpoint(t->db, true));
	db_rollback(t->db);
}

TEST_ONE(db_damage_is_told, on_sqlite)
{
	static const char noise[4096] = "noise";
	const char *error = NULL;

	make_deals(t);
	fill(t, 5000);
	CHECK(db_integrity(t->db));
	CHECK(db_checkpoint(t->db, true));
	db_close(t->db);

	FILE *f = fopen(t->url, "r+b");

	CHECK(f && fseek(f, 4096 * 20, SEEK_SET) == 0 && fwrite(noise, sizeof noise, 1, f) == 1);
	CHECK(f && fclose(f) == 0);
	t->db = db_open(&t->mem, t->url, DB_WRITE, &error);
	CHECK(t->db && !db_integrity(t->db) && *db_message(t->db));

	struct db *db = db_open(&t->mem, "/etc/passwd", DB_READ, &error);

	CHECK(!db && error);
	CHECK(!db_open(&t->mem, "/nowhere/at/all.db", DB_WRITE, &error));
	CHECK(!db_open(&t->mem, fmt(&t->mem, "%s/none.db", t->dir), DB_READ, &error));
}

TEST_ONE(db_a_full_disk_is_no_loss, on_sqlite)
{
	make_deals(t);
	script(t, "PRAGMA max_page_count = 20");
	CHECK(db_begin(t->db));
	CHECK(!db_exec(t->db, "INSERT INTO t_deal (owner, name) WITH RECURSIVE up (n) AS (SELECT 1"
	               " UNION ALL SELECT n + 1 FROM up WHERE n < 5000)"
	               " SELECT 7, printf('%200d', n) FROM up", NULL, NULL));
	CHECK_INT(db_code(t->db), DB_FULL);
	CHECK(!db_commit(t->db));
	CHECK_INT(db_code(t->db), DB_FULL);
	CHECK_TEXT(rows(t, "SELECT count(*) FROM t_deal", NULL), "4");
	script(t, "PRAGMA max_page_count = 20000");
	fill(t, 5000);
	CHECK_TEXT(rows(t, "SELECT count(*) FROM t_deal", NULL), "5004");
}

TEST_ONE(db_sqlite_is_locked_down, on_sqlite)
{
	CHECK_TEXT(rows(t, "PRAGMA journal_mode", NULL), "wal");
	CHECK_TEXT(rows(t, "PRAGMA synchronous", NULL), "2");
	CHECK_TEXT(rows(t, "PRAGMA foreign_keys", NULL), "1");
	CHECK_TEXT(rows(t, "PRAGMA trusted_schema", NULL), "0");
	CHECK_TEXT(rows(t, "PRAGMA cell_size_check", NULL), "1");
	CHECK_TEXT(rows(t, "PRAGMA secure_delete", NULL), "1");
	CHECK_TEXT(rows(t, "PRAGMA wal_autocheckpoint", NULL), "0");
	CHECK(!db_exec(t->db, "ATTACH 'x' AS x", NULL, NULL));
	CHECK(!db_exec(t->db, "SELECT load_extension('x')", NULL, NULL));
	CHECK(!db_exec(t->db, "SELECT \"no such column\"", NULL, NULL));
	script(t, "CREATE TABLE t_x (a INTEGER); PRAGMA writable_schema = ON");
	CHECK(!db_exec(t->db, "UPDATE sqlite_schema SET sql = ''", NULL, NULL));
}

static bool only_deals(void *ptr, const char *table, const char *name)
{
	(void)ptr;
	if (!*table)
		return text_eq(name, "sum") || text_eq(name, "count");
	return text_eq(table, "deal") && !text_eq(name, "margin");
}

TEST(db_check_reads_without_running)
{
	static const char *const good[] = {
		"SELECT id, sum(amount) FROM deal WHERE owner = $me GROUP BY id",
		"WITH x AS (SELECT id FROM deal) SELECT count(*) FROM x;",
		"SELECT count(*) FROM deal -- all of them",
		"WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 3)"
		" SELECT n FROM up",
	};
	static const char *const bad[] = {
		"SELECT margin FROM deal", "SELECT * FROM deal", "SELECT id FROM secret",
		"SELECT count(*) FROM secret", "SELECT 1 FROM secret", "SELECT sql FROM sqlite_schema",
		"SELECT count(*) FROM sqlite_schema", "SELECT count(*) FROM pragma_table_list",
		"SELECT value FROM json_each($x)", "SELECT 1 FROM json_each('[]')",
		"SELECT lower(name) FROM deal", "SELECT nothing FROM deal", "SELECT id FROM deal,",
		"DELETE FROM deal", "INSERT INTO deal (id) VALUES (1)", "UPDATE deal SET id = 1",
		"WITH x AS (SELECT 1) DELETE FROM deal", "DROP TABLE deal", "CREATE TABLE x (a)",
		"PRAGMA table_info(deal)", "ATTACH 'x' AS x", "BEGIN", "VACUUM", "ANALYZE",
		"EXPLAIN SELECT id FROM deal", "SELECT id FROM deal; SELECT 1", "", "-- nothing", ";",
		"SELECT id FROM deal WHERE id = ?", "SELECT id FROM deal WHERE id = :a",
		"SELECT id FROM deal WHERE id = $a::b", "SELECT id e'\\'' UNION SELECT 1 --' FROM deal",
	};
	struct arena mem;
	const char *error = NULL;

	arena_init(&mem, 0);

	struct db *db = db_open(&mem, ":memory:", DB_WRITE, &error);

	CHECK(db && db_script(db, "CREATE TABLE deal (id, name, amount, owner, margin);"
	                          "CREATE TABLE secret (id)"));
	for (size_t i = 0; i < LENGTH(good); i++)
		if (!db_check(db, good[i], only_deals, NULL))
			test_fail(__FILE__, __LINE__, "%s: %s", good[i], db_message(db));
	for (size_t i = 0; i < LENGTH(bad); i++)
		if (db_check(db, bad[i], only_deals, NULL) || !*db_message(db))
			test_fail(__FILE__, __LINE__, "passes: %s", bad[i]);
	CHECK(!db_check(db, "SELECT margin FROM deal", only_deals, NULL));
	CHECK_TEXT(db_message(db), "not allowed: deal.margin");
	CHECK(db_exec(db, "INSERT INTO deal (id) VALUES (1)", NULL, NULL));
	db_close(db);
	arena_done(&mem);
}

/* -- PostgreSQL only ---------------------------------------------------------------- */

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
