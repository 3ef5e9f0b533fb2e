/*
 * sql: reading the text of a statement, without understanding it.
 *
 * The two databases cut text into words almost alike.  Where they do not, what
 * is a string for one could be a statement for the other, and a text checked
 * on SQLite would mean something else on PostgreSQL.  So there is one rule
 * here, narrower than either: what both read the same passes, the rest is
 * refused (prefixed strings such as E'…', nested comments, [names], `names`,
 * dollar quotes, a bare carriage return in a comment …).
 */
#ifndef DB_SQL_H
#define DB_SQL_H

#include "base/text.h"

enum { SQL_NAMES = 4000 };          /* different $names in one statement */

struct sql_name {
	size_t at;                  /* of its first use, behind the $ */
	size_t len;
};

struct sql {
	const char *error;          /* NULL: the text is fine */
	const struct sql_name *names;   /* in the order of their first use */
	size_t count;
	const char *numbered;       /* the text with $1, $2 … for the names, without ; at the end */
};

/* Reads one statement.  False with ret->error. */
bool sql_read(struct arena *mem, const char *s, struct sql *ret);

#endif
