#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/driver.h"

enum {
	VERSION_FLOOR = 3051003,        /* the race in resetting the WAL is gone */
	PROGRESS_STEPS = 1000,          /* of the virtual machine, some 20 µs */
	BACKUP_PAGES = 1000,            /* between two looks at the clock */
	WAL_PAGES = 1000,               /* 4 MB: move them into the file */
	WAL_LONG = 16000,               /* 64 MB: wait a little for readers, to begin anew */
	WAL_WAIT = 50,                  /* ms; nobody who writes may wait longer */
};

struct sqlite {
	struct db db;
	sqlite3 *handle;
	sqlite3_stmt *controls[CONTROL__COUNT];
	int64_t patience;               /* ms to wait for a lock … */
	int64_t patience_ends;          /* … and until when, this time */
	int64_t changes;                /* in all, before the present statement */
	int wal_pages;                  /* as of the last commit */
	int wal_next;                   /* length at which the next checkpoint is due */
	int claims;                     /* file whose locked bytes are claims; 0: not open yet */
};

static struct sqlite *of(struct db *db)
{
	return (struct sqlite *)db;
}

/* -- Failures -------------------------------------------------------------- */

static enum db_code code_of(struct sqlite *s, int rc)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return DB_UNIQUE;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return DB_FOREIGN;
	case SQLITE_CONSTRAINT_CHECK:
	case SQLITE_CONSTRAINT_NOTNULL:
		return DB_CHECK;
	}
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
	case SQLITE_SCHEMA:
	case SQLITE_NOMEM:
		return DB_BUSY;
	case SQLITE_INTERRUPT:
		return DB_STOPPED;
	case SQLITE_FULL:
		return DB_FULL;
	case SQLITE_IOERR: {
		/* A full disk can also show in the -shm file; a failed flush is always the end. */
		int why = sqlite3_system_errno(s->handle);

		if (rc != SQLITE_IOERR_FSYNC && (why == ENOSPC || why == EDQUOT))
			return DB_FULL;
		return DB_LOST;
	}
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
		return DB_LOST;
	default:
		return DB_FAILED;
	}
}

/* "UNIQUE constraint failed: t.a, t.b" or "…: index 'name'", without the first part. */
static void note_constraint(struct sqlite *s, const char *message)
{
	static const char mark[] = " constraint failed: ";
	const char *p = strstr(message, mark);

	if (!p)
		return;
	p += sizeof mark - 1;
	if (text_starts(p, "index '"))
		p += strlen("index '");
	for (; *p && *p != '\''; p++)
		if (*p != ' ')
			text_addc(&s->db.constraint, *p);
}

/* Notes why the last call failed.  `sql` may be NULL. */
static bool failed(struct sqlite *s, const char *sql)
{
	struct db *db = &s->db;
	int rc = sqlite3_extended_errcode(s->handle);
	const char *message = sqlite3_errmsg(s->handle);
	enum db_code code = code_of(s, rc);
	bool first = !db->broken;

	db_fail(db, code, "%s (%d)%s%.300s", message, rc, sql ? " in: " : "", sql ? sql : "");
	if (first)
		note_constraint(s, message);
	if (db->begun && sqlite3_get_autocommit(s->handle))
		db->gone = true;
	/* Who reads may try again; who writes may not pretend. */
	if (code == DB_LOST && db->mode == DB_WRITE)
		db->lost = true;
	return false;
}

/* -- Opening --------------------------------------------------------------- */

static int on_progress(void *ptr)
{
	struct sqlite *s = ptr;

	return db_stopping(&s->db);
}

/* Waits for a lock: 1 ms, 2, 4 … 32, as long as there is patience. */
static int on_busy(void *ptr, int tries)
{
	struct sqlite *s = ptr;
	int64_t now = date_ticks();
	long ms = 1L << (tries < 5 ? tries : 5);

	if (tries == 0)
		s->patience_ends = now + s->patience;
	if (now >= s->patience_ends || db_stopping(&s->db))
		return 0;
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
	return 1;
}

static int on_wal(void *ptr, sqlite3 *handle, const char *name, int pages)
{
	struct sqlite *s = ptr;

	(void)handle;
	(void)name;
	if (pages < s->wal_pages)       /* it began anew */
		s->wal_next = WAL_PAGES;
	s->wal_pages = pages;
	return SQLITE_OK;
}

