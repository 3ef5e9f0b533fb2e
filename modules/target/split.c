#include "modules/target/target_inner.h"
#include "modules/target/share.h"

enum { MOST = 3000 };                   /* targets one split may make */

/* A split or balance under way.  Its tree is everybody's: parts add up whoever may see them. */
struct work {
	struct ctx *ctx;
	struct plan plan;
	struct units units;
	struct tree tree;
	const char *along, *method;
	int64_t year;                   /* of the history */
	struct pieces pieces;
	const int64_t *proposed;        /* of each of the units' members, if it goes by proposals */
	size_t made;
};

static bool load_tree(struct work *w)
{
	const struct member *me = ctx_as_system(w->ctx);
	bool ok = tree_load(w->ctx, w->plan.id, &w->tree);

	ctx_as(w->ctx, me);
	return ok;
}

static bool begin(struct ctx *ctx, int64_t id, struct work *w)
{
	struct value plan;

	*w = (struct work){ .ctx = ctx };
	return record_get(ctx, "target", id, "plan", &plan) && plan_load(ctx, value_id(plan), &w->plan) &&
	       plan_unlocked(ctx, &w->plan) && units_load(ctx, &w->units) && load_tree(w);
}

/* In proportion, in units of what the metric counts; of a ratio each part has the whole. */
static bool share_value(const struct work *w, int64_t total, const int64_t *weights, size_t n, int64_t *parts)
{
	int64_t unit = w->plan.metric->yields == TYPE_INTEGER ? 100 : 1;

	if (w->plan.metric->bottom) {
		for (size_t i = 0; i < n; i++)
			parts[i] = total;
		return true;
	}
	if (!share_out(w->ctx->mem, total / unit, weights, n, parts))
		return fail(w->ctx, ERR_INVALID, "method", "权重过大，无法计算", "The weights are too large");
	for (size_t i = 0; i < n; i++)
		parts[i] *= unit;
	return true;
}

/*
 * What a target is split into
 */

struct parts {
	struct node *list;
	size_t n, cap;
};

static struct node *add_part(struct work *w, struct parts *p, const struct node *whole)
{
	p->list = arena_grow(w->ctx->mem, p->list, &p->cap, p->n + 1, sizeof *p->list);
	p->list[p->n] = *whole;
	return &p->list[p->n++];
}

static void into_periods(struct work *w, const struct node *whole, struct parts *p)
{
	const char **periods = period_parts(w->ctx->mem, whole->period, text_eq(w->along, "quarters"));

	for (; *periods; periods++) {
		struct node *n = add_part(w, p, whole);

		n->period = *periods;
		period_read(n->period, &n->slice.from, &n->slice.to);
	}
}

static void into_units(struct work *w, const struct node *whole, struct parts *p)
{
	const struct units *u = &w->units;

	for (size_t i = 0; i < u->n_teams; i++)
		if (u->teams[i].team == whole->slice.team) {
			struct node *n = add_part(w, p, whole);

			n->slice.team = u->teams[i].id;
			n->owner = units_leader(u, n->slice.team);
		}
	for (size_t i = 0; i < u->n_members; i++)
		if (u->members[i].sells && u->members[i].team == whole->slice.team) {
			struct node *n = add_part(w, p, whole);

			n->slice.team = 0;
			n->slice.person = n->slice.keeper = n->owner = u->members[i].id;
		}
}

/* A part for each row the caller sees. */
static bool into_rows(struct work *w, const struct node *whole, const char *object, const char *where, struct parts *p)
{
	struct ctx *ctx = w->ctx;
	struct query *q;

	const char *sql = scope_sql(ctx, object,
		fmt(ctx->mem, "SELECT id, name FROM %s WHERE %s ORDER BY id LIMIT %d", object, where, MOST + 1));
	q = ctx_query(ctx, sql, (struct bind[]){ { "person", v_int(whole->slice.person) }, { 0 } });
	if (!q)
		return false;
	while (db_next(q)) {
		struct node *n = add_part(w, p, whole);

		if (text_eq(object, "product")) {
			n->slice.product = db_int(q, 0);
			n->product = arena_dup(ctx->mem, db_text(q, 1));
		} else {
			n->slice.customer = db_int(q, 0);
			n->slice.person = 0;
			n->customer = arena_dup(ctx->mem, db_text(q, 1));
		}
	}
	db_done(q);
	return true;
}

