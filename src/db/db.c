#include "db/db.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/driver.h"

bool value_eq(struct value a, struct value b)
{
	if (a.kind != b.kind)
		return false;
	switch (a.kind) {
	case V_NULL:
		return true;
	case V_INT:
		return a.i == b.i;
	case V_REAL:
		return a.r == b.r;
	case V_TEXT:
	case V_BYTES:
		return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
	}
	return false;
}

/* -- Failures -------------------------------------------------------------- */

bool db_fail(struct db *db, enum db_code code, const char *format, ...)
{
	va_list args;

	if (db->broken)
		return false;
	va_start(args, format);
	text_clear(&db->message);
	text_add(&db->message, vfmt(&db->scratch, format, args));
	va_end(args);
	text_clear(&db->constraint);
	db->code = code;
	db->broken = db->begun;
	return false;
}

bool db_stopping(const struct db *db)
{
	if (db->finishing)
		return false;
	return atomic_load(&db->stop) || (db->deadline && date_ticks() >= db->deadline);
}

/* May a statement run?  The failure that broke a transaction is not overwritten. */
static bool ready(struct db *db)
{
	if (db->broken)
		return false;
	if (db->lost)
		return db_fail(db, DB_LOST, "the connection was lost");
	if (db_stopping(db))
		return db_fail(db, DB_STOPPED, "stopped");
	return true;
}

enum db_kind db_kind(const struct db *db)
{
	return db->driver->kind;
}

enum db_code db_code(const struct db *db)
{
	return db->code;
}

const char *db_message(const struct db *db)
{
	return db->message.s;
}

const char *db_constraint(const struct db *db)
{
	return db->constraint.s;
}

/* -- The statement cache --------------------------------------------------- */

/* Texts are ours and few, so speed counts and malice does not. */
static uint64_t hash_text(const char *s, size_t n)
{
	uint64_t hash = n;

	while (n > 0) {
		uint64_t word = 0;
		size_t take = n < sizeof word ? n : sizeof word;

		memcpy(&word, s, take);
		hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
		s += take;
		n -= take;
	}
	return hash;
}

static void statement_unlink(struct db *db, struct statement *st)
{
	if (st->newer)
		st->newer->older = st->older;
	else
		db->newest = st->older;
	if (st->older)
		st->older->newer = st->newer;
	else
		db->oldest = st->newer;
	st->newer = NULL;
	st->older = NULL;
}

static void statement_newest(struct db *db, struct statement *st)
{
	st->older = db->newest;
	if (db->newest)
		db->newest->newer = st;
	else
		db->oldest = st;
	db->newest = st;
}

static void statement_free(struct db *db, struct statement *st)
{
	struct statement **at = &db->buckets[st->hash % DB_BUCKETS];

	while (*at != st)
		at = &(*at)->next;
	*at = st->next;
	statement_unlink(db, st);
	db->statements--;
	db->driver->finalize(db, st);
	free(st);
}

void db_forget(struct db *db)
{
	while (db->newest)
		statement_free(db, db->newest);
}

/* Makes room for one more.  At most DB_QUERIES are in use, so something always goes. */
static void statement_evict(struct db *db)
{
	struct statement *st = db->oldest;

	if (db->statements < DB_STATEMENTS)
		return;
	while (st->open)
		st = st->newer;
	statement_free(db, st);
}

static bool bind_is(const struct bind *b, const char *name, size_t len)
{
	return strncmp(b->name, name, len) == 0 && !b->name[len];
}

/*
 * The bind of this name.  Callers list their values mostly in the order of the
 * text, so each search goes on where the last one ended.
 */
static const struct bind *bind_find(const struct bind *binds, const struct bind *from,
                                    const char *name, size_t len)
{
	for (const struct bind *b = from; b && b->name; b++)
		if (bind_is(b, name, len))
			return b;
	for (const struct bind *b = binds; b != from; b++)
		if (bind_is(b, name, len))
			return b;
	return NULL;
}

/* One value per name of the statement. */
static bool resolve(struct db *db, const struct statement *st, const struct bind *binds,
                    struct value *values)
{
	const struct bind *from = binds;