static void set_limits(sqlite3 *handle)
{
	static const struct {
		int id, value;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH,          64 * 1024 * 1024 },
		{ SQLITE_LIMIT_SQL_LENGTH,      1024 * 1024 },
		{ SQLITE_LIMIT_COLUMN,          500 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 50 },
		{ SQLITE_LIMIT_ATTACHED,        0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, SQL_NAMES },
		{ SQLITE_LIMIT_TRIGGER_DEPTH,   10 },
		{ SQLITE_LIMIT_WORKER_THREADS,  0 },
	};

	for (size_t i = 0; i < LENGTH(limits); i++)
		sqlite3_limit(handle, limits[i].id, limits[i].value);
}

/* Only the writer moves the WAL into the file, also when all leave. */
static bool set_options(struct sqlite *s)
{
	const struct {
		int id, value;
	} options[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE,        1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA,   0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY,      1 },
		/* Else each new value of a parameter compiles the statement again. */
		{ SQLITE_DBCONFIG_ENABLE_QPSG,      1 },
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, s->db.mode == DB_READ },
	};

	for (size_t i = 0; i < LENGTH(options); i++) {
		int now = -1;

		if (sqlite3_db_config(s->handle, options[i].id, options[i].value, &now)
		    != SQLITE_OK || now != options[i].value)
			return db_fail(&s->db, DB_FAILED, "SQLite lacks option %d", options[i].id);
	}
	return true;
}

/* journal_mode answers what it did, which need not be what was asked. */
static bool set_wal(struct sqlite *s)
{
	static const char sql[] = "PRAGMA journal_mode = WAL";
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(s->handle, sql, -1, &stmt, NULL) != SQLITE_OK
	    || sqlite3_step(stmt) != SQLITE_ROW) {
		failed(s, sql);
		sqlite3_finalize(stmt);
		return false;
	}

	char mode[16] = "";

	strncpy(mode, (const char *)sqlite3_column_text(stmt, 0), sizeof mode - 1);
	sqlite3_finalize(stmt);
	if (!text_eq(mode, "wal") && !text_eq(mode, "memory"))
		return db_fail(&s->db, DB_FAILED, "the file cannot be in WAL mode");
	return true;
}

static bool set_pragmas(struct sqlite *s)
{
	bool writes = s->db.mode == DB_WRITE;
	const char *pragmas = writes
		? "PRAGMA cache_size = -65536; PRAGMA secure_delete = ON;"
		  "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 0;"
		: "PRAGMA cache_size = -32768; PRAGMA query_only = ON;"
		  "PRAGMA wal_autocheckpoint = 0;";

	if (writes && !set_wal(s))
		return false;
	if (sqlite3_exec(s->handle, pragmas, NULL, NULL, NULL) != SQLITE_OK
	    || sqlite3_exec(s->handle, "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
	                    "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
	                    /* reads the header: a file of another kind shows now */
	                    "PRAGMA schema_version", NULL, NULL, NULL) != SQLITE_OK)
		return failed(s, NULL);
	return true;
}

