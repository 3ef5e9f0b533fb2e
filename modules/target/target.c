/*
 * Target: a value per unit, period and product, in parts that add up.
 *
 * The hooks keep the tree sound: a part lies within what it is a part of, nobody sets the value of their own
 * target, and a plan that is in approval or in force does not change.  split.c divides, attain.c compares.
 */
#include "modules/target/target_inner.h"

#include <stdlib.h>

/*
 * Plans
 */

bool plan_metric(struct ctx *ctx, const char *name, const struct metric **ret)
{
	*ret = metric_named(ctx, name);
	return *ret || fail(ctx, ERR_INVALID, "metric", "没有指标“%s”，可用的指标见“分析”",
	                    "There is no metric \"%s\": see \"Analysis\" for those there are", name);
}

bool plan_load(struct ctx *ctx, int64_t id, struct plan *ret)
{
	struct value metric, year, approval;

	*ret = (struct plan){ .id = id };
	if (!record_get(ctx, "target_plan", id, "metric", &metric) ||
	    !record_get(ctx, "target_plan", id, "year", &year) ||
	    !record_get(ctx, "target_plan", id, "approval", &approval))
		return false;
	ret->year = value_id(year);
	ret->approval = approval.kind == V_TEXT ? approval.s : "";
	return plan_metric(ctx, metric.kind == V_TEXT ? metric.s : "", &ret->metric);
}

static bool refuse_locked(struct ctx *ctx, const char *approval)
{
	if (text_eq(approval, "pending"))
		return fail(ctx, ERR_INVALID, NULL, "方案在审批中，撤回后才能修改",
		            "The plan is being approved: withdraw it to change it");
	return !text_eq(approval, "approved") ||
	       fail(ctx, ERR_INVALID, NULL, "方案已生效，请建立新版本再修改",
	            "The plan is in force: make a new version to change it");
}

bool plan_unlocked(struct ctx *ctx, const struct plan *p)
{
	return refuse_locked(ctx, p->approval);
}

/* The first target whose parts add up to something else, without a word why; NULL: there is none. */
static bool unbalanced(struct ctx *ctx, int64_t plan, const char **ret)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok;

	const char *sql = scope_sql(ctx, "target",
		"SELECT p.name FROM target p JOIN target c ON c.parent = p.id WHERE p.plan = $plan AND c.plan = $plan"
		" AND coalesce(p.note, '') = '' GROUP BY p.id, p.name, p.value HAVING sum(c.value) <> p.value"
		" ORDER BY p.id LIMIT 1");
	ok = ctx_get_text(ctx, sql, (struct bind[]){ { "plan", v_int(plan) }, { 0 } }, ret);
	ctx_as(ctx, me);
	return ok;
}

/* What a plan needs before anybody approves it. */
static bool is_ready(struct ctx *ctx, int64_t id, const struct metric *m, struct value why)
{
	const char *uneven = NULL;
	int64_t root;

	if (!record_find(ctx, "target", fmt(ctx->mem, "plan=eq.%" PRId64 "&parent=is.null&value=gt.0", id), &root))
		return false;
	if (!root)
		return fail(ctx, ERR_INVALID, NULL, "方案还没有总目标", "The plan has no target yet");
	if (value_empty(why))
		return fail(ctx, ERR_INVALID, "why", "请先写明依据：目标与战略、市场的关系",
		            "Give the reason first: how the target follows from strategy and market");
	/* Parts of a ratio do not add up: each has the whole's. */
	if (m->bottom)
		return true;
	if (!unbalanced(ctx, id, &uneven))
		return false;
	return !uneven || fail(ctx, ERR_INVALID, NULL, "“%s”的下级合计与目标值不等，请平衡或写明差额说明",
	                       "The parts of \"%s\" do not add up to it: balance them, or say why they differ", uneven);
}

