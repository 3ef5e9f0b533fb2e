/*
 * oracle: what docs/access.md says a member may see and do, in plain loops
 * over a world.  Slow and obvious.  It knows neither SQL nor the engine, and is
 * written from the rules alone: where the engine differs, one of the two is wrong.
 *
 * `me` is a member.  Rows are places in w->rows.
 */
#ifndef TESTS_MODEL_ORACLE_H
#define TESTS_MODEL_ORACLE_H

#include "tests/model/world.h"

/* To be called after teams or members changed: who lies how far from whom. */
void oracle_levels(struct world *w);

/* The widest reach of the member's roles. */
int oracle_reach(const struct world *w, int me, int object, enum deed deed);

/* May the member do this to the row?  Whether it is deleted is not asked. */
bool oracle_may(const struct world *w, int me, int row, enum deed deed);
/* Is it there for the member: alive and readable? */
bool oracle_sees(const struct world *w, int me, int row);

/* Does the field exist for the member?  May they change it? */
bool oracle_field(const struct world *w, int me, int object, int field);
bool oracle_field_write(const struct world *w, int me, int object, int field);

/* May the member use the action on some row? */
bool oracle_action(const struct world *w, int me, int object, int action);

/* What a field of a row the member sees shows; unset if it is hidden. */
struct fact oracle_value(const struct world *w, int me, int row, int field);

/* What stands for a referenced row: its title; NULL if the member may not know. */
const char *oracle_label(const struct world *w, int me, int row);

/* Orders facts of one kind; empty ones come first. */
int oracle_order(struct fact a, struct fact b);

enum test {
	TEST_EQ, TEST_NE, TEST_LT, TEST_LTE, TEST_GT, TEST_GTE, TEST_IN, TEST_LIKE, TEST_NULL,
	TEST_NOTNULL,
};
struct where {
	enum { WHERE_ALL, WHERE_ANY, WHERE_NOT, WHERE_TEST } kind;
	const struct where *a, *b;       /* WHERE_NOT: a */
	int via, field;                 /* a field; if via is no -1, of the row that one refers to */
	enum test test;
	struct fact values[3];
	int n_values;
};

struct wish {                           /* a list somebody asks for */
	int object;
	const struct where *where;       /* NULL: everything */
	int sort[2];                    /* fields, -1: no more */
	bool down[2];
	const char *words;              /* q=, NULL */
	bool deleted;
	bool exporting;
};

/* Does the wish name a field that does not exist for the member? */
bool oracle_unknown(const struct world *w, int me, const struct wish *q);

/* The rows in order; returns how many.  `ret` holds ROWS. */
int oracle_list(const struct world *w, int me, const struct wish *q, int *ret);

/* Does the row answer to this word: in its title or a searchable field the member may read? */
bool oracle_found(const struct world *w, int me, int row, const char *word);

struct heap {                           /* a group of a summary */
	struct fact keys[2];
	int count;
	struct fact sum;
};
/* Groups in no order.  `keys` and `sum`: fields, -1: none.  `ret` holds ROWS. */
int oracle_summary(const struct world *w, int me, const struct wish *q, const int keys[2], int sum,
                   struct heap *ret);

struct gauge {                          /* a measure: rows counted or summed, by day and person */
	int object, on, by;
	int sum;                        /* -1: count */
	int kind;                       /* a choice field that must equal `is`, -1 */
	const char *is;
	int split;                      /* only rows with this value in this field, -1 */
	struct fact at;
};
enum { ALL_TOGETHER = -1, ALL_PERSONS = -2 };
/* May the member ask for it, and what is it for a person or all within reach? */
bool oracle_gauged(const struct world *w, int me, const struct gauge *g);
int64_t oracle_gauge(const struct world *w, int me, const struct gauge *g, const char *from,
                     const char *to, int person);

/* Is the event in the member's feed, and is this of its fields shown? */
bool oracle_event(const struct world *w, int me, const struct event *e);

enum verdict { VERDICT_DONE, VERDICT_MISSING, VERDICT_DENIED, VERDICT_INVALID };
struct wanted {                         /* a write: fields and their new values */
	int n;
	int fields[CHANGED];
	struct fact values[CHANGED];
};
enum verdict oracle_update(struct world *w, int me, int row, const struct wanted *v);
enum verdict oracle_delete(const struct world *w, int me, int row);
enum verdict oracle_share(const struct world *w, int me, int row);
enum verdict oracle_unshare(const struct world *w, int me, int row, int share);
enum verdict oracle_merge(const struct world *w, int me, int row, int from);
/* `row` is an unused one of the object, with no facts; it is left so. */
enum verdict oracle_create(struct world *w, int me, int row, const struct wanted *v);

#endif