static bool find_parts(struct work *w, const struct node *whole, struct parts *p)
{
	if (text_eq(w->along, "quarters") || text_eq(w->along, "months")) {
		into_periods(w, whole, p);
		return true;
	}
	if (text_eq(w->along, "products"))
		return whole->slice.product || into_rows(w, whole, "product", "active = 1", p);
	if (whole->slice.person)
		return into_rows(w, whole, "customer", "owner = $person AND tags LIKE '%,dealer,%'", p);
	if (whole->slice.team)
		into_units(w, whole, p);
	return true;
}

/*
 * By what
 */

static int64_t history_of(const struct work *w, const struct node *n)
{
	struct slice then = n->slice;
	struct piece sum;

	period_read(period_in(w->ctx->mem, n->period, w->year), &then.from, &then.to);
	sum = pieces_sum(&w->units, &w->pieces, &then);
	return sum.top > 0 ? sum.top : 0;
}

static bool potential_of(const struct work *w, const struct node *n, int64_t *ret)
{
	struct ctx *ctx = w->ctx;

	const char *sql = scope_sql(ctx, "market_potential",
		"SELECT CAST(sum(value) AS BIGINT) FROM market_potential WHERE year = $year"
		" AND coalesce(team, 0) = $team AND coalesce(person, 0) = $person"
		" AND coalesce(customer, 0) = $customer AND coalesce(product, 0) = $product");
	return ctx_get_int(ctx, sql, (struct bind[]){
		{ "year", v_int(w->plan.year) }, { "team", v_int(n->slice.team) }, { "person", v_int(n->slice.person) },
		{ "customer", v_int(n->slice.customer) }, { "product", v_int(n->slice.product) }, { 0 } }, 0, ret);
}

/* A team's is that of its people. */
static int64_t proposed_of(const struct work *w, const struct node *n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < w->units.n_members; i++) {
		const struct unit *m = &w->units.members[i];

		if (m->id == n->slice.person || (n->slice.team && units_within(&w->units, m->team, n->slice.team)))
			sum += w->proposed[i];
	}
	return sum;
}

static bool weigh(struct work *w, const struct parts *p, int64_t *weights)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (w->proposed)
			weights[i] = proposed_of(w, &p->list[i]);
		else if (text_eq(w->method, "workdays"))
			weights[i] = period_workdays(p->list[i].slice.from, p->list[i].slice.to);
		else if (text_eq(w->method, "history"))
			weights[i] = history_of(w, &p->list[i]);
		else if (!text_eq(w->method, "potential"))
			weights[i] = 1;
		else if (!potential_of(w, &p->list[i], &weights[i]))
			return false;
		sum |= weights[i];
	}
	if (sum || !p->n || w->proposed)
		return true;
	if (text_eq(w->method, "history"))
		return fail(w->ctx, ERR_INVALID, "method", "%d 年没有可参照的数据，请换一种方法",
		            "There are no figures of %d to go by: choose another method", (int)w->year);
	return fail(w->ctx, ERR_INVALID, "method", "没有登记 %d 年的市场潜力，请先登记或换一种方法",
	            "No market potential is registered for %d: register it or choose another method", (int)w->plan.year);
}

static bool load_history(struct work *w)
{
	bool dealers = tree_has_customers(&w->tree) || text_eq(w->along, "units");
	int64_t from;
	int64_t to;

	return !text_eq(w->method, "history") ||
	       (period_read(fmt(w->ctx->mem, "%04" PRId64, w->year), &from, &to) &&
	        pieces_load(w->ctx, w->plan.metric, from, to, false, dealers ? PIECES_CUSTOMERS : PIECES_PRODUCTS, &w->pieces));
}

