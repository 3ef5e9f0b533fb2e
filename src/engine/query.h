/*
 * query: the one filter language, and lists.
 *
 * The text of docs/api.md – field=op.value&sort=-field&limit=50&… – is used by
 * URLs, saved views, declarations, measures and hooks alike.  Each name must
 * be a field the caller may read, each operator one of its type's; anything
 * else is an error that says so.  Values are always bound: the SQL text
 * depends on names and operators only.
 */
#ifndef ENGINE_QUERY_H
#define ENGINE_QUERY_H

#include "engine/scope.h"
#include "engine/type.h"

enum {
	QUERY_LIMIT = 200,              /* rows a page */
	QUERY_SKIP = 1000000,           /* rows passed over to get to it */
	QUERY_DEFAULT = 50,
	QUERY_NODES = 100,              /* conditions */
	QUERY_VALUES = 1000,            /* values of one in.(…) */
	QUERY_TEXT = 16384,             /* bytes of query text */
	QUERY_SORTS = 4,
	QUERY_BOUND = 1000,             /* count=bounded: this many means this many or more */
	QUERY_GROUPS = 3,               /* fields a summary is grouped by */
	QUERY_GROUP_ROWS = 10000,       /* rows of a summary */
};

struct query_sort {
	const struct field *field;
	bool descending;
};

enum condition_kind { COND_AND, COND_OR, COND_NOT, COND_TEST };

struct condition {                      /* a tree: AND / OR nodes and leaves */
	enum condition_kind kind;
	struct condition *first, *next; /* children, siblings */
	const struct field *via;        /* ref of the object, if the field is the referenced record's */
	const struct field *field;
	enum op op;
	const struct value *values;     /* as stored; several for OP_IN */
	size_t n_values;
	bool is_null;                   /* OP_IS: null / notnull */
};

struct list {                           /* a parsed query */
	const struct object *object;
	struct condition *where;        /* NULL: everything */
	struct query_sort sort[QUERY_SORTS];
	size_t n_sort;
	int64_t limit;                  /* 0: none (exports), and no skip then */
	int64_t skip;                   /* rows passed over, after the cursor */
	const struct field **fields;    /* to show, ended by NULL; NULL: all readable */
	const char *words;              /* q= */
	bool exact_count;
	int64_t count_most;             /* count no further than this; 0: all */
	enum scope_rows rows;
	bool export;                    /* only what may be exported as well */
	struct value *after;            /* cursor: sort values and id; NULL */
	const struct field **group;     /* summary: fields, ended by NULL */
	const char **group_part;        /* "month" …, "province" or NULL, parallel to group */
	const struct field **sums;
	const char *text;               /* as given */
};

/*
 * Parses query text for `o`.  Parameters the engine does not know are errors.
 * False with one error per problem, field = the parameter's name.
 */
bool query_parse(struct ctx *ctx, const struct object *o, const char *text, struct list *ret);

/*
 * One value as a person types it in a query or a report's parameter: as the
 * API writes it, or $me, $team, today-7, month-1 …
 */
bool query_read(struct ctx *ctx, const struct field *f, const char *s, struct value *ret);

/* Binds collected while SQL is written; grows in the context's arena. */
struct binds {
	struct bind *list;              /* ended by a NULL name */
	size_t n, cap;
};
/* Adds a value and returns its name ("p3") for the text. */
const char *bind_add(struct ctx *ctx, struct binds *b, struct value v);
void bind_named(struct ctx *ctx, struct binds *b, const char *name, struct value v);

/* Appends the condition as SQL over alias `alias` ("r."); "1 = 1" if NULL. */
bool query_where(struct ctx *ctx, const struct object *o, const struct condition *c,
                 const char *alias, struct text *out, struct binds *b);

/* The SQL that yields a field of the row `alias`; totals are subqueries on the caller's view. */
bool query_field(struct ctx *ctx, const struct field *f, const char *alias, struct text *out,
                 struct binds *b);

/* Filter and words (q=) together. */
bool query_condition(struct ctx *ctx, const struct list *l, const char *alias, struct text *out,
                     struct binds *b);

/* The objects whose views a list with these fields needs, ended by NULL; fields may be NULL. */
const struct object **query_objects(struct ctx *ctx, const struct list *l,
                                    const struct field **fields);

/*
 * The whole SELECT of a list: id, version, fields, sort values, labels of refs
 * and regions.  For a narrow reach it reads the first rows of each branch
 * (scope_branches) from its index and merges them.
 */
bool query_sql(struct ctx *ctx, const struct list *l, const struct field **fields,
               struct text *out, struct binds *b);

/* A running list.  Values come in the order of `fields`; labels beside them. */
struct reader {
	const struct list *list;
	const struct field **fields;    /* what each value is, ended by NULL */
	size_t n_fields;
	size_t *labels;                 /* column of the label, 0: none */
	struct query *q;
};
bool query_open(struct ctx *ctx, const struct list *l, struct reader *ret);
bool query_next(struct ctx *ctx, struct reader *r);             /* false at the end or on failure */
void query_done(struct reader *r);
struct value query_value(struct reader *r, size_t i);
int64_t query_id(struct reader *r);
const char *query_label(struct reader *r, size_t i);            /* of refs, regions; NULL */

/* The titles of a list of references (",12,15,") in its order; NULL for what the caller may not read. */
bool query_titles(struct ctx *ctx, const struct field *f, const char *s, const char ***ret,
                  size_t *ret_n);

/* Writes the current row as the JSON record of docs/api.md. */
void query_write(struct ctx *ctx, struct reader *r, struct json_writer *w);

/* Writes { "rows": […], "next": …, "count"?: n }. */
bool query_list(struct ctx *ctx, const struct list *l, struct json_writer *w);

/*
 * Writes { "rows": [ { group…, "count", "sum": {…}, "labels": {…} } ] }.  Each row the caller sees
 * is counted in exactly one of them, so they add up; more than QUERY_GROUP_ROWS are refused.
 */
bool query_summary(struct ctx *ctx, const struct list *l, struct json_writer *w);

bool query_count(struct ctx *ctx, const struct list *l, int64_t *ret_n);

/* One record by id as JSON; ERR_MISSING if it is not there or not the caller's. */
bool query_record(struct ctx *ctx, const struct object *o, int64_t id, enum scope_rows rows,
                  struct json_writer *w);

/*
 * Do values (in the order of the object's fields) satisfy the condition?  For measures and
 * hooks: fields of referenced records, like and q are not supported (checked at load).
 */
bool query_match(const struct condition *c, const struct value *values);

#endif
