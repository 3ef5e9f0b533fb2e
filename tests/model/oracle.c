#include "tests/model/oracle.h"

#include <string.h>

/*
 * Reach
 */

int oracle_reach(const struct world *w, int me, int object, enum deed deed)
{
	const struct person *p = &w->members[me];
	int widest = w->grants[EVERY_ROLE][object][deed];

	if (p->admin)
		return ALL;
	for (int r = 0; r < ROLES; r++)
		if ((p->roles & 1u << r) && w->grants[r][object][deed] > widest)
			widest = w->grants[r][object][deed];
	return widest;
}

static bool has_role(const struct world *w, int me, unsigned roles)
{
	return roles == 0 || w->members[me].admin || (w->members[me].roles & roles) != 0;
}

/* T: the member's team and every team whose leader they are. */
static bool in_t(const struct world *w, int me, int team)
{
	return team >= 0 && (w->members[me].team == team || w->teams[team].leader == me);
}

static bool below_t(const struct world *w, int me, int team)
{
	for (int up = team < 0 ? -1 : w->teams[team].parent; up >= 0; up = w->teams[up].parent)
		if (in_t(w, me, up))
			return true;
	return false;
}

void oracle_levels(struct world *w)
{
	for (int me = 0; me < MEMBERS; me++) {
		bool second[MEMBERS];
		bool more = true;

		for (int m = 0; m < MEMBERS; m++)
			second[m] = below_t(w, me, w->members[m].team);
		while (more) {
			more = false;
			for (int m = 0; m < MEMBERS; m++) {
				int leader = w->members[m].leader;

				if (!second[m] && leader >= 0 && second[leader])
					more = second[m] = true;
			}
		}
		for (int m = 0; m < MEMBERS; m++) {
			if (m == me)
				w->levels[me][m] = 0;
			else if (in_t(w, me, w->members[m].team) || w->members[m].leader == me)
				w->levels[me][m] = 1;
			else
				w->levels[me][m] = second[m] ? 2 : 3;
		}
	}
}

/* Does what belongs to this member (-1: to nobody) lie within the reach? */
static bool within(const struct world *w, int me, int reach, int holder)
{
	if (reach == ALL)
		return true;
	if (reach == NONE || holder < 0)
		return false;
	return w->levels[me][holder] <= reach - OWN;
}

/*
 * Whose is a row
 */

static int fact_row(const struct world *w, int row, int field)
{
	const struct fact *f = &w->rows[row].facts[field];

	return f->set ? (int)f->n : -1;
}

/* The member in its scope field or, without one, its parent's holder. */
static int holder(const struct world *w, int row)
{
	const struct thing *t = &w->things[w->rows[row].object];
	int own = t->owner < 0 ? -1 : fact_row(w, row, t->owner);
	int parent = t->parent < 0 ? -1 : fact_row(w, row, t->parent);

	if (own >= 0)
		return own;
	return parent < 0 ? -1 : holder(w, parent);
}

static bool shared(const struct world *w, int me, int row, bool write)
{
	for (int i = 0; i < w->n_shares; i++) {
		const struct sharing *s = &w->shares[i];

		if (s->row != row || s->ended || (write && !s->write))
			continue;
		if (s->member == me || (s->team >= 0 && s->team == w->members[me].team))
			return true;
	}
	return false;
}

static int narrower(int a, int b)
{
	return a < b ? a : b;
}

static bool reached(const struct world *w, int me, int row, enum deed deed, int reach);