/* Without a word if it cannot be split this way. */
static bool split_one(struct work *w, const struct node *whole)
{
	struct parts p = { 0 };
	int64_t *weights;
	int64_t *values;

	if (!find_parts(w, whole, &p))
		return false;
	if (w->made + p.n > MOST)
		return fail(w->ctx, ERR_INVALID, "leaves", "一次最多分解出 %d 个目标，请分次进行",
		            "One split makes at most %d targets: do it in several", MOST);
	weights = arena_array(w->ctx->mem, p.n + 1, sizeof *weights);
	values = arena_array(w->ctx->mem, p.n + 1, sizeof *values);
	if (!p.n)
		return true;
	if (!weigh(w, &p, weights) || !share_value(w, whole->value, weights, p.n, values))
		return false;
	for (size_t i = 0; i < p.n; i++) {
		struct node *part = &p.list[i];

		part->value = text_eq(w->method, "hand") ? 0 : values[i];
		if (!target_make(w->ctx, &w->units, w->plan.id, whole, part, v_null(), &part->id))
			return false;
		part->path = fmt(w->ctx->mem, "%s%" PRId64 "/", *whole->path ? whole->path : "/", whole->id);
		w->made++;
		if (w->proposed && part->slice.team && !split_one(w, part))
			return false;
	}
	return true;
}

static bool has_parts(const struct tree *t, int64_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].parent == id)
			return true;
	return false;
}

static bool is_below(struct arena *mem, const struct node *n, int64_t id)
{
	return n->id == id || strstr(n->path, fmt(mem, "/%" PRId64 "/", id));
}

bool target_split(struct ctx *ctx, struct action_call *call)
{
	struct value year = action_param(call, "from_year");
	bool leaves = value_id(action_param(call, "leaves")) != 0;
	struct work w;

	if (!begin(ctx, call->id, &w))
		return false;
	w.along = action_param(call, "along").s;
	w.method = action_param(call, "method").s;
	w.year = year.kind == V_INT ? year.i : w.plan.year - 1;
	if (text_eq(w.method, "workdays") && !text_eq(w.along, "months") && !text_eq(w.along, "quarters"))
		return fail(ctx, ERR_INVALID, "method", "只有期间能按工作日分解", "Only periods are split by working days");
	if (!leaves && has_parts(&w.tree, call->id))
		return fail(ctx, ERR_INVALID, "along", "已经分解过，请先撤销分解，或分解末级",
		            "It has been split: undo that first, or split what has no parts");
	if (!load_history(&w))
		return false;
	for (size_t i = 0; i < w.tree.n; i++) {
		const struct node *n = &w.tree.nodes[i];

		if (is_below(ctx->mem, n, call->id) && !has_parts(&w.tree, n->id) && !split_one(&w, n))
			return false;
	}
	return w.made || fail(ctx, ERR_INVALID, "along", "没有可以这样分解的下级",
	                      "There is nothing to split it into in this way");
}

/*
 * Balance
 */

static bool set_value(struct work *w, const struct node *n, int64_t value);

/* The parts of a target, but one, add up to this. */
static bool rescale(struct work *w, int64_t whole, int64_t keep, int64_t total)
{
	const struct node **parts = arena_array(w->ctx->mem, w->tree.n + 1, sizeof *parts);
	int64_t *weights = arena_array(w->ctx->mem, w->tree.n + 1, sizeof *weights);
	int64_t *values = arena_array(w->ctx->mem, w->tree.n + 1, sizeof *values);
	size_t n = 0;

	for (size_t i = 0; i < w->tree.n; i++)
		if (w->tree.nodes[i].parent == whole && w->tree.nodes[i].id != keep) {
			parts[n] = &w->tree.nodes[i];
			weights[n++] = w->tree.nodes[i].value;
		}
	if (!n)
		return true;
	if (!share_value(w, total, weights, n, values))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!set_value(w, parts[i], values[i]))
			return false;
	return true;
}