static bool lite_open(struct db *db, const char *url)
{
	struct sqlite *s = of(db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (sqlite3_libversion_number() < VERSION_FLOOR || !sqlite3_threadsafe())
		return db_fail(db, DB_FAILED, "SQLite %s is too old or single-threaded",
		               sqlite3_libversion());
	if (db->mode == DB_WRITE)
		flags |= SQLITE_OPEN_CREATE;
	if (sqlite3_open_v2(url, &s->handle, flags, NULL) != SQLITE_OK)
		return failed(s, NULL);
	s->patience = DB_PATIENCE;
	s->wal_next = WAL_PAGES;
	sqlite3_busy_handler(s->handle, on_busy, s);
	sqlite3_progress_handler(s->handle, PROGRESS_STEPS, on_progress, s);
	set_limits(s->handle);
	if (!set_options(s) || !set_pragmas(s))
		return false;
	if (db->mode == DB_WRITE)
		sqlite3_wal_hook(s->handle, on_wal, s);
	return true;
}

static void lite_close(struct db *db)
{
	struct sqlite *s = of(db);

	db_forget(db);
	for (size_t i = 0; i < CONTROL__COUNT; i++)
		sqlite3_finalize(s->controls[i]);
	sqlite3_close(s->handle);
	if (s->claims)
		close(s->claims);
}

/* -- Claims ---------------------------------------------------------------- */

/* The system lets go of a lock when its process ends.  Of the open file, so that a second
   connection of this process is another, too. */
static bool lock_byte(struct sqlite *s, int64_t number, short kind)
{
	struct flock lock = { .l_type = kind, .l_whence = SEEK_SET, .l_start = number, .l_len = 1 };

	return fcntl(s->claims, F_OFD_SETLK, &lock) == 0;
}

static bool lite_claim(struct db *db, int64_t number, bool *ret)
{
	struct sqlite *s = of(db);
	const char *store = sqlite3_db_filename(s->handle, "main");

	*ret = true;
	if (!store || !*store)
		return true;            /* in memory: nobody else's */
	if (!s->claims) {
		struct arena mem;

		arena_init(&mem, 0);

		int fd = open(fmt(&mem, "%s-claims", store), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

		arena_done(&mem);
		if (fd < 0)
			return db_fail(db, DB_FAILED, "the file of claims cannot be opened: %s", strerror(errno));
		s->claims = fd;
	}
	*ret = lock_byte(s, number, F_WRLCK);
	return *ret || errno == EAGAIN || errno == EACCES ||
	       db_fail(db, DB_FAILED, "the file of claims cannot be locked: %s", strerror(errno));
}

static void lite_release(struct db *db, int64_t number)
{
	if (of(db)->claims)
		lock_byte(of(db), number, F_UNLCK);
}

/* -- Transactions ---------------------------------------------------------- */

static const char *control_text(const struct db *db, enum db_control what)
{
	switch (what) {
	case CONTROL_BEGIN:
		return db->mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN";
	case CONTROL_COMMIT:
		return "COMMIT";
	case CONTROL_ROLLBACK:
		return "ROLLBACK";
	case CONTROL_SAVE:
		return "SAVEPOINT s";
	case CONTROL_SAVE_RELEASE:
		return "RELEASE s";
	case CONTROL_SAVE_ROLLBACK:
		return "ROLLBACK TO s";
	case CONTROL__COUNT:
		break;
	}
	return "";
}

static bool lite_control(struct db *db, enum db_control what)
{
	struct sqlite *s = of(db);
	const char *sql = control_text(db, what);
	sqlite3_stmt **stmt = &s->controls[what];

	if (db->lost && what == CONTROL_BEGIN)
		return db_fail(db, DB_LOST, "storage failed before");
	if (what == CONTROL_ROLLBACK && sqlite3_get_autocommit(s->handle))
		return true;
	if (!*stmt && sqlite3_prepare_v3(s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL)
	    != SQLITE_OK)
		return failed(s, sql);

	bool ok = sqlite3_step(*stmt) == SQLITE_DONE || failed(s, sql);

	sqlite3_reset(*stmt);
	return ok;
}

static bool lite_script(struct db *db, const char *sql)
{
	struct sqlite *s = of(db);

	return sqlite3_exec(s->handle, sql, NULL, NULL, NULL) == SQLITE_OK || failed(s, sql);
}

/* -- Statements ------------------------------------------------------------ */

/* SQLite's number for a name; 0 if it read the text otherwise ($a::b is one name for it). */
static int name_index(struct db *db, sqlite3_stmt *stmt, const char *sql, struct sql_name name)
{
	return sqlite3_bind_parameter_index(stmt, fmt(&db->scratch, "$%.*s", (int)name.len,
	                                              sql + name.at));
}

static bool lite_prepare(struct db *db, struct statement *st, const char *numbered)
{
	struct sqlite *s = of(db);
	sqlite3_stmt *stmt = NULL;

	(void)numbered;
	if (sqlite3_prepare_v3(s->handle, st->sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL)
	    != SQLITE_OK)
		return failed(s, st->sql);
	if (!stmt)
		return db_fail(db, DB_FAILED, "no statement in: %.300s", st->sql);

	bool same = sqlite3_bind_parameter_count(stmt) == (int)st->count;

	for (size_t i = 0; i < st->count; i++) {
		st->parameters[i].index = name_index(db, stmt, st->sql, st->parameters[i].name);
		same = same && st->parameters[i].index > 0;
	}
	if (!same) {
		sqlite3_finalize(stmt);
		return db_fail(db, DB_FAILED, "only $names can be bound, in: %.300s", st->sql);
	}
	st->handle = stmt;
	return true;
}

static void lite_finalize(struct db *db, struct statement *st)
{
	(void)db;
	sqlite3_finalize(st->handle);
}

/* Values are copied: the caller's may be gone at the second row. */
static int bind_value(sqlite3_stmt *stmt, int index, struct value v)
{
	switch (v.kind) {
	case V_NULL:
		return sqlite3_bind_null(stmt, index);
	case V_INT:
		return sqlite3_bind_int64(stmt, index, v.i);
	case V_REAL:
		return sqlite3_bind_double(stmt, index, v.r);
	case V_TEXT:
		return sqlite3_bind_text64(stmt, index, v.s, v.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	case V_BYTES:
		return v.n ? sqlite3_bind_blob64(stmt, index, v.s, v.n, SQLITE_TRANSIENT)
		           : sqlite3_bind_zeroblob(stmt, index, 0);
	}
	return SQLITE_MISUSE;
}

/* One step; true on a row. */
static bool step(struct query *q)
{
	struct sqlite *s = of(q->db);
	int rc = sqlite3_step(q->statement->handle);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE) {
		q->failed = true;
		return failed(s, q->statement->sql);
	}
	/* sqlite3_changes keeps its answer over statements that change nothing. */
	if (sqlite3_total_changes64(s->handle) != s->changes)
		q->changed = sqlite3_changes64(s->handle);
	return false;
}

static bool lite_start(struct query *q, const struct value *values)
{
	struct sqlite *s = of(q->db);
	struct statement *st = q->statement;

	for (size_t i = 0; i < st->count; i++)
		if (bind_value(st->handle, st->parameters[i].index, values[i]) != SQLITE_OK)
			return failed(s, st->sql);
	s->changes = sqlite3_total_changes64(s->handle);
	q->ahead = true;
	q->done = !step(q);
	/* Only now: the first step prepares again if the tables changed. */
	q->columns = (size_t)sqlite3_column_count(st->handle);
	return !q->failed;
}

static bool lite_next(struct query *q)
{
	if (!q->ahead)
		return step(q);
	q->ahead = false;
	return !q->done;
}

static struct value lite_value(struct query *q, size_t i)
{
	sqlite3_stmt *stmt = q->statement->handle;
	int column = (int)i;
	struct value v = v_null();

	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
		return v_int(sqlite3_column_int64(stmt, column));
	case SQLITE_FLOAT:
		return v_real(sqlite3_column_double(stmt, column));
	case SQLITE_TEXT:
		v.kind = V_TEXT;
		v.s = (const char *)sqlite3_column_text(stmt, column);
		v.n = (size_t)sqlite3_column_bytes(stmt, column);
		return v;
	case SQLITE_BLOB:
		v.kind = V_BYTES;
		v.s = sqlite3_column_blob(stmt, column);
		v.n = (size_t)sqlite3_column_bytes(stmt, column);
		if (!v.s)
			v.s = "";
		return v;
	default:
		return v;
	}
}

static const char *lite_column(const struct query *q, size_t i)
{
	return sqlite3_column_name(q->statement->handle, (int)i);
}

static int64_t lite_inserted(struct db *db)
{
	return sqlite3_last_insert_rowid(of(db)->handle);
}

static void lite_end(struct query *q)
{
	sqlite3_reset(q->statement->handle);
	sqlite3_clear_bindings(q->statement->handle);
}

/* -- Checkpoint, backup, integrity ----------------------------------------- */

/*
 * Passive as long as the WAL is of ordinary length: it moves what no reader
 * needs and waits for nobody.  When it has grown long all the same, because some
 * reader was always there, wait a moment for them so that it can begin anew.
 */
static bool lite_checkpoint(struct db *db, bool all)
{
	struct sqlite *s = of(db);
	int mode = SQLITE_CHECKPOINT_PASSIVE;

	if (!all && s->wal_pages < s->wal_next)
		return true;
	if (all) {
		mode = SQLITE_CHECKPOINT_TRUNCATE;
	} else if (s->wal_pages >= WAL_LONG) {
		mode = SQLITE_CHECKPOINT_RESTART;
		s->patience = WAL_WAIT;
	}

	int rc = sqlite3_wal_checkpoint_v2(s->handle, NULL, mode, NULL, NULL);

	s->patience = DB_PATIENCE;
	s->wal_next = s->wal_pages + WAL_PAGES;
	if (rc == SQLITE_BUSY && !all)
		return true;
	return rc == SQLITE_OK || failed(s, "checkpoint");
}

static bool copy_pages(struct sqlite *s, sqlite3 *to,
                       bool (*progress)(void *ptr, int done, int total), void *ptr)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", s->handle, "main");
	bool stopped = false;
	int rc = SQLITE_OK;

	while (b && rc == SQLITE_OK && !stopped) {
		rc = sqlite3_backup_step(b, BACKUP_PAGES);

		int total = sqlite3_backup_pagecount(b);
		int done = total - sqlite3_backup_remaining(b);

		stopped = db_stopping(&s->db) || (progress && !progress(ptr, done, total));
	}
	sqlite3_backup_finish(b);
	if (rc == SQLITE_DONE)
		return true;
	if (b && rc == SQLITE_OK)
		return db_fail(&s->db, DB_STOPPED, "the backup was stopped");
	return db_fail(&s->db, code_of(s, b ? rc : sqlite3_errcode(to)), "backup: %s",
	               b ? sqlite3_errstr(rc) : sqlite3_errmsg(to));
}