/* The way through the parent. */
static bool by_parent(const struct world *w, int me, int row, enum deed deed, int reach)
{
	const struct thing *t = &w->things[w->rows[row].object];
	int parent = fact_row(w, row, t->parent);
	int to = t->fields[t->parent].to;
	const struct thing *above = &w->things[to];
	int through = oracle_reach(w, me, to, DEED_READ);

	if (deed != DEED_READ)
		through = narrower(through, reach);
	if (through == NONE)
		return false;
	/* Without a parent it is held by its own member. */
	if (parent < 0)
		return holder(w, row) >= 0 && within(w, me, through, holder(w, row));
	/* A child of an object that has both ways goes as its parent goes. */
	if (above->owner >= 0 && above->parent >= 0)
		return reached(w, me, parent, deed, through);
	if (holder(w, parent) < 0 && above->unowned_visible && deed == DEED_READ)
		return true;
	/* A shared parent is like an own one. */
	if (shared(w, me, parent, deed != DEED_READ && deed != DEED_EXPORT))
		return true;
	return within(w, me, through, holder(w, parent));
}

/* Is the row within `reach`, one way or the other? */
static bool reached(const struct world *w, int me, int row, enum deed deed, int reach)
{
	const struct thing *t = &w->things[w->rows[row].object];

	if (reach == NONE)
		return false;
	if (t->is_public)
		return reach == ALL;
	if (shared(w, me, row, deed != DEED_READ && deed != DEED_EXPORT))
		return true;
	if (t->owner >= 0) {
		int owner = fact_row(w, row, t->owner);

		if (within(w, me, reach, owner))
			return true;
		if (owner < 0 && t->unowned_visible && deed == DEED_READ)
			return true;
	}
	return t->parent >= 0 && by_parent(w, me, row, deed, reach);
}

bool oracle_may(const struct world *w, int me, int row, enum deed deed)
{
	int reach = oracle_reach(w, me, w->rows[row].object, deed);

	return w->members[me].admin || reached(w, me, row, deed, reach);
}

bool oracle_sees(const struct world *w, int me, int row)
{
	return !w->rows[row].deleted && oracle_may(w, me, row, DEED_READ);
}

/*
 * Fields
 */

bool oracle_field(const struct world *w, int me, int object, int field)
{
	const struct attribute *a = &w->things[object].fields[field];

	if (!has_role(w, me, a->read))
		return false;
	if (a->kind == KIND_FORMULA)
		return oracle_field(w, me, object, a->a) && oracle_field(w, me, object, a->b);
	if (a->kind == KIND_TOTAL)
		return oracle_reach(w, me, a->over, DEED_READ) != NONE &&
		       (a->sum < 0 || oracle_field(w, me, a->over, a->sum)) &&
		       (a->above < 0 || oracle_field(w, me, a->over, a->above));
	return true;
}

bool oracle_field_write(const struct world *w, int me, int object, int field)
{
	const struct attribute *a = &w->things[object].fields[field];

	return oracle_field(w, me, object, field) && a->kind != KIND_FORMULA &&
	       a->kind != KIND_TOTAL && has_role(w, me, a->write);
}

bool oracle_action(const struct world *w, int me, int object, int action)
{
	return oracle_reach(w, me, object, world_actions[action].deed) != NONE &&
	       has_role(w, me, action == ACTION_DO ? w->things[object].doers : 0);
}

/* Children the member sees, counted or summed. */
static struct fact total(const struct world *w, int me, int row, const struct attribute *a)
{
	const struct thing *t = &w->things[a->over];
	struct fact sum = { .set = true };

	for (int i = t->first; i < t->first + t->n; i++) {
		if (fact_row(w, i, a->via) != row || !oracle_sees(w, me, i))
			continue;
		if (a->above >= 0 && (!w->rows[i].facts[a->above].set || w->rows[i].facts[a->above].n <= 4))
			continue;
		if (a->sum < 0)
			sum.n++;
		else if (w->rows[i].facts[a->sum].set)
			sum.n += w->rows[i].facts[a->sum].n;
	}
	return sum;
}

struct fact oracle_value(const struct world *w, int me, int row, int field)
{
	const struct attribute *a = &w->things[w->rows[row].object].fields[field];

	if (!oracle_field(w, me, w->rows[row].object, field))
		return (struct fact){ 0 };
	if (a->kind == KIND_TOTAL)
		return total(w, me, row, a);
	if (a->kind == KIND_FORMULA) {
		struct fact x = w->rows[row].facts[a->a];
		struct fact y = w->rows[row].facts[a->b];

		if (!x.set || !y.set)
			return (struct fact){ 0 };
		return (struct fact){ .set = true, .n = x.n * 2 + y.n };
	}
	return w->rows[row].facts[field];
}

