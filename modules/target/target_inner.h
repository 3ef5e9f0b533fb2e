/*
 * target_inner: what the files of the module share – who belongs to whom, and the tree of a plan.
 */
#ifndef TARGET_INNER_H
#define TARGET_INNER_H

#include "engine/module.h"

/*
 * units.c: teams and members, read once.
 */

struct unit {
	int64_t id;
	int64_t team;                   /* of a member; of a team its parent; 0: none */
	int64_t leader;                 /* of a team; 0: none */
	bool sells;                     /* a member: active, and a representative */
	const char *label;
};
struct units {
	struct unit *teams, *members;   /* by id */
	size_t n_teams, n_members;
};

bool units_load(struct ctx *ctx, struct units *ret);
const struct unit *units_team(const struct units *u, int64_t id);       /* NULL if there is none */
const struct unit *units_member(const struct units *u, int64_t id);
/* Is the team `above`, or below it?  A team 0 is within none. */
bool units_within(const struct units *u, int64_t team, int64_t above);
/* Who answers for a team: its leader, or that of the next team above; 0: nobody. */
int64_t units_leader(const struct units *u, int64_t team);

/*
 * period.c: 2026, 2026-Q3, 2026-07.
 */

/* First and last day; false if the text is none of these. */
bool period_read(const char *s, int64_t *ret_from, int64_t *ret_to);
/* The quarters (3 months each) or months of a period, as texts ended by NULL; none if it has no such parts. */
const char **period_parts(struct arena *mem, const char *period, bool quarters);
/* The same period of another year. */
const char *period_in(struct arena *mem, const char *period, int64_t year);
int64_t period_workdays(int64_t from, int64_t to);

/*
 * slice.c: a corner of the cube of unit, period and product, and what lies in it.
 */

struct slice {
	int64_t from, to;               /* days, inclusive */
	int64_t team, person, customer; /* one of them; all 0: everybody */
	int64_t keeper;                 /* of a customer: the representative */
	int64_t home;                   /* of a person's or customer's target: the team it is part of; 0: the person's now */
	int64_t product;                /* 0: all */
};

struct node {
	int64_t id, parent;
	struct slice slice;
	int64_t value;                  /* hundredths */
	int64_t owner;
	const char *period;
	const char *path;               /* "/1/7/": ids from the top to its parent */
	const char *customer, *product; /* names, NULL if the reader may not see them */
};

struct tree {
	struct node *nodes;             /* of one plan, by id */
	size_t n, cap;
	bool *within;                   /* n long, room for slice_target */
};

/* The period and unit as people read them: "2026-07 · 王芳 · 产品". */
const char *slice_label(struct ctx *ctx, const struct units *u, const struct node *n, bool period, bool product);

/* Does the slice `inner` lie in `outer`? */
bool slice_within(const struct units *u, const struct slice *inner, const struct slice *outer);
/* The same whatever the days and the product. */
bool slice_unit_within(const struct units *u, const struct slice *inner, const struct slice *outer);

/*
 * The target of a slice: the sum of the nodes within it that are not part of another such node (`mean`: their
 * mean, for metrics that are ratios).  False if there is none.
 */
bool slice_target(const struct units *u, const struct tree *t, const struct slice *s, bool mean, int64_t *ret);

/* What was reached in a slice as small as it is known: a person's month (or day), of a product and a dealer. */
struct piece {
	struct slice at;
	int64_t top, bottom, records;
};
struct pieces {
	struct piece *list;             /* by person */
	size_t n;
};

/* What pieces tell apart besides persons: nothing, products, or dealers as well, which costs the records. */
enum pieces_by { PIECES_PERSONS, PIECES_PRODUCTS, PIECES_CUSTOMERS };

/* Behind the caller's reach. */
bool pieces_load(struct ctx *ctx, const struct metric *m, int64_t from, int64_t to, bool days,
                 enum pieces_by by, struct pieces *ret);
/* The first that can lie in the slice, and behind the last. */
const struct piece *pieces_first(const struct pieces *p, const struct slice *s, const struct piece **ret_end);
/* Their sum where they lie in the slice (its `at` is the slice). */
struct piece pieces_sum(const struct units *u, const struct pieces *p, const struct slice *s);

/*
 * tree.c: the targets of a plan, as the caller sees them.
 */