/*
 * The pages are copied within one read transaction, so others go on writing
 * (into the WAL) and the copy is the state of one commit.
 */
static bool lite_backup(struct db *db, const char *path,
                        bool (*progress)(void *ptr, int done, int total), void *ptr)
{
	struct sqlite *s = of(db);
	sqlite3 *to = NULL;

	if (access(path, F_OK) == 0)
		return db_fail(db, DB_FAILED, "%s exists", path);
	if (!lite_script(db, "BEGIN; SELECT count(*) FROM sqlite_schema"))
		return false;

	bool ok = false;

	if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
	                    | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		db_fail(db, DB_FAILED, "%s: %s", path, sqlite3_errmsg(to));
	else
		ok = copy_pages(s, to, progress, ptr);
	sqlite3_close(to);
	sqlite3_exec(s->handle, "ROLLBACK", NULL, NULL, NULL);
	if (!ok) {
		/* With what SQLite would take back of it: on a full disk that stays, too. */
		unlink(fmt(&db->scratch, "%s-journal", path));
		unlink(path);
	}
	return ok;
}

/* Rows of a check that finds nothing wrong: none, or the one word "ok". */
static bool complaints(struct db *db, const char *sql, struct text *out)
{
	struct query *q = db_query(db, sql, NULL);

	if (!q)
		return false;
	while (db_next(q)) {
		const char *s = db_text(q, 0);

		if (text_eq(s, "ok"))
			continue;
		text_addf(out, "%s%s", out->len ? "; " : "", s ? s : "");
		if (db_columns(q) > 2)
			text_addf(out, " %s refers to nothing in %s", db_text(q, 1), db_text(q, 2));
	}

	bool ok = !db_failed(q);

	db_done(q);
	return ok;
}