const char *oracle_label(const struct world *w, int me, int row)
{
	int object = w->rows[row].object;
	struct fact title;

	if (!oracle_sees(w, me, row))
		return NULL;
	title = oracle_value(w, me, row, w->things[object].title);
	return title.set ? title.s : NULL;
}

/*
 * Lists
 */

int oracle_order(struct fact a, struct fact b)
{
	if (!a.set || !b.set)
		return a.set - b.set;
	if (a.s && b.s)
		return strcmp(a.s, b.s);
	return (a.n > b.n) - (a.n < b.n);
}

static bool equals(const struct attribute *a, struct fact have, struct fact want, int first)
{
	if (a->kind == KIND_REFS)       /* bits over the rows of its object */
		return (have.n >> (want.n - first) & 1) != 0;
	return oracle_order(have, want) == 0;
}

static bool test(const struct world *w, const struct attribute *a, struct fact have,
                 const struct where *c)
{
	int first = a->kind == KIND_REFS ? w->things[a->to].first : 0;
	int order = have.set ? oracle_order(have, c->values[0]) : 0;

	if (c->test == TEST_NULL)
		return !have.set;
	if (!have.set)
		return c->test == TEST_NE;
	switch (c->test) {
	case TEST_EQ:
		return equals(a, have, c->values[0], first);
	case TEST_NE:
		return !equals(a, have, c->values[0], first);
	case TEST_LT:
		return order < 0;
	case TEST_LTE:
		return order <= 0;
	case TEST_GT:
		return order > 0;
	case TEST_GTE:
		return order >= 0;
	case TEST_IN:
		for (int i = 0; i < c->n_values; i++)
			if (equals(a, have, c->values[i], first))
				return true;
		return false;
	case TEST_LIKE:
		return strstr(have.s, c->values[0].s) != NULL;
	case TEST_NULL:
	case TEST_NOTNULL:
		break;
	}
	return true;
}

static bool holds(const struct world *w, int me, int row, const struct where *c)
{
	if (!c)
		return true;
	switch (c->kind) {
	case WHERE_ALL:
		return holds(w, me, row, c->a) && holds(w, me, row, c->b);
	case WHERE_ANY:
		return holds(w, me, row, c->a) || holds(w, me, row, c->b);
	case WHERE_NOT:
		return !holds(w, me, row, c->a);
	case WHERE_TEST:
		break;
	}

	int object = w->rows[row].object;
	int at = row;

	/* A record the member may not read is as good as none, and passes no test. */
	if (c->via >= 0) {
		struct fact link = oracle_value(w, me, row, c->via);

		object = w->things[object].fields[c->via].to;
		at = link.set && oracle_sees(w, me, (int)link.n) ? (int)link.n : -1;
	}
	return at >= 0 &&
	       test(w, &w->things[object].fields[c->field], oracle_value(w, me, at, c->field), c);
}

static bool unknown(const struct world *w, int me, int object, const struct where *c)
{
	if (!c)
		return false;
	if (c->kind != WHERE_TEST)
		return unknown(w, me, object, c->a) || unknown(w, me, object, c->b);
	if (c->via < 0)
		return !oracle_field(w, me, object, c->field);

	int to = w->things[object].fields[c->via].to;

	return !oracle_field(w, me, object, c->via) || oracle_reach(w, me, to, DEED_READ) == NONE ||
	       !oracle_field(w, me, to, c->field);
}

bool oracle_unknown(const struct world *w, int me, const struct wish *q)
{
	for (int i = 0; i < 2; i++)
		if (q->sort[i] >= 0 && !oracle_field(w, me, q->object, q->sort[i]))
			return true;
	return unknown(w, me, q->object, q->where);
}

