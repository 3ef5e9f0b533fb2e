/*
 * db: one small door to two databases.
 *
 * A struct db is one connection, used by one thread at a time.  SQL is the
 * common subset (ARCHITECTURE, "Two databases, one SQL"); values are always
 * bound, by name, and statements are prepared once per connection and text.
 * Nothing a person typed is ever part of SQL text.
 *
 * Failures return false (or NULL) and leave code and message in the
 * connection; the engine turns them into errors for people.  A failure breaks
 * the transaction it happens in, on both databases: until db_save_rollback or
 * db_rollback everything else fails, and the first code and message stay.
 *
 * Text is cut into words the same way for both (see db/sql.h): no E'…', no
 * [names], no nested comments.  Two habits PostgreSQL asks for: a value that may
 * be NULL and stands alone is written CAST($x AS TEXT), and integers are
 * BIGINT there, so functions that want less need a cast (substr(s, CAST($n AS INTEGER))).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/date.h"
#include "base/text.h"

enum value_kind { V_NULL, V_INT, V_REAL, V_TEXT, V_BYTES };

struct value {
	enum value_kind kind;
	union {
		int64_t i;
		double r;
		struct {
			const char *s;      /* V_TEXT is terminated as well */
			size_t n;
		};
	};
};

static inline struct value v_null(void) { return (struct value){ .kind = V_NULL }; }
static inline struct value v_int(int64_t i) { return (struct value){ .kind = V_INT, .i = i }; }
static inline struct value v_real(double r) { return (struct value){ .kind = V_REAL, .r = r }; }
static inline struct value v_text(const char *s)
{
	return s ? (struct value){ .kind = V_TEXT, .s = s, .n = strlen(s) } : v_null();
}
static inline struct value v_bytes(const void *s, size_t n)
{
	return (struct value){ .kind = V_BYTES, .s = s, .n = n };
}
/* Ids are positive; 0 stands for none. */
static inline struct value v_id(int64_t id) { return id ? v_int(id) : v_null(); }

static inline int64_t value_id(struct value v) { return v.kind == V_INT ? v.i : 0; }
static inline bool value_is(struct value v, const char *word)
{
	return v.kind == V_TEXT && text_eq(v.s, word);
}
/* The day of a date as a count; 0 if it holds none. */
static inline int64_t value_day(struct value v)
{
	int64_t day = 0;

	return v.kind == V_TEXT && date_parse(v.s, &day) ? day : 0;
}
static inline bool value_empty(struct value v)
{
	return v.kind == V_NULL || (v.kind == V_TEXT && v.n == 0);
}
bool value_eq(struct value a, struct value b);    /* NULL equals NULL; no conversion */

/* A value for `$name` in the statement; lists end with a NULL name. */
struct bind {
	const char *name;                         /* without the $ */
	struct value value;
};

enum db_code {
	DB_OK,
	DB_BUSY,                                  /* locked, serialization, deadlock: run again */
	DB_UNIQUE,                                /* a unique index refused */
	DB_FOREIGN,                               /* a foreign key refused */
	DB_CHECK,                                 /* a NOT NULL or CHECK refused */
	DB_STOPPED,                               /* deadline or db_stop */
	DB_FULL,                                  /* no room on the disk */
	DB_LOST,                                  /* connection or storage failed; do not go on */
	DB_FAILED,                                /* anything else: a mistake of ours */
};

enum db_kind { DB_SQLITE, DB_POSTGRES };

enum db_mode { DB_READ, DB_WRITE };               /* DB_READ connections cannot change anything */

struct db;
struct query;

/*
 * Opens a connection.  `url` is a path to a SQLite file, ":memory:", or
 * postgresql://….  Returns NULL with *ret_error (from mem) on failure; refuses SQLite
 * older than 3.51.3 and PostgreSQL with fsync or full_page_writes off.
 * SQLite: WAL, synchronous=FULL, foreign_keys, trusted_schema off, defensive,
 * cell_size_check, secure_delete, limits lowered, no automatic checkpoint (see
 * db_checkpoint).  PostgreSQL: client encoding UTF-8, time zone UTC,
 * standard_conforming_strings; the connection is restored after a loss by the
 * next db_begin.
 */