static bool lite_integrity(struct db *db)
{
	struct arena mem;
	struct text out;

	arena_init(&mem, 0);
	text_init(&out, &mem);

	bool ok = complaints(db, "PRAGMA integrity_check(20)", &out)
	       && complaints(db, "PRAGMA foreign_key_check", &out);

	if (ok && out.len)
		ok = db_fail(db, DB_FAILED, "%s", out.s);
	arena_done(&mem);
	return ok;
}

/* -- Checking text --------------------------------------------------------- */

struct unread {
	const char *table;
	struct unread *next;
};

struct check {
	struct db *db;
	bool (*allowed)(void *ptr, const char *table, const char *name);
	void *ptr;
	const char *refused;
	struct unread *unread;          /* tables of which no column is read */
};

static bool ask(struct check *c, const char *table, const char *name)
{
	if (c->refused)
		return false;
	if (c->allowed(c->ptr, table, name))
		return true;
	c->refused = fmt(&c->db->scratch, "not allowed: %s%s%s", table,
	                 *table && *name ? "." : "", name);
	return false;
}

static int on_authorize(void *ptr, int action, const char *a, const char *b, const char *database,
                        const char *view)
{
	struct check *c = ptr;

	(void)database;
	(void)view;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		if (!*b) {
			struct unread *u = arena_alloc(&c->db->scratch, sizeof *u);

			*u = (struct unread){ arena_dup(&c->db->scratch, a), c->unread };
			c->unread = u;
			return SQLITE_OK;
		}
		return ask(c, a, b) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_FUNCTION:
		return ask(c, "", b) ? SQLITE_OK : SQLITE_DENY;
	default:
		if (!c->refused)
			c->refused = "only SELECT is allowed";
		return SQLITE_DENY;
	}
}