bool oracle_found(const struct world *w, int me, int row, const char *word)
{
	const struct thing *t = &w->things[w->rows[row].object];

	for (int f = 0; f < t->n_fields; f++) {
		struct fact have = oracle_value(w, me, row, f);

		if ((f == t->title || t->fields[f].search) && have.set && strstr(have.s, word))
			return true;
	}
	return false;
}

static bool listed(const struct world *w, int me, const struct wish *q, int row)
{
	if (w->rows[row].deleted != q->deleted || !oracle_may(w, me, row, DEED_READ))
		return false;
	if (q->exporting && !oracle_may(w, me, row, DEED_EXPORT))
		return false;
	if (q->words && !oracle_found(w, me, row, q->words))
		return false;
	return holds(w, me, row, q->where);
}

/* Is row x before row y?  Equal ones: the older or newer first, as the last order runs. */
static bool before(const struct world *w, int me, const struct wish *q, int x, int y)
{
	bool down = true;

	for (int i = 0; i < 2 && q->sort[i] >= 0; i++) {
		int order = oracle_order(oracle_value(w, me, x, q->sort[i]),
		                         oracle_value(w, me, y, q->sort[i]));

		down = q->down[i];
		if (order != 0)
			return down ? order > 0 : order < 0;
	}
	return down ? w->rows[x].id > w->rows[y].id : w->rows[x].id < w->rows[y].id;
}

int oracle_list(const struct world *w, int me, const struct wish *q, int *ret)
{
	const struct thing *t = &w->things[q->object];
	int n = 0;

	for (int row = t->first; row < t->first + t->n; row++) {
		if (!listed(w, me, q, row))
			continue;

		int at = n++;

		while (at > 0 && before(w, me, q, row, ret[at - 1])) {
			ret[at] = ret[at - 1];
			at--;
		}
		ret[at] = row;
	}
	return n;
}

int oracle_summary(const struct world *w, int me, const struct wish *q, const int keys[2], int sum,
                   struct heap *ret)
{
	static int rows[ROWS];
	int n = oracle_list(w, me, q, rows);
	int heaps = 0;

	for (int i = 0; i < n; i++) {
		struct fact value = sum < 0 ? (struct fact){ 0 } : oracle_value(w, me, rows[i], sum);
		struct heap new = { .count = 0 };
		int at = 0;

		for (int k = 0; k < 2; k++)
			if (keys[k] >= 0)
				new.keys[k] = oracle_value(w, me, rows[i], keys[k]);
		while (at < heaps && (oracle_order(ret[at].keys[0], new.keys[0]) != 0 ||
		                      oracle_order(ret[at].keys[1], new.keys[1]) != 0))
			at++;
		if (at == heaps)
			ret[heaps++] = new;
		ret[at].count++;
		if (value.set) {
			ret[at].sum.set = true;
			ret[at].sum.n += value.n;
		}
	}
	return heaps;
}

/*
 * Numbers, events
 */

bool oracle_gauged(const struct world *w, int me, const struct gauge *g)
{
	return oracle_reach(w, me, g->object, DEED_READ) != NONE &&
	       oracle_field(w, me, g->object, g->on) && oracle_field(w, me, g->object, g->by) &&
	       (g->sum < 0 || oracle_field(w, me, g->object, g->sum)) &&
	       (g->kind < 0 || oracle_field(w, me, g->object, g->kind)) &&
	       (g->split < 0 || oracle_field(w, me, g->object, g->split));
}

