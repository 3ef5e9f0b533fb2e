/*
 * scope: which rows and columns the caller may see or change.
 *
 * This is the only file that decides access, and (with ddl.c) the only one
 * that names a real table.  Everything else reads *views*: a view is a CTE
 * that carries the object's own name, so SQL written against "opportunity"
 * gets the caller's opportunities and cannot get others.  A forgotten view is
 * "no such table", never a leak.
 *
 * The model (docs/access.md): a role grants, per object and act, a reach:
 * none, own, team, tree, all.  A row belongs to the member in its scope field,
 * or is visible with its parent (column holder: whom the parent belongs to,
 * kept by record.c), or both.  t_reach holds who lies within whose reach.
 */
#ifndef ENGINE_SCOPE_H
#define ENGINE_SCOPE_H

#include "engine/ctx.h"

/* The widest reach the caller has on `o` for `act`; parents' reach not included. */
enum reach scope_reach(const struct ctx *ctx, const struct object *o, enum act act);

/* May the caller perform `act` on some rows of `o` at all? */
bool scope_may(const struct ctx *ctx, const struct object *o, enum act act);

/* May the caller see / change this field (of rows within reach)?  What is computed is hidden if anything it reads is. */
bool scope_field_read(const struct ctx *ctx, const struct field *f);
bool scope_field_write(const struct ctx *ctx, const struct field *f);

/*
 * The field of `o` with this name if it exists for the caller, else NULL: what
 * may not be read does not exist, in any clause.
 */
const struct field *scope_field(const struct ctx *ctx, const struct object *o, const char *name);

enum scope_rows {
	SCOPE_ALIVE,            /* the ordinary view        */
	SCOPE_DELETED,          /* the recycle bin          */
	SCOPE_BOTH,             /* history, restore         */
	SCOPE_COMING,           /* written by imports that are not through yet: seen by nobody */
};

/*
 * Appends "name AS NOT MATERIALIZED (SELECT … )" for one object, without its
 * totals.  Binds: $me, $today.
 */
void scope_view(struct ctx *ctx, const struct object *o, enum scope_rows rows, struct text *out);

/*
 * Appends "WITH a AS (…), b AS (…) " for these objects (ended by NULL, each
 * named once).  Views do not refer to each other, so their order is free.
 */
void scope_with(struct ctx *ctx, const struct object **objects, enum scope_rows rows,
                struct text *out);

/*
 * SQL over the living rows the caller may read: "WITH …" of the views of `objects` (names,
 * blanks between), then `sql`.  In the context's arena.
 */
const char *scope_sql(struct ctx *ctx, const char *objects, const char *sql);
/* The same over what imports that are not through have written so far: for rules that what comes meets together with what is there. */
const char *scope_sql_coming(struct ctx *ctx, const char *objects, const char *sql);

/*
 * scope_with for a list of `own`, with what it refers to alive.  Returns the name
 * of the view to list: the object's own, or, if the list shows other `rows` or
 * (`export`) only what the caller may export, that of one more.
 */
const char *scope_with_list(struct ctx *ctx, const struct object **objects, const struct object *own,
                            enum scope_rows rows, bool export, struct text *out);

/*
 * Appends a condition on the bare columns of `o` that holds for exactly the rows
 * on which the caller may perform `act` (alive or not).  Never appends nothing.
 * Binds: $me.
 */
void scope_where(struct ctx *ctx, const struct object *o, enum act act, struct text *out);

/*
 * What the caller may read as a list of single members whose rows lie together
 * in an index: a row is readable if for one branch `column` equals `member`
 * (0: is NULL).  At most SCOPE_BRANCHES; 0 if the reach is everything, too wide, or not of
 * this shape.  query.c reads the first rows of each branch and merges, so a
 * narrow reach costs what it shows, not what exists.
 *
 * Most rows that are seen both ways have the same member as owner and holder.  Where both are
 * branches, that of the holder may leave them out: `other` names the column whose value is another there.
 * A row with two members within reach still comes twice (*ret_overlap).
 */
enum { SCOPE_BRANCHES = 24 };
struct branch {
	const char *column;
	int64_t member;
	const char *other;              /* NULL: no matter */
};
bool scope_branches(struct ctx *ctx, const struct object *o, struct branch ret[static SCOPE_BRANCHES],
                    size_t *ret_n, bool *ret_overlap);

/* Is this living row within what the caller may perform `act` on? */
bool scope_row(struct ctx *ctx, const struct object *o, int64_t id, enum act act, bool *ret);

/* The real table, for writing (record.c, import.c) and nowhere else. */
const char *scope_table(struct arena *mem, const struct object *o);

/*
 * The member a row of `o` is held by: what its children carry as holder.
 * SQL expression over the columns of `o`.
 */
const char *scope_holder(const struct object *o);

#endif
