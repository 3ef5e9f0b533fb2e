/*
 * driver: what one database must be able to do, and what both share.
 *
 * Included by db.c and the drivers only.  db.c keeps the rules that are the
 * same everywhere – transactions, the statement cache, named values, open
 * queries – and calls one driver through the struct of functions below.
 */
#ifndef DB_DRIVER_H
#define DB_DRIVER_H

#include <stdatomic.h>

#include "base/date.h"
#include "db/db.h"
#include "db/sql.h"

enum {
	DB_STATEMENTS = 500,            /* cached per connection */
	DB_BUCKETS = 1024,
	DB_QUERIES = 16,                /* open at once */
	DB_PATIENCE = 10000,            /* ms to wait for a lock */
};

struct parameter {
	struct sql_name name;           /* in the statement's text */
	enum value_kind kind;           /* prepared for; matters where driver->typed */
	int index;                      /* the driver's number for it */
};

/* A prepared statement in the connection's cache. */
struct statement {
	const char *sql;
	size_t len;
	uint64_t hash;
	size_t count;
	struct parameter *parameters;
	void *handle;                   /* the driver's */
	int64_t number;                 /* the driver's */
	bool used;                      /* ran at least once */
	size_t open;                    /* queries that need it */
	bool stale;                     /* to be forgotten when the last of them ends */
	struct statement *next;         /* same bucket */
	struct statement *newer, *older;
};

struct query {
	struct db *db;                  /* NULL: this slot is free */
	struct statement *statement;
	size_t columns;
	bool stream;                    /* opened by db_stream */
	bool row;                       /* stands on a row */
	bool ended, failed;
	struct arena mem;               /* texts made for the present row */
	/* the drivers' */
	bool ahead;                     /* SQLite: the step to the next row is done already */
	bool done;                      /* SQLite: … and there was none */
	void *result;                   /* PostgreSQL */
	int at, count;
	int64_t cursor;                 /* PostgreSQL: 0 none */
	int64_t changed;                /* rows changed, once it ran */
};

struct db {
	const struct db_driver *driver;
	enum db_mode mode;
	enum db_code code;
	struct text message;
	struct text constraint;
	struct arena mem;               /* as long as the connection */
	struct arena scratch;           /* as long as one statement is started */

	bool begun;                     /* in a transaction */
	int saves;                      /* savepoints that are set */
	uint64_t written;               /* see db_written */
	bool broken;                    /* a statement of the transaction failed */
	bool gone;                      /* the database gave the whole transaction up */
	bool lost;                      /* connection or storage failed */
	bool finishing;                 /* begin, commit, rollback: not to be stopped */
	int64_t deadline;
	atomic_bool stop;
	int64_t seen;

	struct query queries[DB_QUERIES];
	struct statement *buckets[DB_BUCKETS];
	struct statement *newest, *oldest;
	size_t statements;
};

enum db_control {
	CONTROL_BEGIN,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_SAVE,
	CONTROL_SAVE_RELEASE,
	CONTROL_SAVE_ROLLBACK,
	CONTROL__COUNT
};

/*
 * Functions that return bool fail through db_fail.  Those without comment do
 * what the function of db.h with their name does, for this database.
 */
struct db_driver {
	enum db_kind kind;
	size_t size;                    /* of its own struct, which begins with a struct db */
	bool typed;                     /* a statement is prepared for kinds of values */
	bool shared;                    /* several queries may use one statement at once */
	const char *seen;               /* SQL for db_changes_seen */
	struct db_words words;

	bool (*open)(struct db *db, const char *url);
	void (*close)(struct db *db);   /* also after open failed; calls db_forget */
	bool (*control)(struct db *db, enum db_control what);
	bool (*script)(struct db *db, const char *sql);

	/* `numbered`: the text with $1 …; fills in handle, number, parameters' index. */
	bool (*prepare)(struct db *db, struct statement *st, const char *numbered);
	void (*finalize)(struct db *db, struct statement *st);

	/* Binds one value per parameter and runs, as far as the first row; sets columns. */
	bool (*start)(struct query *q, const struct value *values);
	bool (*next)(struct query *q);  /* false: no more, or q->failed */
	struct value (*value)(struct query *q, size_t i);
	const char *(*column)(const struct query *q, size_t i);
	void (*end)(struct query *q);   /* lets go of rows and locks; also when called again */

	int64_t (*inserted)(struct db *db);     /* id of the last row; NULL: the statement returns it */
	void (*wake)(struct db *db);    /* from another thread, after stop was set; may be NULL */

	bool (*claim)(struct db *db, int64_t number, bool *ret);
	void (*release)(struct db *db, int64_t number);

	/* NULL: not for this database. */
	bool (*checkpoint)(struct db *db, bool all);
	bool (*backup)(struct db *db, const char *path,
	               bool (*progress)(void *ptr, int done, int total), void *ptr);
	bool (*integrity)(struct db *db);
	bool (*check)(struct db *db, const char *sql,
	              bool (*allowed)(void *ptr, const char *table, const char *name), void *ptr);
};

extern const struct db_driver db_sqlite;
extern const struct db_driver db_postgres;

/* Notes a failure; false.  The first one of a transaction stays. */
bool db_fail(struct db *db, enum db_code code, const char *format, ...) PRINTF(3, 4);

/* True when what runs now should end: past the deadline, or db_stop was called. */
bool db_stopping(const struct db *db);

/* Forgets all prepared statements (a connection that begins anew). */
void db_forget(struct db *db);

#endif