	for (size_t i = 0; i < st->count; i++) {
		const char *name = st->sql + st->parameters[i].name.at;
		size_t len = st->parameters[i].name.len;
		const struct bind *b = bind_find(binds, from, name, len);

		if (!b)
			return db_fail(db, DB_FAILED, "no value for $%.*s in: %.300s", (int)len,
			               name, st->sql);
		values[i] = b->value;
		from = b + 1;

		/* PostgreSQL refuses the first and keeps the second, SQLite the other way round. */
		if (values[i].kind == V_TEXT && !utf8_valid(values[i].s, values[i].n))
			return db_fail(db, DB_FAILED, "$%.*s is not UTF-8", (int)len, name);
		if (values[i].kind == V_REAL && isnan(values[i].r))
			values[i] = v_null();
	}
	return true;
}

static bool kinds_equal(const struct statement *st, const struct value *values)
{
	for (size_t i = 0; i < st->count; i++)
		if (st->parameters[i].kind != values[i].kind)
			return false;
	return true;
}

/* Everything in one allocation: the struct, its parameters, its text. */
static struct statement *statement_make(const char *sql, size_t len, const struct sql *read)
{
	size_t parameters = read->count * sizeof(struct parameter);
	char *place = mem_alloc(sizeof(struct statement) + parameters + len + 1);
	struct statement *st = (struct statement *)(void *)place;
	char *text = place + sizeof *st + parameters;

	memset(place, 0, sizeof *st + parameters);
	memcpy(text, sql, len + 1);
	st->sql = text;
	st->len = len;
	st->count = read->count;
	st->parameters = (struct parameter *)(void *)(place + sizeof *st);
	for (size_t i = 0; i < read->count; i++)
		st->parameters[i].name = read->names[i];
	return st;
}

static struct statement *statement_new(struct db *db, const char *sql, size_t len, uint64_t hash,
                                       const struct bind *binds, struct value **ret_values)
{
	struct sql read;

	if (!sql_read(&db->scratch, sql, &read)) {
		db_fail(db, DB_FAILED, "%s in: %.300s", read.error, sql);
		return NULL;
	}

	struct statement *st = statement_make(sql, len, &read);
	struct value *values = arena_array(&db->scratch, st->count + 1, sizeof *values);

	st->hash = hash;
	if (!resolve(db, st, binds, values)) {
		free(st);
		return NULL;
	}
	for (size_t i = 0; i < st->count; i++)
		st->parameters[i].kind = values[i].kind;
	if (!db->driver->prepare(db, st, read.numbered)) {
		free(st);
		return NULL;
	}
	statement_evict(db);
	st->next = db->buckets[hash % DB_BUCKETS];
	db->buckets[hash % DB_BUCKETS] = st;
	statement_newest(db, st);
	db->statements++;
	*ret_values = values;
	return st;
}

/* The prepared statement for this text and these values, from the cache or new. */
static struct statement *statement_for(struct db *db, const char *sql, const struct bind *binds,
                                       struct value **ret_values)
{
	size_t len = strlen(sql);
	uint64_t hash = hash_text(sql, len);
	struct value *values = NULL;

	for (struct statement *st = db->buckets[hash % DB_BUCKETS]; st; st = st->next) {
		if (st->hash != hash || st->len != len || memcmp(st->sql, sql, len) != 0)
			continue;
		if (!values) {          /* the same for all statements of this text */
			values = arena_array(&db->scratch, st->count + 1, sizeof *values);
			if (!resolve(db, st, binds, values))
				return NULL;
		}
		if (st->stale || (st->open && !db->driver->shared)
		    || (db->driver->typed && !kinds_equal(st, values)))
			continue;
		statement_unlink(db, st);
		statement_newest(db, st);
		*ret_values = values;
		return st;
	}
	return statement_new(db, sql, len, hash, binds, ret_values);
}

/* -- Opening --------------------------------------------------------------- */

struct db *db_open(struct arena *mem, const char *url, enum db_mode mode, const char **ret_error)
{
	bool postgres = text_starts(url, "postgresql://") || text_starts(url, "postgres://");
	const struct db_driver *driver = postgres ? &db_postgres : &db_sqlite;
	struct db *db = mem_alloc(driver->size);