static bool plan_before(struct ctx *ctx, struct change *c)
{
	struct value approval = change_old(c, "approval");
	const char *now = change_new(c, "approval").kind == V_TEXT ? change_new(c, "approval").s : "";
	const struct metric *m;

	if (change_act(c) == CHANGE_DELETE)
		return refuse_locked(ctx, approval.kind == V_TEXT ? approval.s : "");
	if (change_act(c) == CHANGE_RESTORE || change_new(c, "metric").kind != V_TEXT)
		return true;
	if (!plan_metric(ctx, change_new(c, "metric").s, &m))
		return false;
	/* A target is agreed of what it counts, whatever counts as sales later. */
	if (change_has(c, "metric"))
		change_set(c, "metric", v_text(m->name));
	if (change_act(c) == CHANGE_CREATE)
		return true;
	if (change_has(c, "approval") && text_eq(now, "pending"))
		return is_ready(ctx, change_id(c), m, change_new(c, "why"));
	if (change_has(c, "approval") && text_eq(now, "approved")) {
		change_set(c, "current", v_int(1));
		change_set(c, "approved_at", v_int(ctx->now));
		return true;
	}
	if (change_has(c, "year") || change_has(c, "metric")) {
		int64_t any;

		if (!record_find(ctx, "target", fmt(ctx->mem, "plan=eq.%" PRId64, change_id(c)), &any))
			return false;
		if (any)
			return fail(ctx, ERR_INVALID, change_has(c, "year") ? "year" : "metric",
			            "已有目标的方案不能改年度和指标，请另建方案",
			            "A plan with targets keeps its year and metric: make another plan");
	}
	return change_has(c, "approval") || change_has(c, "current") ||
	       refuse_locked(ctx, approval.kind == V_TEXT ? approval.s : "");
}

/* The version in force before is no longer. */
static bool plan_after(struct ctx *ctx, struct change *c)
{
	int64_t first = value_id(change_new(c, "first"));
	const struct member *me;
	int64_t former;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "current") || !value_id(change_new(c, "current")) || !first)
		return true;
	me = ctx_as_system(ctx);
	ok = record_find(ctx, "target_plan", fmt(ctx->mem, "or=(id.eq.%" PRId64 ",first.eq.%" PRId64 ")&current=eq.true"
	                                         "&id=ne.%" PRId64, first, first, change_id(c)), &former) &&
	     (!former || record_update(ctx, "target_plan", former, (struct cell[]){ { "current", v_int(0) }, { 0 } }));
	ctx_as(ctx, me);
	return ok;
}

/* The targets again under another plan; parents come before their parts. */
static bool copy_targets(struct ctx *ctx, int64_t from, int64_t to)
{
	struct units u;
	struct tree t;
	struct node *copies;

	if (!tree_load(ctx, from, &t) || !units_load(ctx, &u))
		return false;
	copies = arena_array(ctx->mem, t.n + 1, sizeof *copies);
	for (size_t i = 0; i < t.n; i++) {
		const struct node *parent = t.nodes[i].parent ? tree_node(&t, t.nodes[i].parent) : NULL;
		const struct node *above = parent ? &copies[parent - t.nodes] : NULL;
		struct value note;

		copies[i] = t.nodes[i];
		copies[i].path = above ? fmt(ctx->mem, "%s%" PRId64 "/", *above->path ? above->path : "/", above->id) : "";
		if (!record_get(ctx, "target", t.nodes[i].id, "note", &note) ||
		    !target_make(ctx, &u, to, above, &copies[i], note, &copies[i].id))
			return false;
	}
	return true;
}

static bool next_version(struct ctx *ctx, int64_t id, int64_t *ret)
{
	static const char *const same[] = { "name", "metric", "year", "why", "stretch", "owner" };
	struct cell cells[LENGTH(same) + 4] = { 0 };
	struct value first, edition;
	int64_t newest;
	bool ok;

	if (!record_get(ctx, "target_plan", id, "first", &first))
		return false;
	if (first.kind != V_INT)
		first = v_int(id);
	if (!record_find(ctx, "target_plan", fmt(ctx->mem, "or=(id.eq.%" PRId64 ",first.eq.%" PRId64 ")&sort=-edition",
	                                         first.i, first.i), &newest))
		return false;
	if (newest != id)
		return fail(ctx, ERR_CONFLICT, NULL, "已有更新的版本，请在最新版本上修改",
		            "There is a later version: go on from that one");
	for (size_t i = 0; i < LENGTH(same); i++) {
		cells[i].name = same[i];
		if (!record_get(ctx, "target_plan", id, same[i], &cells[i].value))
			return false;
	}
	if (!record_get(ctx, "target_plan", id, "edition", &edition))
		return false;
	cells[LENGTH(same)] = (struct cell){ "first", first };
	cells[LENGTH(same) + 1] = (struct cell){ "edition", v_int(value_id(edition) + 1) };
	if (!record_create(ctx, "target_plan", cells, ret))
		return false;

	/* A version is the whole plan, whoever may see which part of it. */
	const struct member *me = ctx_as_system(ctx);

	ok = copy_targets(ctx, id, *ret);
	ctx_as(ctx, me);
	return ok;
}

