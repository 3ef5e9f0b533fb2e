#include "db/db.h"

#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "db/driver.h"

enum {
	VERSION_FLOOR = 140000,
	STREAM_ROWS = 1000,             /* fetched at a time */
	/* ms; a server that keeps silent longer counts as lost, though its address answers */
	CANCEL_WAIT = 5000,             /* … to a cancel */
	CONTROL_WAIT = 8000,            /* … to a commit, rollback and the like */
	BEGIN_WAIT = DB_PATIENCE + 2000,    /* … to a begin, which waits for the lock */
};

/* Types of the server, by the numbers of its catalogue. */
enum {
	OID_UNKNOWN = 0,
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_OID = 26,
	OID_FLOAT4 = 700,
	OID_FLOAT8 = 701,
	OID_NUMERIC = 1700,
};

/* "loudou" in ASCII: whoever writes to this database holds this lock. */
#define WRITE_LOCK "119210965823349"
#define CLAIMS "27756"                  /* the first of two numbers: these are others than WRITE_LOCK */

struct postgres {
	struct db db;
	char *url;
	PGconn *conn;
	int64_t limit;                  /* ticks; how long a control may take, while finishing */
	int wake;                       /* db_stop writes here; the owner polls it */
	int64_t names;                  /* statements and cursors named so far */
};

static struct postgres *of(struct db *db)
{
	return (struct postgres *)db;
}

/* -- Failures -------------------------------------------------------------- */

static const struct {
	const char *state;              /* the beginning of an SQLSTATE; the first match counts */
	enum db_code code;
} codes[] = {
	{ "23505", DB_UNIQUE },
	{ "23503", DB_FOREIGN },
	{ "23502", DB_CHECK },
	{ "23514", DB_CHECK },
	{ "40003", DB_LOST },           /* outcome unknown */
	{ "40",    DB_BUSY },           /* serialization, deadlock */
	{ "55P03", DB_BUSY },           /* lock not available */
	{ "57014", DB_STOPPED },
	{ "57P",   DB_LOST },           /* shutting down, starting up */
	{ "53100", DB_FULL },
	{ "53",    DB_BUSY },           /* memory, connections */
	{ "08",    DB_LOST },
	{ "58",    DB_LOST },           /* I/O of the server */
	{ "XX001", DB_LOST },           /* data corrupted */
	{ "XX002", DB_LOST },
};

static enum db_code code_of(const struct postgres *pg, const char *state)
{
	/* We may not write here any more: the primary has become a standby. */
	if (pg->db.mode == DB_WRITE && text_eq(state, "25006"))
		return DB_LOST;
	for (size_t i = 0; i < LENGTH(codes); i++)
		if (text_starts(state, codes[i].state))
			return codes[i].code;
	return DB_FAILED;
}

static bool lost(struct postgres *pg)
{
	struct db *db = &pg->db;
	const char *message = PQerrorMessage(pg->conn);

	db_fail(db, DB_LOST, "%s", *message ? message : "the server does not answer");
	db->lost = true;
	db->gone = db->begun;
	return false;
}

/* The constraint's name, or table.column where NOT NULL has none. */
static void note_constraint(struct db *db, const PGresult *r)
{
	const char *name = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	const char *table = PQresultErrorField(r, PG_DIAG_TABLE_NAME);
	const char *column = PQresultErrorField(r, PG_DIAG_COLUMN_NAME);

	if (name)
		text_add(&db->constraint, name);
	else if (table && column)
		text_addf(&db->constraint, "%s.%s", table, column);
}

/*
 * Notes why a command failed.  Only the server's first line: its details hold
 * values of the row.  `r` NULL: the connection failed.
 */
static bool failed(struct postgres *pg, const PGresult *r, const char *sql)
{
	struct db *db = &pg->db;
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;

	if (!state || PQstatus(pg->conn) == CONNECTION_BAD)
		return lost(pg);

	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	enum db_code code = code_of(pg, state);
	bool first = !db->broken;

	db_fail(db, code, "%s (%s) in: %.300s", message ? message : "", state, sql);
	if (first)
		note_constraint(db, r);
	if (code == DB_LOST) {
		db->lost = true;
		db->gone = db->begun;
	}
	return false;
}