static bool set_value(struct work *w, const struct node *n, int64_t value)
{
	if (value == n->value)
		return true;
	return record_update(w->ctx, "target", n->id, (struct cell[]){ { "value", v_int(value) }, { 0 } }) &&
	       rescale(w, n->id, 0, value);
}

static bool balance(struct work *w, const struct node *whole, const struct node *keep)
{
	int64_t total = whole->value;

	if (keep && !w->plan.metric->bottom)
		total -= keep->value;
	if (total < 0)
		return fail(w->ctx, ERR_INVALID, "keep", "保留的部分大于目标值", "The part that stays is more than the whole");

	const struct member *me = ctx_as_system(w->ctx);
	bool ok = rescale(w, whole->id, keep ? keep->id : 0, total);

	ctx_as(w->ctx, me);
	return ok;
}

bool target_balance(struct ctx *ctx, struct action_call *call)
{
	const char *how = action_param(call, "how").s;
	const struct node *keep;
	const struct node *whole;
	int64_t sum = 0;
	struct work w;

	if (!begin(ctx, call->id, &w))
		return false;
	whole = tree_node(&w.tree, call->id);
	keep = tree_node(&w.tree, value_id(action_param(call, "keep")));
	if (!has_parts(&w.tree, call->id))
		return fail(ctx, ERR_INVALID, NULL, "还没有分解", "It has no parts");
	if (text_eq(how, "others") && (!keep || keep->parent != call->id))
		return fail(ctx, ERR_INVALID, "keep", "请选择要保留的下级目标", "Choose the part that stays");
	if (!text_eq(how, "up"))
		return balance(&w, whole, text_eq(how, "others") ? keep : NULL);
	if (w.plan.metric->bottom)
		return fail(ctx, ERR_INVALID, "how", "比率不能相加", "Ratios do not add up");
	for (size_t i = 0; i < w.tree.n; i++)
		if (w.tree.nodes[i].parent == call->id)
			sum += w.tree.nodes[i].value;
	return record_update(ctx, "target", call->id, (struct cell[]){ { "value", v_int(sum) }, { 0 } });
}

static bool delete_parts(struct work *w, int64_t id)
{
	const struct member *me = ctx_as_system(w->ctx);
	bool ok = true;

	for (size_t i = 0; ok && i < w->tree.n; i++)
		if (w->tree.nodes[i].parent == id)
			ok = record_delete(w->ctx, "target", w->tree.nodes[i].id, 0);
	ctx_as(w->ctx, me);
	return ok;
}

bool target_clear(struct ctx *ctx, struct action_call *call)
{
	struct work w;

	return begin(ctx, call->id, &w) && delete_parts(&w, call->id);
}

/*
 * What history proposes, taken
 */

/* What history proposes to each who sells in the team.  Whom the caller does not see would get nothing. */
static bool load_proposed(struct work *w, const struct past *past, int64_t team)
{
	int64_t *proposed = arena_array(w->ctx->mem, w->units.n_members + 1, sizeof *proposed);
	size_t seen = 0;

	for (size_t i = 0; i < w->units.n_members; i++) {
		const struct unit *m = &w->units.members[i];
		struct proposal one;

		if (!m->sells || !units_within(&w->units, m->team, team))
			continue;
		while (seen < past->n_people && past->people[seen] < m->id)
			seen++;
		if (seen == past->n_people || past->people[seen] != m->id)
			return fail(w->ctx, ERR_DENIED, "team", "您看不到“%s”的数字，请选择您看得到全体成员的团队",
			            "You do not see the figures of \"%s\": choose a team all of whose people you see", m->label);
		if (!past_propose(w->ctx, past, &(struct slice){ .person = m->id }, &one))
			return false;
		proposed[i] = one.value.kind == V_INT ? one.value.i : 0;
	}
	w->proposed = proposed;
	return true;
}