static bool revise(struct ctx *ctx, struct action_call *call)
{
	struct value approval;
	int64_t made;

	if (!record_get(ctx, "target_plan", call->id, "approval", &approval))
		return false;
	if (!value_is(approval, "approved"))
		return fail(ctx, ERR_INVALID, NULL, "方案还没有生效，可以直接修改", "The plan is not in force: change it as it is");
	if (!next_version(ctx, call->id, &made))
		return false;
	action_answer(call, "id", made);
	return true;
}

bool plan_open(struct ctx *ctx, int64_t id, struct plan *ret)
{
	if (!plan_load(ctx, id, ret))
		return false;
	if (text_eq(ret->approval, "approved"))
		return next_version(ctx, id, &id) && plan_load(ctx, id, ret);
	return plan_unlocked(ctx, ret);
}

/*
 * Targets
 */

static struct slice slice_of(const struct change *c)
{
	struct slice s = {
		.team = value_id(change_new(c, "team")), .person = value_id(change_new(c, "person")),
		.customer = value_id(change_new(c, "customer")), .product = value_id(change_new(c, "product")),
	};
	struct value period = change_new(c, "period");

	if (period.kind != V_TEXT || !period_read(period.s, &s.from, &s.to))
		s.from = s.to = 0;
	return s;
}

static bool check_shape(struct ctx *ctx, const struct slice *s, const struct plan *p, int64_t value)
{
	struct ymd year = date_ymd(s->from);

	if (!s->to)
		return fail(ctx, ERR_INVALID, "period", "期间写作 2026、2026-Q3 或 2026-07",
		            "Write periods as 2026, 2026-Q3 or 2026-07");
	if (year.year != p->year)
		return fail(ctx, ERR_INVALID, "period", "这个方案是 %d 年的", "This plan is for %d", (int)p->year);
	if ((s->team != 0) + (s->person != 0) + (s->customer != 0) != 1)
		return fail(ctx, ERR_INVALID, "team", "请选择团队、个人或经销商之一", "Choose a team, a person or a dealer: one of them");
	if (p->metric->yields == TYPE_INTEGER && value % 100)
		return fail(ctx, ERR_INVALID, "value", "%s是整数", "%s is a whole number",
		            label_in(p->metric->label, ctx->me->language));
	return true;
}

/* Whose target it is: the person, the leader of the team, the dealer's representative. */
static bool owner_of(struct ctx *ctx, const struct units *u, struct slice *s, int64_t *ret)
{
	struct value owner = v_null();

	*ret = s->person ? s->person : s->team ? units_leader(u, s->team) : 0;
	if (!s->customer)
		return true;
	if (!record_get(ctx, "customer", s->customer, "owner", &owner))
		return false;
	*ret = s->keeper = value_id(owner);
	return true;
}

static bool check_parent(struct ctx *ctx, const struct units *u, const struct slice *s, int64_t plan,
                         int64_t parent, const char **ret_path, int64_t *ret_home)
{
	struct tree t = { 0 };
	struct value its_plan, path;
	struct query *q;

	const char *sql = scope_sql(ctx, "target customer product",
		"SELECT " TREE_COLUMNS " FROM target t LEFT JOIN customer c ON c.id = t.customer"
		" LEFT JOIN product pr ON pr.id = t.product WHERE t.id = $id");
	q = ctx_query(ctx, sql, (struct bind[]){ { "id", v_int(parent) }, { 0 } });
	if (!q)
		return false;
	if (db_next(q))
		tree_read(ctx, q, &t);
	db_done(q);
	if (!t.n || !record_get(ctx, "target", parent, "plan", &its_plan) ||
	    !record_get(ctx, "target", parent, "path", &path))
		return fail(ctx, ERR_MISSING, "parent", "上级目标不存在", "There is no such target above");
	if (value_id(its_plan) != plan)
		return fail(ctx, ERR_INVALID, "parent", "上级目标属于另一个方案", "The target above belongs to another plan");
	if (!slice_within(u, s, &t.nodes[0].slice))
		return fail(ctx, ERR_INVALID, "parent", "不在上级目标的期间、单位或产品之内",
		            "It is not within the period, unit or product of the target above");
	*ret_path = fmt(ctx->mem, "%s%" PRId64 "/", path.kind == V_TEXT ? path.s : "/", parent);
	*ret_home = target_home(&t.nodes[0]);
	return true;
}