struct db *db_open(struct arena *mem, const char *url, enum db_mode mode, const char **ret_error);
void db_close(struct db *db);

enum db_kind db_kind(const struct db *db);
enum db_code db_code(const struct db *db);        /* of the last failure */
const char *db_message(const struct db *db);      /* for the log, never for people */
const char *db_constraint(const struct db *db);   /* DB_UNIQUE: index name, or "table.column,…" */

/*
 * Transactions.  db_begin on a DB_WRITE connection takes the write lock at
 * once (BEGIN IMMEDIATE; on PostgreSQL an advisory lock, so that one lane at a
 * time commits, see docs/adr).  db_commit returns true only once the data is
 * durable.  DB_LOST from it means that the outcome is unknown (a PostgreSQL that
 * says nothing for 8 seconds counts as lost).  db_begin fails while a query is open.
 */
bool db_begin(struct db *db);
bool db_commit(struct db *db);
void db_rollback(struct db *db);
enum { DB_SAVES = 2 };                            /* a piece of work, and a part of it */
bool db_save(struct db *db);                      /* a savepoint within the last */
bool db_save_release(struct db *db);
void db_save_rollback(struct db *db);             /* back to the last savepoint, and end it */

/*
 * Work that lasts longer than a transaction, done by one process at a time: the connection
 * holds `number` until db_release, or until its process ends, in whatever way.  *ret false:
 * another holds it.  PostgreSQL forgets the claim with a lost connection: who writes for
 * long looks again whether it is still his.
 */
bool db_claim(struct db *db, int64_t number, bool *ret);
void db_release(struct db *db, int64_t number);

/*
 * If the database itself gave up the whole transaction (SQLite: db_stop, a
 * deadline or a full disk in the middle of a write), all since db_begin is
 * gone.  db_save_rollback cannot mend that: the next db_save or db_commit
 * fails, with DB_BUSY where only this piece of work was stopped – roll back
 * and run the others again.
 */

/*
 * Runs a statement that returns rows.  Returns NULL on failure.  Text and
 * bytes of a row stay valid until the next db_next or db_done of that query
 * unless copied.  `binds` may be NULL.  At most 16 queries may be open at once.
 * A name in the text without bind, or a bind not in the text, is DB_FAILED
 * for the former and ignored for the latter.  Text must be UTF-8 without NUL;
 * NaN is stored as NULL.  The statement runs at once, as far as its first row
 * (INSERT … RETURNING has inserted).  The end of the transaction, and
 * db_save_rollback, end open queries; db_done is due all the same.
 */
struct query *db_query(struct db *db, const char *sql, const struct bind *binds);
bool db_next(struct query *q);                    /* false: no more rows, or failure (db_failed) */
bool db_failed(const struct query *q);
void db_done(struct query *q);                    /* NULL is fine */

/*
 * The same for a SELECT, in a transaction, whose rows may be too many to hold: PostgreSQL
 * hands them over 1,000 at a time through a cursor.  (db_query takes them all at
 * once there, which is quicker for a page of a list.  SQLite never holds more
 * than one row.)
 */
struct query *db_stream(struct db *db, const char *sql, const struct bind *binds);

size_t db_columns(const struct query *q);
const char *db_column(const struct query *q, size_t i);        /* its name */
struct value db_value(struct query *q, size_t i);              /* text points into the row */
int64_t db_int(struct query *q, size_t i);                     /* NULL and text: 0 */
double db_real(struct query *q, size_t i);                     /* NULL and text: 0 */
const char *db_text(struct query *q, size_t i);                /* NULL: NULL; numbers as digits */
bool db_null(struct query *q, size_t i);

