/*
 * The portability suite: what db.h promises, and the SQL the product may use,
 * the same on both databases.
 */
#include "db/db.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

#include "db/driver.h"
#include "tests/unit/db_stores.h"

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
	CHECK(db_exec(t->db, "DELETE FROM t_deal WHERE id = 1", NULL, &n));
	CHECK_INT(n, 1);
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
	CHECK(db_save(t->db));
	CHECK(!db_save(t->db));         /* two at a time; and this broke it */
	db_save_rollback(t->db);
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

TEST_BOTH(db_a_deadline_is_only_put_off)
{
	int64_t past = date_ticks() - 1;

	/* None stays none, a later one stays. */
	db_deadline_later(t->db, past);
	CHECK_TEXT(rows(t, "SELECT 1", NULL), "1");
	db_deadline(t->db, past + 600000);
	db_deadline_later(t->db, past);
	CHECK_TEXT(rows(t, "SELECT 1", NULL), "1");

	db_deadline(t->db, past);
	db_deadline_later(t->db, past + 600000);
	CHECK_TEXT(rows(t, "SELECT 1", NULL), "1");
	db_deadline(t->db, 0);
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

/* Also after something else failed on the connection that asks. */
TEST_BOTH(db_claims_are_held_by_one)
{
	struct db *other = open_more(t, DB_WRITE);
	bool ours = false;
	bool theirs = true;

	CHECK(db_claim(t->db, 7, &ours));
	CHECK(ours);
	CHECK(!db_exec(other, "SELECT nothing FROM nowhere", NULL, NULL));
	CHECK(db_claim(other, 7, &theirs));
	CHECK(!theirs);
	CHECK(db_claim(other, 8, &theirs));
	CHECK(theirs);
	db_release(t->db, 7);
	CHECK(db_claim(other, 7, &theirs));
	CHECK(theirs);
	db_close(other);
	/* A server of PostgreSQL's notices a moment later. */
	for (int i = 0; i < 500; i++) {
		CHECK(db_claim(t->db, 7, &ours));
		if (ours)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
	}
	CHECK(ours);
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