/* -- Talking to the server ------------------------------------------------- */

static void *send_cancel(void *ptr)
{
	char why[256];

	PQcancel(ptr, why, sizeof why);
	PQfreeCancel(ptr);
	return NULL;
}

/*
 * Cancelling is a connection of its own, and libpq waits for it without limit;
 * a server that hangs must not take us along.  So a thread does it.
 */
static bool cancel_start(struct postgres *pg, pthread_t *ret_thread)
{
	PGcancel *cancel = PQgetCancel(pg->conn);

	if (cancel && pthread_create(ret_thread, NULL, send_cancel, cancel) == 0)
		return true;
	PQfreeCancel(cancel);
	return false;
}

/*
 * A cancel under way could hit the next statement: it has to be over before we
 * go on.  False if it hangs; then the connection is given up.
 */
static bool cancel_end(pthread_t thread, int64_t give_up)
{
	while (pthread_tryjoin_np(thread, NULL) != 0) {
		if (date_ticks() >= give_up) {
			pthread_detach(thread);
			return false;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return true;
}

/* Sleeps until the server says something, db_stop is called, or `until` (0: never). */
static bool await_word(struct postgres *pg, int64_t until)
{
	int64_t left = until - date_ticks();
	int wait = !until ? -1 : left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
	struct pollfd fds[] = {
		{ .fd = PQsocket(pg->conn), .events = POLLIN },
		{ .fd = pg->wake, .events = POLLIN },
	};
	eventfd_t many;

	if (poll(fds, LENGTH(fds), wait) < 0)
		return errno == EINTR;
	if (fds[1].revents)
		eventfd_read(pg->wake, &many);
	return !fds[0].revents || PQconsumeInput(pg->conn);
}

/*
 * Waits until a result can be taken without blocking.  What is to be stopped
 * is cancelled once, and the server's word for it awaited.  False: lost.
 */
static bool await(struct postgres *pg)
{
	const struct db *db = &pg->db;
	int64_t give_up = db->finishing ? pg->limit : 0;
	bool cancelled = false;
	bool ok = true;
	pthread_t thread;

	while (ok && PQisBusy(pg->conn)) {
		if (give_up && date_ticks() >= give_up) {
			ok = false;
		} else if (!cancelled && db_stopping(db)) {
			cancelled = cancel_start(pg, &thread);
			ok = cancelled;
			give_up = date_ticks() + CANCEL_WAIT;
		} else {
			ok = await_word(pg, give_up ? give_up : db->deadline);
		}
	}
	if (cancelled)
		ok = cancel_end(thread, give_up) && ok;
	return ok;
}

/* The result of what was sent: the first error, else the last.  NULL: lost. */
static PGresult *collect(struct postgres *pg)
{
	PGresult *kept = NULL;

	while (await(pg)) {
		PGresult *r = PQgetResult(pg->conn);

		if (!r)
			return kept;
		if (kept && PQresultStatus(kept) == PGRES_FATAL_ERROR) {
			PQclear(r);
			continue;
		}
		PQclear(kept);
		kept = r;
		if (PQresultStatus(r) == PGRES_COPY_IN || PQresultStatus(r) == PGRES_COPY_OUT)
			break;          /* never ours, and would not end */
	}
	PQclear(kept);
	return NULL;
}

static bool succeeded(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
	    || status == PGRES_EMPTY_QUERY;
}

/* Runs text without values, of one statement or several.  NULL on failure. */
static PGresult *run(struct postgres *pg, const char *sql)
{
	PGresult *r = PQsendQuery(pg->conn, sql) ? collect(pg) : NULL;

	if (r && succeeded(r))
		return r;
	failed(pg, r, sql);
	PQclear(r);
	return NULL;
}

static bool command(struct postgres *pg, const char *sql)
{
	PGresult *r = run(pg, sql);

	PQclear(r);
	return r != NULL;
}

/* Tells the server what it may forget; of interest only if it does not answer. */
static void tidy(struct postgres *pg, const char *sql)
{
	bool finishing = pg->db.finishing;

	pg->db.finishing = true;
	pg->limit = date_ticks() + CONTROL_WAIT;

	PGresult *r = PQsendQuery(pg->conn, sql) ? collect(pg) : NULL;

	if (!r)
		lost(pg);
	PQclear(r);
	pg->db.finishing = finishing;
}

/* -- Opening --------------------------------------------------------------- */

static void ignore_notice(void *ptr, const char *message)
{
	(void)ptr;
	(void)message;
}

/* The server must keep what it acknowledges, and text as we mean it. */
static bool check_server(struct postgres *pg)
{
	static const char sql[] =
		"SELECT current_setting('fsync'), current_setting('full_page_writes'),"
		" current_setting('server_encoding'),"
		/* what an administrator relaxed for others is not relaxed for us */
		" CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')"
		" THEN set_config('synchronous_commit', 'on', false) END";
	PGresult *r = run(pg, sql);
	bool ok = false;

	if (!r)
		return false;
	if (PQserverVersion(pg->conn) < VERSION_FLOOR)
		db_fail(&pg->db, DB_FAILED, "PostgreSQL is older than 14");
	else if (!text_eq(PQgetvalue(r, 0, 0), "on") || !text_eq(PQgetvalue(r, 0, 1), "on"))
		db_fail(&pg->db, DB_FAILED, "PostgreSQL runs with fsync or full_page_writes off");
	else if (!text_eq(PQgetvalue(r, 0, 2), "UTF8"))
		db_fail(&pg->db, DB_FAILED, "the database's encoding is not UTF8");
	else
		ok = true;
	PQclear(r);
	return ok;
}

static bool set_session(struct postgres *pg)
{
	static const char both[] =
		"SET TIME ZONE 'UTC'; SET standard_conforming_strings = on;"
		"SET bytea_output = hex; SET extra_float_digits = 1; SET datestyle = 'ISO, YMD';"
		"SET client_min_messages = warning; SET lock_timeout = 10000;"
		/* a cursor is read to its end; compiling costs more than our statements take */
		"SET cursor_tuple_fraction = 1; SET jit = off";
	static const char reads[] = "SET default_transaction_read_only = on";

	return command(pg, both) && (pg->db.mode == DB_WRITE || command(pg, reads));
}

static void disconnect(struct postgres *pg)
{
	pg->db.lost = true;             /* so that nothing is said to the server any more */
	db_forget(&pg->db);
	PQfinish(pg->conn);
	pg->conn = NULL;
}

/*
 * Connects, or connects again.  What stands before the URL is a default, what
 * stands behind it is not to be changed.  Of several hosts, the one that can
 * be written to: whoever reads on a standby misses what was just saved.
 */
static bool connect_server(struct postgres *pg)
{
	const char *const keys[] = {
		"connect_timeout", "application_name", "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "dbname", "client_encoding",
		"target_session_attrs", NULL
	};
	const char *const values[] = {
		"5", "loudou", "10000", "5", "2", "3", pg->url, "UTF8", "read-write", NULL
	};

	disconnect(pg);
	pg->conn = PQconnectdbParams(keys, values, 1);
	if (PQstatus(pg->conn) != CONNECTION_OK)
		return lost(pg);
	pg->db.lost = false;
	PQsetNoticeProcessor(pg->conn, ignore_notice, NULL);
	pg->limit = date_ticks() + CONTROL_WAIT;
	if (!set_session(pg) || !check_server(pg)) {
		pg->db.lost = true;
		return false;
	}
	return true;
}

static bool pg_open(struct db *db, const char *url)
{
	struct postgres *pg = of(db);

	pg->url = mem_dup(url);
	pg->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pg->wake < 0)
		return db_fail(db, DB_FAILED, "no more descriptors");
	return connect_server(pg);
}

static void pg_close(struct db *db)
{
	struct postgres *pg = of(db);

	disconnect(pg);
	if (pg->wake >= 0)
		close(pg->wake);
	free(pg->url);
}

static void pg_wake(struct db *db)
{
	eventfd_write(of(db)->wake, 1);
}

/* -- Transactions ---------------------------------------------------------- */

/*
 * Writing: each statement sees what is committed, and the lock makes that one
 * state, as nobody else commits.  (REPEATABLE READ would look before it has the
 * lock.)  Reading: one state from the first statement on.
 */
static const char *begin_text(const struct db *db)
{
	return db->mode == DB_WRITE
		? "BEGIN; SELECT pg_advisory_xact_lock(" WRITE_LOCK ")"
		: "BEGIN ISOLATION LEVEL REPEATABLE READ";
}

/* A connection found dead at the first word is made anew: nothing was lost yet. */
static bool begin(struct postgres *pg)
{
	struct db *db = &pg->db;
	bool fresh = db->lost;

	if (db->lost && !connect_server(pg))
		return false;
	pg->limit = date_ticks() + BEGIN_WAIT;
	if (command(pg, begin_text(db)))
		return true;
	if (!fresh && db->lost && connect_server(pg)) {
		pg->limit = date_ticks() + BEGIN_WAIT;
		if (command(pg, begin_text(db)))
			return true;
	}
	if (!db->lost)
		tidy(pg, "ROLLBACK");
	return false;
}

/* COMMIT of a failed transaction is answered "ROLLBACK", as a success. */
static bool commit(struct postgres *pg)
{
	PGresult *r = run(pg, "COMMIT");

	if (!r)
		return false;

	bool ok = text_eq(PQcmdStatus(r), "COMMIT");

	PQclear(r);
	return ok || db_fail(&pg->db, DB_FAILED, "the transaction had failed");
}

static bool pg_control(struct db *db, enum db_control what)
{
	struct postgres *pg = of(db);

	pg->limit = date_ticks() + CONTROL_WAIT;
	switch (what) {
	case CONTROL_BEGIN:
		return begin(pg);
	case CONTROL_COMMIT:
		return commit(pg);
	case CONTROL_ROLLBACK:
		return command(pg, "ROLLBACK");
	case CONTROL_SAVE:
		return command(pg, "SAVEPOINT s");
	case CONTROL_SAVE_RELEASE:
		return command(pg, "RELEASE SAVEPOINT s");
	case CONTROL_SAVE_ROLLBACK:
		return command(pg, "ROLLBACK TO SAVEPOINT s");
	case CONTROL__COUNT:
		break;
	}
	return false;
}

static bool pg_script(struct db *db, const char *sql)
{
	return command(of(db), sql);
}

/* -- Statements ------------------------------------------------------------ */

/* Values as the server takes them: text as it is, the others in its binary form. */
struct values {
	Oid *types;
	const char **values;
	int *lengths;
	int *formats;
};

static Oid type_of(enum value_kind kind)
{
	switch (kind) {
	case V_NULL:
		return OID_UNKNOWN;
	case V_INT:
		return OID_INT8;
	case V_REAL:
		return OID_FLOAT8;
	case V_TEXT:
		return OID_TEXT;
	case V_BYTES:
		return OID_BYTEA;
	}
	return OID_UNKNOWN;
}

/* Eight bytes, the highest first. */
static const char *wire_word(struct arena *mem, const void *word)
{
	uint64_t *place = arena_alloc(mem, sizeof *place);

	memcpy(place, word, sizeof *place);
	*place = htobe64(*place);
	return (const char *)place;
}

static const char *wire(struct arena *mem, const struct value *v)
{
	switch (v->kind) {
	case V_NULL:
		return NULL;
	case V_INT:
		return wire_word(mem, &v->i);
	case V_REAL:
		return wire_word(mem, &v->r);
	case V_TEXT:
		return v->s;
	case V_BYTES:
		return v->n ? v->s : "";
	}
	return NULL;
}

static struct values values_make(struct arena *mem, const struct value *values, size_t n)
{
	struct values w = {
		.types = arena_array(mem, n + 1, sizeof *w.types),
		.values = arena_array(mem, n + 1, sizeof *w.values),
		.lengths = arena_array(mem, n + 1, sizeof *w.lengths),
		.formats = arena_array(mem, n + 1, sizeof *w.formats),
	};

	for (size_t i = 0; i < n; i++) {
		w.types[i] = type_of(values[i].kind);
		w.values[i] = wire(mem, &values[i]);
		w.lengths[i] = values[i].kind == V_BYTES ? (int)values[i].n : 8;
		w.formats[i] = values[i].kind != V_TEXT;
	}
	return w;
}

static const char *statement_name(struct arena *mem, const struct statement *st)
{
	return fmt(mem, "s%" PRId64, st->number);
}

static bool pg_prepare(struct db *db, struct statement *st, const char *numbered)
{
	struct postgres *pg = of(db);
	Oid *types = arena_array(&db->scratch, st->count + 1, sizeof *types);

	for (size_t i = 0; i < st->count; i++)
		types[i] = type_of(st->parameters[i].kind);
	st->number = ++pg->names;

	bool sent = PQsendPrepare(pg->conn, statement_name(&db->scratch, st), numbered,
	                          (int)st->count, types);
	PGresult *r = sent ? collect(pg) : NULL;
	bool ok = (r && succeeded(r)) || failed(pg, r, st->sql);

	PQclear(r);
	return ok;
}

/* Of no use on a connection that failed: its statements are gone with it. */
static void pg_finalize(struct db *db, struct statement *st)
{
	struct postgres *pg = of(db);
	char sql[48];

	if (db->lost || PQstatus(pg->conn) != CONNECTION_OK
	    || PQtransactionStatus(pg->conn) == PQTRANS_INERROR)
		return;
	snprintf(sql, sizeof sql, "DEALLOCATE s%" PRId64, st->number);
	tidy(pg, sql);
}

/* Replaces the rows at hand with those of r, which may be NULL. */
static void take(struct query *q, PGresult *r)
{
	PQclear(q->result);
	q->result = r;
	q->at = -1;
	q->count = r ? PQntuples(r) : 0;
}

static bool fetch(struct query *q)
{
	struct postgres *pg = of(q->db);
	char sql[64];

	snprintf(sql, sizeof sql, "FETCH %d FROM c%" PRId64, STREAM_ROWS, q->cursor);
	take(q, run(pg, sql));
	q->failed = !q->result;
	return !q->failed;
}

static bool start_stream(struct query *q, const struct values *w)
{
	struct postgres *pg = of(q->db);
	struct statement *st = q->statement;
	struct arena *mem = &q->db->scratch;
	struct sql read;

	sql_read(mem, st->sql, &read);

	int64_t cursor = ++pg->names;
	const char *sql = fmt(mem, "DECLARE c%" PRId64 " NO SCROLL CURSOR FOR %s", cursor,
	                      read.numbered);
	bool sent = PQsendQueryParams(pg->conn, sql, (int)st->count, w->types, w->values,
	                              w->lengths, w->formats, 0);
	PGresult *r = sent ? collect(pg) : NULL;
	bool ok = (r && succeeded(r)) || failed(pg, r, st->sql);

	PQclear(r);
	if (!ok)
		return false;
	q->cursor = cursor;
	return fetch(q);
}

static bool pg_start(struct query *q, const struct value *values)
{
	struct postgres *pg = of(q->db);
	struct statement *st = q->statement;
	struct arena *mem = &q->db->scratch;
	struct values w = values_make(mem, values, st->count);

	if (q->stream) {
		if (!start_stream(q, &w))
			return false;
		q->columns = (size_t)PQnfields(q->result);
		return true;
	}

	bool sent = PQsendQueryPrepared(pg->conn, statement_name(mem, st), (int)st->count,
	                                w.values, w.lengths, w.formats, 0);
	PGresult *r = sent ? collect(pg) : NULL;

	if (r && succeeded(r)) {
		take(q, r);
		q->columns = (size_t)PQnfields(r);
		q->changed = strtoll(PQcmdTuples(r), NULL, 10);
		return true;
	}
	failed(pg, r, st->sql);

	/* Tables changed under a statement that ran before: prepared anew it will do. */
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;

	if (st->used && (text_eq(state, "0A000") || text_eq(state, "26000"))) {
		st->stale = true;
		q->db->code = DB_BUSY;
	}
	PQclear(r);
	return false;
}

static bool pg_next(struct query *q)
{
	if (++q->at < q->count)
		return true;
	if (!q->cursor || q->count < STREAM_ROWS || !fetch(q))
		return false;
	return ++q->at < q->count;
}

/* -- Rows ------------------------------------------------------------------ */

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* "\x00ff", as bytea_output = hex writes it. */
static struct value bytes_value(struct arena *mem, const char *s, size_t len)
{
	size_t n = len < 2 ? 0 : (len - 2) / 2;
	char *out = arena_alloc(mem, n + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(hex_digit(s[2 + 2 * i]) << 4 | hex_digit(s[3 + 2 * i]));
	return v_bytes(out, n);
}

/* Sums of integers are numeric without fraction; averages always have one. */
static struct value numeric_value(const char *s)
{
	if (!strchr(s, '.')) {
		char *end = NULL;

		errno = 0;

		int64_t i = strtoll(s, &end, 10);

		if (errno == 0 && end != s && !*end)
			return v_int(i);
	}
	return v_real(strtod(s, NULL));
}

static struct value pg_value(struct query *q, size_t i)
{
	int column = (int)i;

	if (PQgetisnull(q->result, q->at, column))
		return v_null();

	const char *s = PQgetvalue(q->result, q->at, column);
	size_t len = (size_t)PQgetlength(q->result, q->at, column);

	switch (PQftype(q->result, column)) {
	case OID_BOOL:
		return v_int(*s == 't');
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
	case OID_OID:
		return v_int(strtoll(s, NULL, 10));
	case OID_FLOAT4:
	case OID_FLOAT8:
		return v_real(strtod(s, NULL));
	case OID_NUMERIC:
		return numeric_value(s);
	case OID_BYTEA:
		return bytes_value(&q->mem, s, len);
	default:
		return (struct value){ .kind = V_TEXT, .s = s, .n = len };
	}
}

static const char *pg_column(const struct query *q, size_t i)
{
	return PQfname(q->result, (int)i);
}

static void pg_end(struct query *q)
{
	struct postgres *pg = of(q->db);
	char sql[48];

	take(q, NULL);
	if (q->cursor && !q->db->lost && PQtransactionStatus(pg->conn) == PQTRANS_INTRANS) {
		snprintf(sql, sizeof sql, "CLOSE c%" PRId64, q->cursor);
		tidy(pg, sql);
	}
	q->cursor = 0;
}

/* -- Claims ---------------------------------------------------------------- */

static bool pg_claim(struct db *db, int64_t number, bool *ret)
{
	int64_t got = 0;
	bool ok = db_get_int(db, "SELECT CASE WHEN pg_try_advisory_lock(" CLAIMS ", CAST($number AS INTEGER)) THEN 1 ELSE 0 END",
	                     (struct bind[]){ { "number", v_int(number) }, { 0 } }, 0, &got);

	*ret = got != 0;
	return ok;
}

static void pg_release(struct db *db, int64_t number)
{
	int64_t had;

	db_get_int(db, "SELECT CASE WHEN pg_advisory_unlock(" CLAIMS ", CAST($number AS INTEGER)) THEN 1 ELSE 0 END",
	           (struct bind[]){ { "number", v_int(number) }, { 0 } }, 0, &had);
}

const struct db_driver db_postgres = {
	.kind = DB_POSTGRES,
	.size = sizeof(struct postgres),
	.typed = true,
	.shared = true,                 /* rows are here, not in the statement */
	/* All that is running and done, in one number; it changes with every commit. */
	.seen = "SELECT hashtextextended(CAST(pg_current_snapshot() AS TEXT), 0)",
	.words = {
		.integer = "BIGINT",
		.real = "DOUBLE PRECISION",
		.text = "TEXT COLLATE \"C\"",
		.bytes = "BYTEA",
		.identity = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
		.strict = "",
		.inserted = " RETURNING id",
		.null_integer = "CAST(NULL AS BIGINT)",
		.null_real = "CAST(NULL AS DOUBLE PRECISION)",
		.null_text = "CAST(NULL AS TEXT)",
		.join = "string_agg",
		.by_bytes = " COLLATE \"C\"",
		.analyze = "ANALYZE ",
	},
	.open = pg_open,
	.close = pg_close,
	.control = pg_control,
	.script = pg_script,
	.prepare = pg_prepare,
	.finalize = pg_finalize,
	.start = pg_start,
	.next = pg_next,
	.value = pg_value,
	.column = pg_column,
	.end = pg_end,
	.wake = pg_wake,
	.claim = pg_claim,
	.release = pg_release,
};