/* Runs a statement that returns no rows.  *ret_rows (may be NULL): rows changed. */
bool db_exec(struct db *db, const char *sql, const struct bind *binds, int64_t *ret_rows);

/*
 * Runs an INSERT of one row whose text ends with the word for it (db_words); *ret_id:
 * the id the row got.  SQLite knows it without RETURNING, which would make it keep a
 * journal of each statement.
 */
bool db_insert(struct db *db, const char *sql, const struct bind *binds, int64_t *ret_id);

/* Runs several statements separated by semicolons, without binds (for DDL). */
bool db_script(struct db *db, const char *sql);

/* The first column of the first row; the default if there is no row or it is NULL. */
bool db_get_int(struct db *db, const char *sql, const struct bind *binds,
                int64_t otherwise, int64_t *ret);
/* Copied into mem; NULL if there is no row. */
bool db_get_text(struct db *db, struct arena *mem, const char *sql, const struct bind *binds,
                 const char **ret);

/* Statements running after `ticks` (date_ticks) end with DB_STOPPED; 0: never. */
void db_deadline(struct db *db, int64_t ticks);
/* Gives what runs until then at least; what has longer, or no deadline, keeps that. */
void db_deadline_later(struct db *db, int64_t ticks);
/*
 * Ends the running statement, and the rest of its transaction; callable from
 * another thread while the connection is open.  Begin, commit and rollback are
 * not stopped.
 */
void db_stop(struct db *db);

/*
 * SQLite: moves the WAL into the file when it is longer than 1,000 pages
 * (`all`: whatever its length, truncating it).  Only the write connection
 * calls it, outside a transaction.  PostgreSQL: nothing.
 */
bool db_checkpoint(struct db *db, bool all);

/*
 * PostgreSQL: looks at what a table holds, within the transaction if there is one.  It plans by that, and its own
 * daemon looks a minute later: to be called after many rows came at once.  SQLite: nothing, it plans by the indexes.
 */
bool db_analyze(struct db *db, const char *table);

/* A consistent copy of the whole SQLite database into `path`, while others work. */
bool db_backup(struct db *db, const char *path, bool (*progress)(void *ptr, int done, int total),
               void *ptr);
/* SQLite: integrity_check and foreign_key_check; PostgreSQL: true.  Message in db_message. */
bool db_integrity(struct db *db);

/* How often this connection wrote, or took back what it wrote: what was read before may be different after. */
uint64_t db_written(const struct db *db);

/* A counter that changes when another connection committed (cheap; for caches). */
int64_t db_changes_seen(struct db *db);

/* The few words that differ. */
struct db_words {
	const char *integer, *real, *text, *bytes;   /* column types; text carries its collation */
	const char *identity;                        /* an id column that numbers itself */
	const char *strict;                          /* after the ) of CREATE TABLE */
	const char *inserted;                        /* after an INSERT for db_insert */
	const char *null_integer, *null_real, *null_text;   /* typed NULLs for hidden columns */
	const char *join;                            /* the aggregate that joins texts: join(text, ' ' ORDER BY …) */
	const char *by_bytes;                        /* after an expression: compared by its bytes */
	const char *analyze;                         /* before a table's name, see db_analyze; NULL: nothing */
};
const struct db_words *db_words(const struct db *db);

/*
 * Checking SQL text without data (reports, formulas): see engine/report.c.
 * Prepares `sql` on this (in-memory SQLite) connection; allowed() is asked
 * for each table read ("table", "column") and each function ("", name).  False with
 * db_message if it does not compile, is more than one statement, writes, or was refused.
 * A table of which no column is read (count(*)) is asked for with the name "";
 * names the text itself defines in WITH are not asked for.
 */
bool db_check(struct db *db, const char *sql,
              bool (*allowed)(void *ptr, const char *table, const char *name), void *ptr);

#endif
