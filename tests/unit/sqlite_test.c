/* What only the SQLite side has. */
#include "db/db.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "tests/unit/db_stores.h"

static int steps;

/* Somebody commits between any two steps of the backup. */
static bool write_meanwhile(void *ptr, int done, int total)
{
	struct store *t = ptr;

	steps++;
	exec(t, "UPDATE t_deal SET owner = owner + 1", NULL);
	return done <= total;
}

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

	steps = 0;
	CHECK(db_backup(reader, copy, write_meanwhile, t));
	CHECK(steps > 2);

	struct db *db = db_open(&t->mem, copy, DB_WRITE, &error);

	CHECK(db != NULL);
	CHECK_TEXT(rows_of(t, db, "SELECT count(*), max(owner) FROM t_deal", NULL), "50004 7");
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

/* A copy that fits nowhere leaves nothing behind, the journal SQLite would take it back with included. */
TEST_ONE(db_backup_that_fails_leaves_nothing, on_sqlite)
{
	const char *copy = fmt(&t->mem, "%s/copy.db", t->dir);
	struct rlimit before;

	make_deals(t);
	fill(t, 50000);

	struct db *reader = open_more(t, DB_READ);

	/* As a full disk: no file may become larger. */
	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 1 << 20, before.rlim_max }) == 0);
	CHECK(!db_backup(reader, copy, NULL, NULL));
	CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
	CHECK_INT(access(copy, F_OK), -1);
	CHECK_INT(access(fmt(&t->mem, "%s-journal", copy), F_OK), -1);
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

/* A reader that stays keeps the WAL long, but costs the writer only a moment. */
TEST_ONE(db_checkpoint_waits_for_nobody, on_sqlite)
{
	make_deals(t);

	struct db *reader = open_more(t, DB_READ);

	CHECK(db_begin(reader));
	CHECK_TEXT(rows_of(t, reader, "SELECT count(*) FROM t_deal", NULL), "4");
	exec(t, "INSERT INTO t_deal (owner, name) WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL"
	     " SELECT n + 1 FROM up WHERE n < 40000) SELECT 7, printf('%2000d', n) FROM up", NULL);
	CHECK(wal_size(t) > 16000 * 4096);

	int64_t from = date_ticks();

	CHECK(db_checkpoint(t->db, false));
	CHECK(date_ticks() - from < 3000);
	CHECK(db_commit(reader));
	CHECK(db_checkpoint(t->db, true));
	CHECK_INT(wal_size(t), 0);
	db_close(reader);
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
		"WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up) SELECT n FROM up",
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