/* All records of the people within reach count, visible or not. */
int64_t oracle_gauge(const struct world *w, int me, const struct gauge *g, const char *from,
                     const char *to, int person)
{
	const struct thing *t = &w->things[g->object];
	int reach = oracle_reach(w, me, g->object, DEED_READ);
	int64_t sum = 0;

	for (int row = t->first; row < t->first + t->n; row++) {
		const struct fact *facts = w->rows[row].facts;
		int by = fact_row(w, row, g->by);

		if (w->rows[row].deleted || !within(w, me, reach, by) || !facts[g->on].set)
			continue;
		if (strcmp(facts[g->on].s, from) < 0 || strcmp(facts[g->on].s, to) > 0)
			continue;
		if (g->kind >= 0 && (!facts[g->kind].set || strcmp(facts[g->kind].s, g->is) != 0))
			continue;
		if (g->split >= 0 && !fact_same(facts[g->split], g->at))
			continue;
		if (person == ALL_PERSONS ? by < 0 : person >= 0 && by != person)
			continue;
		sum += g->sum < 0 ? 1 : facts[g->sum].set ? facts[g->sum].n : 0;
	}
	return sum;
}

bool oracle_event(const struct world *w, int me, const struct event *e)
{
	return oracle_may(w, me, e->row, DEED_READ);
}

/*
 * Writes
 */

static bool acceptable(const struct world *w, int me, int object, const struct wanted *v)
{
	for (int i = 0; i < v->n; i++) {
		const struct attribute *a = &w->things[object].fields[v->fields[i]];

		if (!oracle_field_write(w, me, object, v->fields[i]))
			return false;
		if (a->required && !v->values[i].set)
			return false;
		if (a->kind == KIND_REF && v->values[i].set && !oracle_sees(w, me, (int)v->values[i].n))
			return false;
		for (int k = 0; a->kind == KIND_REFS && k < w->things[a->to].n; k++)
			if ((v->values[i].n >> k & 1) && !oracle_sees(w, me, w->things[a->to].first + k))
				return false;
	}
	return true;
}

/* May the member do this to the row as it would become? */
static bool lands(struct world *w, int me, int row, enum deed deed, const struct wanted *v)
{
	struct row kept = w->rows[row];
	bool may;

	for (int i = 0; i < v->n; i++)
		w->rows[row].facts[v->fields[i]] = v->values[i];
	may = oracle_may(w, me, row, deed);
	w->rows[row] = kept;
	return may;
}

enum verdict oracle_update(struct world *w, int me, int row, const struct wanted *v)
{
	if (!oracle_sees(w, me, row))
		return VERDICT_MISSING;
	if (!oracle_may(w, me, row, DEED_UPDATE))
		return VERDICT_DENIED;
	if (!acceptable(w, me, w->rows[row].object, v))
		return VERDICT_INVALID;
	return lands(w, me, row, DEED_UPDATE, v) ? VERDICT_DONE : VERDICT_DENIED;
}

static enum verdict on_row(const struct world *w, int me, int row, enum deed deed)
{
	if (!oracle_sees(w, me, row))
		return VERDICT_MISSING;
	return oracle_may(w, me, row, deed) ? VERDICT_DONE : VERDICT_DENIED;
}

enum verdict oracle_delete(const struct world *w, int me, int row)
{
	return on_row(w, me, row, DEED_DELETE);
}

/* Whoever may change a record may share it, and end that. */
enum verdict oracle_share(const struct world *w, int me, int row)
{
	return on_row(w, me, row, DEED_UPDATE);
}

enum verdict oracle_unshare(const struct world *w, int me, int row, int share)
{
	enum verdict v = on_row(w, me, row, DEED_UPDATE);

	if (v == VERDICT_DONE && (w->shares[share].row != row || w->shares[share].ended))
		return VERDICT_MISSING;
	return v;
}

/* One record is changed, the other deleted. */
enum verdict oracle_merge(const struct world *w, int me, int row, int from)
{
	enum verdict v = on_row(w, me, row, DEED_UPDATE);

	return v == VERDICT_DONE ? on_row(w, me, from, DEED_DELETE) : v;
}

enum verdict oracle_create(struct world *w, int me, int row, const struct wanted *v)
{
	int object = w->rows[row].object;

	if (oracle_reach(w, me, object, DEED_CREATE) == NONE)
		return VERDICT_DENIED;
	if (!acceptable(w, me, object, v))
		return VERDICT_INVALID;
	return lands(w, me, row, DEED_CREATE, v) ? VERDICT_DONE : VERDICT_DENIED;
}