/* What tree_read expects first in a row, from target t, customer c and product pr. */
#define TREE_COLUMNS "t.id, t.parent, t.path, t.period, t.team, t.person, t.customer, t.product, t.value, t.owner," \
                     " c.name, pr.name, t.home"
enum { TREE_END = 13 };

void tree_read(struct ctx *ctx, struct query *q, struct tree *t);
bool tree_load(struct ctx *ctx, int64_t plan, struct tree *ret);
const struct node *tree_node(const struct tree *t, int64_t id);         /* NULL if there is none */
bool tree_has_customers(const struct tree *t);

/*
 * target.c
 */

struct plan {
	int64_t id, year;
	const struct metric *metric;
	const char *approval;           /* "": draft or returned */
};

bool plan_load(struct ctx *ctx, int64_t id, struct plan *ret);
/* ERR_INVALID while it is being approved or in force. */
bool plan_unlocked(struct ctx *ctx, const struct plan *p);
/* Makes a part of `parent` (NULL: a target of its own) with the corner and value of `n`; as system. */
bool target_make(struct ctx *ctx, const struct units *u, int64_t plan, const struct node *parent,
                 const struct node *n, struct value note, int64_t *ret_id);
/* Whoever may change the target above (0: the plan) sets a value: nobody sets their own. */
bool target_may_set(struct ctx *ctx, int64_t plan, int64_t parent);
/* The plan if it is open for changes; of one in force the next version, with all its targets. */
bool plan_open(struct ctx *ctx, int64_t id, struct plan *ret);
/* The team of which a part of this target is a part (slice.home). */
int64_t target_home(const struct node *parent);
/* The metric a plan is about; ERR_INVALID if it is no longer declared. */
bool plan_metric(struct ctx *ctx, const char *name, const struct metric **ret);

/*
 * attain.c and smart.c: the reports.
 */

/* A plan with its targets, and what goes with it. */
struct book {
	struct ctx *ctx;
	struct report_call *call;
	struct units units;
	struct tree tree;
	int64_t plan;
	const char *name;
	const struct metric *metric;
	struct pieces pieces;
	int64_t *people;                /* whose figures the reader sees */
	size_t n_people;
	int64_t on;                     /* as of this day */
	struct span *span;              /* of target_span */
};

/* Whose figures the reader sees, and these figures from a day to another, or to `on` if that is earlier. */
bool book_open(struct book *b, bool days, int64_t from, int64_t to);
/* slice_target in the way of the plan's metric. */
bool book_target(struct book *b, const struct slice *s, int64_t *ret);

bool target_attainment(struct ctx *ctx, struct report_call *call);
bool target_days(struct ctx *ctx, struct report_call *call);
bool target_span(struct ctx *ctx, struct report_call *call);
bool target_smart(struct ctx *ctx, struct report_call *call);
/*
 * market.c: what history proposes for a month (S03-02).
 */

struct past {
	const struct metric *metric;
	const struct units *units;
	struct pieces pieces;           /* months of the three years before */
	int64_t *people;                /* whose figures the caller sees, ascending */
	size_t n_people;
	const char *name;               /* 2026-07 */
	int64_t month;                  /* its first day */
};
struct proposal {
	int64_t recent, before, best;   /* hundredths: the last 12 months, the 12 before, the best of 36 */
	struct value trend, season;     /* NULL on less than 24 months, as is the value */
	struct value growth, value;
};

/* ERR_INVALID if it is not declared, or a ratio: it has no sum. */
bool market_metric(struct ctx *ctx, const char *name, const struct metric **ret);
/* The history before a month (a text; NULL: the next one), as the caller sees it. */
bool past_open(struct ctx *ctx, const struct metric *m, const struct units *units, struct value month, struct past *ret);
/* Of a team, a person or everybody; the days of the slice do not matter. */
bool past_propose(struct ctx *ctx, const struct past *p, const struct slice *s, struct proposal *ret);
/* Why there is none. */
const char *proposal_hint(struct ctx *ctx);

bool target_proposal(struct ctx *ctx, struct report_call *call);
bool target_market(struct ctx *ctx, struct report_call *call);

/* split.c: the actions of a target. */
bool target_split(struct ctx *ctx, struct action_call *call);
bool target_balance(struct ctx *ctx, struct action_call *call);
bool target_clear(struct ctx *ctx, struct action_call *call);
/* Of a plan: the proposal of a month becomes targets. */
bool target_accept(struct ctx *ctx, struct action_call *call);

#endif