	memset(db, 0, driver->size);
	db->driver = driver;
	db->mode = mode;
	arena_init(&db->mem, 0);
	arena_init(&db->scratch, 0);
	text_init(&db->message, &db->mem);
	text_init(&db->constraint, &db->mem);
	atomic_init(&db->stop, false);
	for (size_t i = 0; i < DB_QUERIES; i++)
		arena_init(&db->queries[i].mem, 0);
	db->finishing = true;           /* there is nothing yet that a stop could mean */

	bool ok = driver->open(db, url);

	db->finishing = false;
	if (!ok) {
		*ret_error = arena_dup(mem, db_message(db));
		db_close(db);
		return NULL;
	}
	return db;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < DB_QUERIES; i++) {
		db_done(&db->queries[i]);
		arena_done(&db->queries[i].mem);
	}
	db_rollback(db);
	db->driver->close(db);
	arena_done(&db->scratch);
	arena_done(&db->mem);
	free(db);
}

/* -- Transactions ---------------------------------------------------------- */

/* The rows of open queries belong to the state that now ends. */
static void end_queries(struct db *db)
{
	for (size_t i = 0; i < DB_QUERIES; i++) {
		struct query *q = &db->queries[i];

		if (!q->db || q->ended)
			continue;
		db->driver->end(q);
		q->ended = true;
		q->row = false;
	}
}

static bool control(struct db *db, enum db_control what)
{
	db->finishing = true;

	bool ok = db->driver->control(db, what);

	db->finishing = false;
	return ok;
}

bool db_begin(struct db *db)
{
	arena_reset(&db->scratch);
	if (db->begun)
		return db_fail(db, DB_FAILED, "a transaction within a transaction");
	for (size_t i = 0; i < DB_QUERIES; i++)
		if (db->queries[i].db)
			return db_fail(db, DB_FAILED, "still open: %.300s",
			               db->queries[i].statement->sql);
	atomic_store(&db->stop, false);
	db->saves = 0;
	db->gone = false;
	if (!control(db, CONTROL_BEGIN))
		return false;
	db->begun = true;
	return true;
}

bool db_commit(struct db *db)
{
	if (!db->begun)
		return db_fail(db, DB_FAILED, "commit without a transaction");
	end_queries(db);
	if (db->broken || !control(db, CONTROL_COMMIT)) {
		db_rollback(db);
		return false;
	}
	db->begun = false;
	return true;
}

void db_rollback(struct db *db)
{
	if (!db->begun)
		return;
	end_queries(db);
	/* What the rollback itself meets must not hide why it was needed. */
	db->broken = true;
	if (!db->gone)
		control(db, CONTROL_ROLLBACK);
	db->begun = false;
	db->broken = false;
}

bool db_save(struct db *db)
{
	if (db->broken)
		return false;
	if (!db->begun || db->saves == DB_SAVES)
		return db_fail(db, DB_FAILED, "a savepoint out of order");
	if (!control(db, CONTROL_SAVE))
		return false;
	db->saves++;
	return true;
}

bool db_save_release(struct db *db)
{
	if (db->broken)
		return false;
	if (db->saves == 0)
		return db_fail(db, DB_FAILED, "a savepoint out of order");
	if (!control(db, CONTROL_SAVE_RELEASE))
		return false;
	db->saves--;
	return true;
}

void db_save_rollback(struct db *db)
{
	if (db->saves == 0)
		return;
	end_queries(db);
	db->written++;
	db->saves--;
	if (db->gone) {
		/* What stopped this piece of work is no reason for the others. */
		if (db->code == DB_STOPPED)
			db->code = DB_BUSY;
		return;
	}
	db->broken = false;
	if (control(db, CONTROL_SAVE_ROLLBACK))
		control(db, CONTROL_SAVE_RELEASE);
}

/* -- Queries --------------------------------------------------------------- */

static struct query *query_slot(struct db *db)
{
	for (size_t i = 0; i < DB_QUERIES; i++)
		if (!db->queries[i].db)
			return &db->queries[i];
	db_fail(db, DB_FAILED, "%d queries are open", DB_QUERIES);
	return NULL;
}

/* A stop outside a transaction ends what ran when it came, not what comes later. */
static void clear_stop(struct db *db)
{
	if (db->begun || !atomic_load(&db->stop))
		return;
	for (size_t i = 0; i < DB_QUERIES; i++)
		if (db->queries[i].db)
			return;
	atomic_store(&db->stop, false);
}