/*
 * SQLite does not tell a table from a name of WITH here.  Outside of the text only
 * a real table (or a function that acts as one) can be selected from.
 */
static bool ask_unread(struct sqlite *s, struct check *c)
{
	for (struct unread *u = c->unread; u; u = u->next) {
		char *sql = sqlite3_mprintf("SELECT 1 FROM \"%w\"", u->table);
		sqlite3_stmt *stmt = NULL;
		bool real = sqlite3_prepare_v2(s->handle, sql, -1, &stmt, NULL) == SQLITE_OK;

		sqlite3_finalize(stmt);
		sqlite3_free(sql);
		if (real && !ask(c, u->table, ""))
			return false;
	}
	return true;
}

/* What can still be wrong with a text that compiled. */
static const char *objection(struct sqlite *s, struct check *c, sqlite3_stmt *stmt,
                             const char *sql, const struct sql *read)
{
	if (!stmt)
		return "no statement";
	if (sqlite3_stmt_isexplain(stmt) || !sqlite3_stmt_readonly(stmt)
	    || sqlite3_column_count(stmt) == 0)
		return "only SELECT is allowed";
	if (sqlite3_bind_parameter_count(stmt) != (int)read->count)
		return "only $names can be bound";
	for (size_t i = 0; i < read->count; i++)
		if (!name_index(&s->db, stmt, sql, read->names[i]))
			return "only $names can be bound";
	return ask_unread(s, c) ? NULL : c->refused;
}

static bool lite_check(struct db *db, const char *sql,
                       bool (*allowed)(void *ptr, const char *table, const char *name), void *ptr)
{
	struct sqlite *s = of(db);
	struct check c = { .db = db, .allowed = allowed, .ptr = ptr };
	struct sql read;
	sqlite3_stmt *stmt = NULL;

	if (!sql_read(&db->scratch, sql, &read))
		return db_fail(db, DB_FAILED, "%s", read.error);
	sqlite3_set_authorizer(s->handle, on_authorize, &c);

	bool compiled = sqlite3_prepare_v3(s->handle, sql, -1, 0, &stmt, NULL) == SQLITE_OK;
	const char *why = compiled ? NULL : c.refused ? c.refused : sqlite3_errmsg(s->handle);

	if (why)
		db_fail(db, DB_FAILED, "%s", why);
	sqlite3_set_authorizer(s->handle, NULL, NULL);
	if (compiled) {
		why = objection(s, &c, stmt, sql, &read);
		if (why)
			db_fail(db, DB_FAILED, "%s", why);
	}
	sqlite3_finalize(stmt);
	return !why;
}

const struct db_driver db_sqlite = {
	.kind = DB_SQLITE,
	.size = sizeof(struct sqlite),
	.seen = "PRAGMA data_version",
	.words = {
		.integer = "INTEGER",
		.real = "REAL",
		.text = "TEXT",
		.bytes = "BLOB",
		/* AUTOINCREMENT: an id is never used again, as histories refer to it. */
		.identity = "INTEGER PRIMARY KEY AUTOINCREMENT",
		.strict = " STRICT",
		.inserted = "",
		.null_integer = "CAST(NULL AS INTEGER)",
		.null_real = "CAST(NULL AS REAL)",
		.null_text = "CAST(NULL AS TEXT)",
		.join = "group_concat",
		.by_bytes = "",
	},
	.open = lite_open,
	.close = lite_close,
	.control = lite_control,
	.script = lite_script,
	.prepare = lite_prepare,
	.finalize = lite_finalize,
	.start = lite_start,
	.next = lite_next,
	.value = lite_value,
	.column = lite_column,
	.end = lite_end,
	.inserted = lite_inserted,
	.claim = lite_claim,
	.release = lite_release,
	.checkpoint = lite_checkpoint,
	.backup = lite_backup,
	.integrity = lite_integrity,
	.check = lite_check,
};