/* The same corner twice would count twice. */
static bool refuse_twin(struct ctx *ctx, const struct change *c, const struct slice *s, int64_t plan)
{
	const struct { const char *name; int64_t id; } refs[] = {
		{ "team", s->team }, { "person", s->person }, { "customer", s->customer }, { "product", s->product } };
	const struct member *me = ctx_as_system(ctx);
	struct text query;
	int64_t twin;
	bool ok;

	text_init(&query, ctx->mem);
	text_addf(&query, "plan=eq.%" PRId64 "&period=eq.%s&id=ne.%" PRId64, plan, change_new(c, "period").s, change_id(c));
	for (size_t i = 0; i < LENGTH(refs); i++)
		if (refs[i].id)
			text_addf(&query, "&%s=eq.%" PRId64, refs[i].name, refs[i].id);
		else
			text_addf(&query, "&%s=is.null", refs[i].name);
	ok = record_find(ctx, "target", query.s, &twin);
	ctx_as(ctx, me);
	return ok && (!twin || fail(ctx, ERR_INVALID, "period", "这个期间、单位和产品在方案中已有目标",
	                            "The plan has a target for this period, unit and product already"));
}

bool target_may_set(struct ctx *ctx, int64_t plan, int64_t parent)
{
	bool may = true;

	if (ctx->me->system)
		return true;
	if (!scope_row(ctx, schema_object(ctx->schema, parent ? "target" : "target_plan"), parent ? parent : plan,
	               ACT_UPDATE, &may))
		return false;
	return may || fail(ctx, ERR_DENIED, "value", "目标值由上级目标的责任人设定",
	                   "The value is set by whoever answers for the target above");
}

static bool derive(struct ctx *ctx, struct change *c, const struct plan *p)
{
	struct slice s = slice_of(c);
	int64_t parent = value_id(change_new(c, "parent"));
	const char *path = NULL;
	struct node n = { 0 };
	struct units u;
	struct value title = v_null();

	if (!check_shape(ctx, &s, p, value_id(change_new(c, "value"))) || !units_load(ctx, &u) ||
	    !owner_of(ctx, &u, &s, &n.owner) ||
	    (parent && !check_parent(ctx, &u, &s, p->id, parent, &path, &s.home)) || !refuse_twin(ctx, c, &s, p->id))
		return false;
	if (s.customer && !record_get(ctx, "customer", s.customer, "name", &title))
		return false;
	n.customer = title.kind == V_TEXT ? title.s : NULL;
	if (s.product && !record_get(ctx, "product", s.product, "name", &title))
		return false;
	n.product = s.product && title.kind == V_TEXT ? title.s : NULL;
	n.slice = s;
	n.period = change_new(c, "period").s;
	change_set(c, "from_on", v_text(date_text(ctx->mem, s.from)));
	change_set(c, "to_on", v_text(date_text(ctx->mem, s.to)));
	change_set(c, "owner", v_id(n.owner));
	change_set(c, "path", v_text(path));
	change_set(c, "home", v_id(s.team ? 0 : s.home));
	change_set(c, "name", v_text(utf8_cut(ctx->mem, slice_label(ctx, &u, &n, true, true), 200)));
	return true;
}

int64_t target_home(const struct node *parent)
{
	return parent->slice.team ? parent->slice.team : parent->slice.home;
}

bool target_make(struct ctx *ctx, const struct units *u, int64_t plan, const struct node *parent,
                 const struct node *n, struct value note, int64_t *ret_id)
{
	const struct member *me = ctx_as_system(ctx);
	const char *path = parent ? fmt(ctx->mem, "%s%" PRId64 "/", *parent->path ? parent->path : "/", parent->id) : NULL;
	bool ok = record_create(ctx, "target", (struct cell[]){
		{ "plan", v_int(plan) }, { "parent", v_id(parent ? parent->id : 0) }, { "period", v_text(n->period) },
		{ "team", v_id(n->slice.team) }, { "person", v_id(n->slice.person) },
		{ "customer", v_id(n->slice.customer) }, { "product", v_id(n->slice.product) },
		{ "value", v_int(n->value) }, { "note", note }, { "owner", v_id(n->owner) }, { "path", v_text(path) },
		{ "home", v_id(parent && !n->slice.team ? target_home(parent) : 0) },
		{ "from_on", v_text(date_text(ctx->mem, n->slice.from)) },
		{ "to_on", v_text(date_text(ctx->mem, n->slice.to)) },
		{ "name", v_text(utf8_cut(ctx->mem, slice_label(ctx, u, n, true, true), 200)) }, { 0 } }, ret_id);

	ctx_as(ctx, me);
	return ok;
}

static bool delete_parts(struct ctx *ctx, int64_t id)
{
	for (;;) {
		int64_t part;

		if (!record_find(ctx, "target", fmt(ctx->mem, "parent=eq.%" PRId64, id), &part))
			return false;
		if (!part)
			return true;
		if (!record_delete(ctx, "target", part, 0))
			return false;
	}
}