static struct query *start(struct db *db, const char *sql, const struct bind *binds, bool stream)
{
	arena_reset(&db->scratch);
	clear_stop(db);
	if (!ready(db))
		return NULL;

	struct query *q = query_slot(db);
	struct value *values = NULL;
	struct statement *st = q ? statement_for(db, sql, binds, &values) : NULL;

	if (!st)
		return NULL;

	struct arena mem = q->mem;

	*q = (struct query){ .db = db, .statement = st, .stream = stream, .mem = mem };
	st->open++;
	if (!db->driver->start(q, values)) {
		db_done(q);
		return NULL;
	}
	st->used = true;
	return q;
}

struct query *db_query(struct db *db, const char *sql, const struct bind *binds)
{
	return start(db, sql, binds, false);
}

struct query *db_stream(struct db *db, const char *sql, const struct bind *binds)
{
	if (!db->begun) {
		db_fail(db, DB_FAILED, "db_stream outside a transaction");
		return NULL;
	}
	return start(db, sql, binds, true);
}

bool db_next(struct query *q)
{
	if (q->ended || q->failed)
		return false;
	if (q->mem.used)
		arena_reset(&q->mem);
	q->row = false;
	if (db_stopping(q->db)) {
		q->failed = true;
		return db_fail(q->db, DB_STOPPED, "stopped");
	}
	q->row = q->db->driver->next(q);
	q->ended = !q->row;
	return q->row;
}

bool db_failed(const struct query *q)
{
	return q->failed;
}

void db_done(struct query *q)
{
	if (!q || !q->db)
		return;

	struct db *db = q->db;
	struct statement *st = q->statement;

	db->driver->end(q);
	st->open--;
	if (st->stale && !st->open)
		statement_free(db, st);
	if (q->mem.used)
		arena_reset(&q->mem);
	q->db = NULL;
}

size_t db_columns(const struct query *q)
{
	return q->columns;
}

const char *db_column(const struct query *q, size_t i)
{
	assert(i < q->columns);
	return q->db->driver->column(q, i);
}

struct value db_value(struct query *q, size_t i)
{
	assert(i < q->columns);
	return q->row ? q->db->driver->value(q, i) : v_null();
}

int64_t db_int(struct query *q, size_t i)
{
	struct value v = db_value(q, i);

	if (v.kind == V_INT)
		return v.i;
	if (v.kind != V_REAL)
		return 0;
	if (v.r >= 9223372036854775808.0)
		return INT64_MAX;
	if (v.r < -9223372036854775808.0)
		return INT64_MIN;
	return (int64_t)v.r;
}

double db_real(struct query *q, size_t i)
{
	struct value v = db_value(q, i);

	if (v.kind == V_INT)
		return (double)v.i;
	return v.kind == V_REAL ? v.r : 0.0;
}

const char *db_text(struct query *q, size_t i)
{
	struct value v = db_value(q, i);

	switch (v.kind) {
	case V_NULL:
		return NULL;
	case V_INT:
		return fmt(&q->mem, "%" PRId64, v.i);
	case V_REAL:
		return fmt(&q->mem, "%.17g", v.r);
	case V_TEXT:
		return v.s;
	case V_BYTES:
		return arena_dupn(&q->mem, v.s, v.n);
	}
	return NULL;
}

bool db_null(struct query *q, size_t i)
{
	return db_value(q, i).kind == V_NULL;
}

/* -- Conveniences ---------------------------------------------------------- */

bool db_exec(struct db *db, const char *sql, const struct bind *binds, int64_t *ret_rows)
{
	struct query *q = start(db, sql, binds, false);

	db->written++;
	if (!q)
		return false;
	while (db_next(q))
		continue;

	bool ok = !q->failed;

	if (ok && ret_rows)
		*ret_rows = q->changed;
	db_done(q);
	return ok;
}

bool db_insert(struct db *db, const char *sql, const struct bind *binds, int64_t *ret_id)
{
	db->written++;
	if (!db->driver->inserted)
		return db_get_int(db, sql, binds, 0, ret_id);
	if (!db_exec(db, sql, binds, NULL))
		return false;
	*ret_id = db->driver->inserted(db);
	return true;
}

