/*
 * world: a small company as plain arrays – teams, members, roles, objects,
 * rows – drawn from a seed.  The oracle reads it, site.c puts the same into the
 * engine.  Nothing of the engine is known here.
 *
 * Members, teams, rows are named by their place in the arrays; `id` is what the
 * engine called them.  -1 stands for nobody and nothing.
 */
#ifndef TESTS_MODEL_WORLD_H
#define TESTS_MODEL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEAMS = 20,
	MEMBERS = 40,
	ROLES = 8,
	EVERY_ROLE = ROLES,             /* the grants of "*" */
	FIELDS = 22,
	ROWS = 1600,
	SHARES = 400,
	EVENTS = 6000,
	CHANGED = 4,                    /* fields of one event */
	DAYS = 60,                      /* dates lie within so many days */
};

enum { OBJ_A, OBJ_B, OBJ_C, OBJ_D, OBJ_E, OBJ_F, OBJ_G, OBJECTS };

enum deed { DEED_READ, DEED_CREATE, DEED_UPDATE, DEED_DELETE, DEED_EXPORT, DEEDS };
enum { NONE, OWN, TEAM, TREE, ALL };              /* how far a grant reaches */

enum kind {
	KIND_TEXT, KIND_INTEGER, KIND_MONEY, KIND_DECIMAL, KIND_BOOL, KIND_DATE, KIND_INSTANT,
	KIND_CHOICE, KIND_REF, KIND_REFS, KIND_MEMBER, KIND_FORMULA, KIND_TOTAL,
};

/*
 * What a field holds.  Text, dates, instants, choices in `s`; numbers as counts of
 * the smallest unit, references as rows and members, several references as bits
 * over the rows of the object in `n`.
 */
struct fact {
	bool set;
	int64_t n;
	const char *s;
};

struct attribute {                      /* a declared field */
	const char *name;
	enum kind kind;
	int to;                         /* REF, REFS: the object */
	bool required, search;
	unsigned read, write;           /* roles, as bits; 0: everybody */
	int a, b;                       /* FORMULA: a * 2 + b */
	int over, via, sum;             /* TOTAL: object, its reference, summed field or -1 */
	int above;                      /* TOTAL: only of children with more than 4 in this field, or -1 */
};

struct thing {                          /* a declared object */
	const char *name;
	bool is_public;
	int owner, parent;              /* the fields of its scope, -1 */
	bool unowned_visible;
	int title;
	struct attribute fields[FIELDS];
	int n_fields;
	int first, n, room;             /* its rows, and how many more there may be */
	int board, board_sum;           /* fields of its board, -1 */
	unsigned doers;                 /* roles of its action x_do, as bits */
};

struct row {
	int object;
	int64_t id;
	bool deleted;
	int deleted_with;               /* the row whose deletion took it along, -1 */
	int64_t about;                  /* what the engine called the row of `follow` about it; 0: none */
	struct fact facts[FIELDS];
};

struct person {
	int64_t id;
	char label[24];
	int team, leader;
	unsigned roles;
	bool admin, active;
};

struct unit {                           /* a team */
	int64_t id;
	int parent, leader;
};

struct sharing {
	int64_t id;
	int row, member, team;          /* one of member and team */
	bool write, ended;
};

enum event_kind { EVENT_CREATE, EVENT_UPDATE, EVENT_DELETE, EVENT_RESTORE };
struct event {
	int64_t seq;                    /* where it stands in the feed */
	enum event_kind kind;
	int row;
	int n;                          /* fields that changed, for updates */
	int fields[CHANGED];
	struct fact old[CHANGED], now[CHANGED];
};

struct kept;
struct world {
	uint64_t seed, random;
	struct kept *texts;             /* made for its facts */
	struct unit teams[TEAMS];
	int n_teams;
	struct person members[MEMBERS];
	int64_t role_ids[ROLES], admin_id;
	struct thing things[OBJECTS];
	int grants[ROLES + 1][OBJECTS][DEEDS];
	struct row rows[ROWS];
	int n_rows;
	struct sharing shares[SHARES];
	int n_shares;
	struct event events[EVENTS];
	int n_events;
	int levels[MEMBERS][MEMBERS];   /* viewer, member: oracle_levels keeps them */
};

/* A new world.  The same seed gives the same one. */
struct world *world_new(uint64_t seed);
void world_free(struct world *w);

/* A number from 0 to n - 1. */
int world_draw(struct world *w, int n);
/* True in `percent` of 100 cases. */
bool world_chance(struct world *w, int percent);

/* New grants and new readers of hidden fields. */
void world_grant(struct world *w);
/* A value for the field, as a user might give it; unset now and then unless required. */
struct fact world_fact(struct world *w, int object, int field);
bool fact_same(struct fact a, struct fact b);

/* A living row of the object, any row at all; -1 if there is none. */
int world_row(struct world *w, int object, bool alive);
/* A word that titles may contain; one that hidden texts may contain. */
const char *world_word(struct world *w);
const char *world_hush(struct world *w);

int attribute_find(const struct thing *t, const char *name);
bool attribute_stored(const struct attribute *a);  /* neither formula nor total */

/* Its declared actions.  Everybody may look or drop who may read or delete; x_do has doers. */
enum { ACTION_LOOK, ACTION_DO, ACTION_DROP, ACTIONS };
extern const struct world_action {
	const char *name, *needs;
	enum deed deed;
} world_actions[ACTIONS];

/* All declarations as one JSON text, in memory of its own. */
char *world_declare(const struct world *w);

#endif