static bool target_before(struct ctx *ctx, struct change *c)
{
	static const char *const corners[] = { "plan", "parent", "period", "team", "person", "customer", "product" };
	bool creates = change_act(c) == CHANGE_CREATE;
	bool moves = creates || change_act(c) == CHANGE_RESTORE;
	int64_t plan = value_id(change_new(c, "plan"));
	int64_t parent = value_id(change_new(c, "parent"));
	struct plan p;

	if (!plan || change_new(c, "value").kind != V_INT || change_new(c, "period").kind != V_TEXT)
		return true;            /* refused as required */
	if (!plan_load(ctx, plan, &p))
		return false;
	for (size_t i = 0; i < LENGTH(corners); i++)
		moves |= change_has(c, corners[i]);
	/* Only who answers for it follows the organisation, whatever the state of the plan. */
	if (change_act(c) == CHANGE_UPDATE && !moves && !change_has(c, "value") && !change_has(c, "note"))
		return true;
	if (!refuse_locked(ctx, p.approval))
		return false;
	if (change_act(c) == CHANGE_UPDATE && moves)
		return fail(ctx, ERR_INVALID, "period", "只能改目标值和差额说明；其余请删除后重建",
		            "Only value and note can be changed: delete it and make another");
	if (change_act(c) == CHANGE_DELETE) {
		const struct member *me = ctx_as_system(ctx);
		bool ok = delete_parts(ctx, change_id(c));

		ctx_as(ctx, me);
		return ok;
	}
	if (change_has(c, "value") && !target_may_set(ctx, plan, parent))
		return false;
	/* What target_make made is in order. */
	if (moves && ctx->me->system && change_new(c, "name").kind == V_TEXT) {
		struct slice s = slice_of(c);

		return refuse_twin(ctx, c, &s, plan);
	}
	if (moves)
		return derive(ctx, c, &p);
	return p.metric->yields != TYPE_INTEGER || change_new(c, "value").i % 100 == 0 ||
	       fail(ctx, ERR_INVALID, "value", "%s是整数", "%s is a whole number",
	            label_in(p.metric->label, ctx->me->language));
}

/* Targets follow who answers for them: a team's its leader, a dealer's its representative. */
static bool pass_on(struct ctx *ctx, const char *query, int64_t owner)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = true;

	for (;;) {
		int64_t id;

		ok = record_find(ctx, "target", fmt(ctx->mem, owner ? "%s&or=(owner.is.null,owner.ne.%" PRId64 ")"
		                                                    : "%s&owner=is.notnull", query, owner), &id);
		if (!ok || !id)
			break;
		ok = record_update(ctx, "target", id, (struct cell[]){ { "owner", v_id(owner) }, { 0 } });
		if (!ok)
			break;
	}
	ctx_as(ctx, me);
	return ok;
}

static bool team_after(struct ctx *ctx, struct change *c)
{
	struct units u;
	int64_t any;

	if (change_act(c) != CHANGE_UPDATE || (!change_has(c, "leader") && !change_has(c, "parent")) ||
	    !record_find(ctx, "target", "", &any) || !any)
		return ctx->kind == ERR_NONE;
	if (!units_load(ctx, &u))
		return false;
	for (size_t i = 0; i < u.n_teams; i++)
		if (units_within(&u, u.teams[i].id, change_id(c)) &&
		    !pass_on(ctx, fmt(ctx->mem, "team=eq.%" PRId64, u.teams[i].id), units_leader(&u, u.teams[i].id)))
			return false;
	return true;
}

static bool customer_after(struct ctx *ctx, struct change *c)
{
	return change_act(c) != CHANGE_UPDATE || ctx->import || !change_has(c, "owner") ||
	       pass_on(ctx, fmt(ctx->mem, "customer=eq.%" PRId64, change_id(c)), value_id(change_new(c, "owner")));
}

const struct module target_module = {
	.name = "target",
	.hooks = (const struct hook[]){
		{ "target_plan", HOOK_BEFORE, plan_before },
		{ "target_plan", HOOK_AFTER, plan_after },
		{ "target", HOOK_BEFORE, target_before },
		{ "team", HOOK_AFTER, team_after },
		{ "customer", HOOK_AFTER, customer_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "target_plan", "revise", revise },
		{ "target_plan", "accept", target_accept },
		{ "target", "split", target_split },
		{ "target", "balance", target_balance },
		{ "target", "clear", target_clear },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "target_attainment", target_attainment },
		{ "target_days", target_days },
		{ "target_span", target_span },
		{ "target_proposal", target_proposal },
		{ "target_market", target_market },
		{ "target_smart", target_smart },
		{ 0 },
	},
};