bool db_script(struct db *db, const char *sql)
{
	arena_reset(&db->scratch);
	clear_stop(db);
	db->written++;
	return ready(db) && db->driver->script(db, sql);
}

bool db_get_int(struct db *db, const char *sql, const struct bind *binds, int64_t otherwise,
                int64_t *ret)
{
	struct query *q = db_query(db, sql, binds);
	int64_t found = otherwise;

	if (!q)
		return false;
	if (db_next(q) && !db_null(q, 0))
		found = db_int(q, 0);

	bool ok = !q->failed;

	if (ok)
		*ret = found;
	db_done(q);
	return ok;
}

bool db_get_text(struct db *db, struct arena *mem, const char *sql, const struct bind *binds,
                 const char **ret)
{
	struct query *q = db_query(db, sql, binds);
	const char *found = NULL;

	if (!q)
		return false;
	if (db_next(q))
		found = arena_dup(mem, db_text(q, 0));

	bool ok = !q->failed;

	if (ok)
		*ret = found;
	db_done(q);
	return ok;
}

void db_deadline(struct db *db, int64_t ticks)
{
	db->deadline = ticks;
}

void db_deadline_later(struct db *db, int64_t ticks)
{
	if (db->deadline && db->deadline < ticks)
		db->deadline = ticks;
}

void db_stop(struct db *db)
{
	atomic_store(&db->stop, true);
	if (db->driver->wake)
		db->driver->wake(db);
}

uint64_t db_written(const struct db *db)
{
	return db->written;
}

int64_t db_changes_seen(struct db *db)
{
	/* On failure the last answer stands; the next statement fails as well and tells. */
	db_get_int(db, db->driver->seen, NULL, db->seen, &db->seen);
	return db->seen;
}

const struct db_words *db_words(const struct db *db)
{
	return &db->driver->words;
}

bool db_claim(struct db *db, int64_t number, bool *ret)
{
	return ready(db) && db->driver->claim(db, number, ret);
}

void db_release(struct db *db, int64_t number)
{
	if (!db->lost)
		db->driver->release(db, number);
}

/* -- What only one of them can --------------------------------------------- */

bool db_checkpoint(struct db *db, bool all)
{
	if (!db->driver->checkpoint)
		return true;
	if (db->begun || db->mode != DB_WRITE)
		return db_fail(db, DB_FAILED, "a checkpoint out of order");
	if (db->lost)
		return ready(db);

	db->finishing = true;           /* a deadline is for somebody's statement */

	bool ok = db->driver->checkpoint(db, all);

	db->finishing = false;
	return ok;
}

bool db_analyze(struct db *db, const char *table)
{
	char sql[128];

	if (!db->driver->words.analyze)
		return true;
	if (snprintf(sql, sizeof sql, "%s%s", db->driver->words.analyze, table) >= (int)sizeof sql)
		return db_fail(db, DB_FAILED, "no table has such a name");
	return db_exec(db, sql, NULL, NULL);
}

bool db_backup(struct db *db, const char *path, bool (*progress)(void *ptr, int done, int total),
               void *ptr)
{
	if (!db->driver->backup)
		return db_fail(db, DB_FAILED, "PostgreSQL is backed up with its own tools");
	if (db->begun)
		return db_fail(db, DB_FAILED, "a backup within a transaction");
	return ready(db) && db->driver->backup(db, path, progress, ptr);
}

bool db_integrity(struct db *db)
{
	if (!db->driver->integrity)
		return true;
	return ready(db) && db->driver->integrity(db);
}

bool db_check(struct db *db, const char *sql,
              bool (*allowed)(void *ptr, const char *table, const char *name), void *ptr)
{
	if (!db->driver->check)
		return db_fail(db, DB_FAILED, "SQL is checked on SQLite only");
	arena_reset(&db->scratch);
	clear_stop(db);
	if (!ready(db))
		return false;

	bool begun = db->begun;

	db->begun = false;              /* nothing runs, so a refusal breaks nothing */

	bool ok = db->driver->check(db, sql, allowed, ptr);

	db->begun = begun;
	return ok;
}