/* The target of the corner and the smallest around it (0: none); what else lies in it would count twice. */
static bool find_corner(struct work *w, const struct slice *s, const struct node **ret, const struct node **ret_around)
{
	struct slice days = { .from = s->from, .to = s->to, .team = s->team };

	*ret = *ret_around = NULL;
	for (size_t i = 0; i < w->tree.n; i++) {
		const struct node *n = &w->tree.nodes[i];

		if (slice_within(&w->units, &days, &n->slice) && slice_within(&w->units, &n->slice, &days))
			*ret = n;
		else if (slice_within(&w->units, &days, &n->slice) &&
		         (!*ret_around || strlen(n->path) >= strlen((*ret_around)->path)))
			*ret_around = n;
	}
	for (size_t i = 0; i < w->tree.n; i++) {
		const struct node *n = &w->tree.nodes[i];

		if (slice_within(&w->units, &n->slice, &days) && (!*ret || !is_below(w->ctx->mem, n, (*ret)->id)))
			return fail(w->ctx, ERR_INVALID, "month", "“%s”已按别的方式分解到这个月，请先撤销那个分解",
			            "\"%s\" is of this month already, split in another way: undo that split first",
			            slice_label(w->ctx, &w->units, n, true, true));
	}
	return true;
}

static bool set_corner(struct work *w, struct node *n)
{
	const struct node *corner;
	const struct node *around;

	if (!find_corner(w, &n->slice, &corner, &around))
		return false;
	if (corner) {
		n->id = corner->id;
		n->path = corner->path;
		return record_update(w->ctx, "target", n->id, (struct cell[]){ { "value", v_int(n->value) }, { 0 } }) &&
		       delete_parts(w, n->id);
	}
	if (around)
		n->path = fmt(w->ctx->mem, "%s%" PRId64 "/", *around->path ? around->path : "/", around->id);
	return target_may_set(w->ctx, w->plan.id, around ? around->id : 0) &&
	       target_make(w->ctx, &w->units, w->plan.id, around, n, v_null(), &n->id);
}

bool target_accept(struct ctx *ctx, struct action_call *call)
{
	struct work w = { .ctx = ctx, .along = "units", .method = "proposal" };
	struct node n = { .path = "", .slice.team = value_id(action_param(call, "team")) };
	struct proposal whole;
	struct past past;

	if (!plan_open(ctx, call->id, &w.plan) || !market_metric(ctx, w.plan.metric->name, &w.plan.metric) ||
	    !units_load(ctx, &w.units) || !load_tree(&w) ||
	    !past_open(ctx, w.plan.metric, &w.units, action_param(call, "month"), &past))
		return false;
	n.period = past.name;
	n.owner = units_leader(&w.units, n.slice.team);
	period_read(n.period, &n.slice.from, &n.slice.to);
	if (date_ymd(past.month).year != w.plan.year)
		return fail(ctx, ERR_INVALID, "month", "这个方案是 %d 年的", "This plan is for %d", (int)w.plan.year);
	if (!load_proposed(&w, &past, n.slice.team) || !past_propose(ctx, &past, &n.slice, &whole))
		return false;
	if (whole.value.kind != V_INT)
		return fail(ctx, ERR_INVALID, "month", "%s", "%s", proposal_hint(ctx));
	n.value = w.plan.metric->yields == TYPE_INTEGER ? (whole.value.i + 50) / 100 * 100 : whole.value.i;
	if (!set_corner(&w, &n) || !split_one(&w, &n))
		return false;
	jw_object(call->out);
	jw_key(call->out, "id");
	jw_id(call->out, w.plan.id);
	jw_key(call->out, "target");
	jw_id(call->out, n.id);
	jw_object_end(call->out);
	call->answered = true;
	return true;
}
