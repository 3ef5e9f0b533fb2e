/*
 * Plan: the sales plan of a year or quarter and what it may cost (S01-01, S01-06, S01-07).
 */
#include "engine/module.h"

static bool writes(const struct change *c)
{
	return change_act(c) == CHANGE_CREATE || change_act(c) == CHANGE_UPDATE;
}

/*
 * Plans
 */

static bool has_part(struct ctx *ctx, const char *object, int64_t plan, bool *ret)
{
	int64_t id;

	if (!record_find(ctx, object, fmt(ctx->mem, "plan=eq.%" PRId64, plan), &id))
		return false;
	*ret = id != 0;
	return true;
}

static bool is_ready(struct ctx *ctx, const struct change *c)
{
	bool goals = false;

	if (value_empty(change_new(c, "strategy")))
		return fail(ctx, ERR_INVALID, "strategy", "请先写明策略", "Write down the strategy first");
	return has_part(ctx, "plan_goal", change_id(c), &goals) &&
	       (goals || fail(ctx, ERR_INVALID, NULL, "计划还没有目标", "The plan has no goal yet"));
}

static bool plan_before(struct ctx *ctx, struct change *c)
{
	struct value from = change_new(c, "from_on");
	struct value to = change_new(c, "to_on");
	bool reviews = change_has(c, "review") && !value_empty(change_new(c, "review"));

	if (!writes(c))
		return true;
	if (from.kind == V_TEXT && to.kind == V_TEXT && strcmp(from.s, to.s) > 0)
		return fail(ctx, ERR_INVALID, "to_on", "结束不能早于开始", "It cannot end before it begins");
	if (change_has(c, "approval")) {
		if (value_is(change_new(c, "approval"), "pending"))
			return is_ready(ctx, c);
		if (value_is(change_new(c, "approval"), "approved"))
			change_set(c, "state", v_text(strcmp(from.s, ctx->today) <= 0 ? "running" : "approved"));
		return true;
	}
	if (reviews && !value_is(change_old(c, "approval"), "approved"))
		return fail(ctx, ERR_INVALID, "review", "计划还没有批准执行", "The plan is not approved yet");
	if (reviews)
		change_set(c, "state", v_text("reviewed"));
	return true;
}

/* The version in force before is replaced. */
static bool plan_after(struct ctx *ctx, struct change *c)
{
	int64_t first = value_id(change_new(c, "first"));
	const struct member *me;
	int64_t former;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || !first || !change_has(c, "approval") || !value_is(change_new(c, "approval"), "approved"))
		return true;
	me = ctx_as_system(ctx);
	ok = record_find(ctx, "sales_plan", fmt(ctx->mem, "or=(id.eq.%" PRId64 ",first.eq.%" PRId64 ")&approval=eq.approved"
	                                        "&state=ne.replaced&id=ne.%" PRId64, first, first, change_id(c)), &former) &&
	     (!former || record_update(ctx, "sales_plan", former, (struct cell[]){ { "state", v_text("replaced") }, { 0 } }));
	ctx_as(ctx, me);
	return ok;
}

/* All of a plan's records of an object again under another plan. */
static bool copy_parts(struct ctx *ctx, const char *object, const char *const *fields, size_t n_fields, int64_t from, int64_t to)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, object, fmt(ctx->mem, "SELECT id FROM %s WHERE plan = $plan ORDER BY id", object)),
	             (struct bind[]){ { "plan", v_int(from) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct cell cells[16] = { { "plan", v_int(to) } };

		for (size_t k = 0; k < n_fields; k++) {
			cells[k + 1].name = fields[k];
			if (!record_get(ctx, object, ids[i], fields[k], &cells[k + 1].value))
				return false;
		}
		if (!record_create(ctx, object, cells, NULL))
			return false;
	}
	return true;
}

static bool revise(struct ctx *ctx, struct action_call *call)
{
	static const char *const same[] = { "name", "from_on", "to_on", "team", "product", "strategy", "positioning", "channels", "pricing",
	                                    "markets", "owner" };
	static const char *const goal[] = { "name", "metric", "owner", "from_on", "to_on", "wanted", "growth", "base_from", "base_to", "base" };
	static const char *const initiative[] = { "name", "owner", "due_on", "budget", "state", "done_on", "result" };
	struct cell cells[LENGTH(same) + 3] = { 0 };
	struct value approval, first, edition;
	int64_t newest, made;
	bool ok;

	if (!record_get(ctx, "sales_plan", call->id, "approval", &approval) || !record_get(ctx, "sales_plan", call->id, "first", &first) ||
	    !record_get(ctx, "sales_plan", call->id, "edition", &edition))
		return false;
	if (!value_is(approval, "approved"))
		return fail(ctx, ERR_INVALID, NULL, "计划还没有批准，可以直接修改", "The plan is not approved: change it as it is");
	if (first.kind != V_INT)
		first = v_int(call->id);
	if (!record_find(ctx, "sales_plan", fmt(ctx->mem, "or=(id.eq.%" PRId64 ",first.eq.%" PRId64 ")&sort=-edition", first.i, first.i), &newest))
		return false;
	if (newest != call->id)
		return fail(ctx, ERR_CONFLICT, NULL, "已有更新的版本，请在最新版本上修改", "There is a later version: go on from that one");
	for (size_t i = 0; i < LENGTH(same); i++) {
		cells[i].name = same[i];
		if (!record_get(ctx, "sales_plan", call->id, same[i], &cells[i].value))
			return false;
	}
	cells[LENGTH(same)] = (struct cell){ "first", first };
	cells[LENGTH(same) + 1] = (struct cell){ "edition", v_int(value_id(edition) + 1) };
	if (!record_create(ctx, "sales_plan", cells, &made))
		return false;

	const struct member *me = ctx_as_system(ctx);

	ok = copy_parts(ctx, "plan_goal", goal, LENGTH(goal), call->id, made) &&
	     copy_parts(ctx, "initiative", initiative, LENGTH(initiative), call->id, made);
	ctx_as(ctx, me);
	action_answer(call, "id", made);
	return ok;
}

static bool initiative_before(struct ctx *ctx, struct change *c)
{
	if (writes(c) && !ctx->me->system && change_has(c, "state"))
		change_set(c, "done_on", value_is(change_new(c, "state"), "done") ? v_text(ctx->today) : v_null());
	return true;
}

/*
 * Goals
 */

static bool goal_before(struct ctx *ctx, struct change *c)
{
	int64_t plan = value_id(change_new(c, "plan"));
	struct value metric = change_new(c, "metric");
	struct value growth = change_new(c, "growth");
	struct value from = change_new(c, "base_from");
	struct value to = change_new(c, "base_to");
	const struct metric *m;
	struct metric_figure base;
	int64_t wanted;

	/* With the plan its parts go. */
	if (!plan || ctx->me->system)
		return true;
	if (change_act(c) == CHANGE_DELETE || metric.kind != V_TEXT)
		return true;
	m = metric_named(ctx, metric.s);
	if (!m)
		return fail(ctx, ERR_INVALID, "metric", "没有指标“%s”，可用的指标见“分析”", "There is no metric \"%s\": see \"Analysis\" for those there are",
		            metric.s);
	if (growth.kind != V_INT) {
		change_set(c, "base", v_null());
		return change_new(c, "wanted").kind == V_INT ||
		       fail(ctx, ERR_INVALID, "wanted", "请写明做到多少，或比哪段时间增长多少", "Say how much is wanted, or how much more than in which days");
	}
	if (from.kind != V_TEXT || to.kind != V_TEXT)
		return fail(ctx, ERR_INVALID, "base_from", "增长要写明与哪段时间相比", "Growth needs the days it is against");
	if (!metric_may(ctx, m) || !metric_figure(ctx, m, from.s, to.s, 0, &base))
		return ctx->kind == ERR_NONE && fail(ctx, ERR_DENIED, "metric", "您看不到这个指标", "This metric is not for you to see");
	if (!base.known || !base.value || !int_muldiv(base.value, 10000 + growth.i, 10000, &wanted))
		return fail(ctx, ERR_INVALID, "base_from", "这段时间没有数据，无法算增长", "There are no figures of these days to grow from");
	change_set(c, "base", v_int(base.value));
	change_set(c, "wanted", v_int(wanted));
	return true;
}

struct part {
	bool initiative;
	int64_t id;
	const char *name, *who, *metric, *from, *to, *state;
	struct value base, planned, actual;
};

static const char *text_or_null(struct ctx *ctx, struct query *q, size_t column)
{
	return db_null(q, column) ? NULL : arena_dup(ctx->mem, db_text(q, column));
}

static struct value int_or_null(struct query *q, size_t column)
{
	return db_null(q, column) ? v_null() : v_int(db_int(q, column));
}

/* What is behind a part: the records its metric counts, the expenses of an initiative. */
static const char *records_of(struct ctx *ctx, const struct part *p, const struct metric *m)
{
	struct text out;

	text_init(&out, ctx->mem);
	if (p->initiative)
		text_addf(&out, "expense?initiative=eq.%" PRId64, p->id);
	else if (m && p->from && p->to)
		metric_list(m->top, p->from, p->to, &out);
	else
		text_addf(&out, "plan_goal?id=eq.%" PRId64, p->id);
	return out.s;
}

static bool write_part(struct ctx *ctx, struct report_call *call, const struct part *p)
{
	const struct metric *m = p->metric ? metric_named(ctx, p->metric) : NULL;
	struct value actual = p->actual;
	struct value share = v_null();
	struct metric_figure f;
	int64_t n;

	bool may = m && metric_may(ctx, m);

	if (may) {
		if (!metric_figure(ctx, m, p->from, p->to, 0, &f))
			return false;
		actual = f.known ? v_int(f.value) : v_null();
	}
	if (actual.kind == V_INT && value_id(p->planned) > 0 && int_muldiv(actual.i, 10000, p->planned.i, &n))
		share = v_int(n);
	report_row(ctx, call, (struct cell[]){
		{ "kind", v_text(p->initiative ? "initiative" : "goal") }, { "name", v_text(p->name) }, { "who", v_text(p->who) },
		{ "to_on", v_text(p->to) }, { "base", p->base }, { "planned", p->planned }, { "actual", actual },
		{ "difference", actual.kind == V_INT && p->planned.kind == V_INT ? v_int(actual.i - p->planned.i) : v_null() },
		{ "attainment", share }, { "state", v_text(p->state) },
		{ "open", v_text(records_of(ctx, p, may ? m : NULL)) },
		{ 0 } });
	return true;
}

static bool plan_review(struct ctx *ctx, struct report_call *call)
{
	enum { PLACE, ID, NAME, WHO, METRIC, FROM, TO, BASE, PLANNED, ACTUAL, STATE, PLAN_FROM, PLAN_TO };
	struct query *q = call->figures;
	struct part *parts = NULL;
	size_t n = 0;
	size_t cap = 0;

	while (db_next(q)) {
		parts = arena_grow(ctx->mem, parts, &cap, n + 1, sizeof *parts);
		parts[n++] = (struct part){
			.initiative = db_int(q, PLACE) != 0, .id = db_int(q, ID), .name = text_or_null(ctx, q, NAME), .who = text_or_null(ctx, q, WHO),
			.metric = text_or_null(ctx, q, METRIC), .state = text_or_null(ctx, q, STATE),
			.from = text_or_null(ctx, q, db_null(q, FROM) ? PLAN_FROM : FROM), .to = text_or_null(ctx, q, db_null(q, TO) ? PLAN_TO : TO),
			.base = int_or_null(q, BASE), .planned = int_or_null(q, PLANNED), .actual = int_or_null(q, ACTUAL) };
	}
	for (size_t i = 0; i < n; i++)
		if (!write_part(ctx, call, &parts[i]))
			return false;
	return true;
}

/*
 * Money
 */

static bool budget_before(struct ctx *ctx, struct change *c)
{
	struct value from = change_new(c, "from_on");
	struct value to = change_new(c, "to_on");
	struct value team;

	if (!writes(c) || from.kind != V_TEXT || to.kind != V_TEXT || !value_id(change_new(c, "team")))
		return true;
	if (strcmp(from.s, to.s) > 0)
		return fail(ctx, ERR_INVALID, "to_on", "结束不能早于开始", "It cannot end before it begins");
	if (!record_get(ctx, "team", value_id(change_new(c, "team")), "name", &team))
		return false;
	change_set(c, "name", v_text(fmt(ctx->mem, "%s · %s – %s", team.kind == V_TEXT ? team.s : "", from.s, to.s)));
	return true;
}

/* The nearest team's budget of the kind on the day, of these the shortest; 0: none. */
static bool find_budget(struct ctx *ctx, const struct change *c, int64_t *ret, int64_t *ret_amount)
{
	struct query *q = ctx_query(ctx, scope_sql(ctx, "budget member team",
		"SELECT b.id, b.amount FROM member m JOIN team t ON t.id = m.team LEFT JOIN team u ON u.id = t.parent LEFT JOIN team v ON v.id = u.parent"
		" LEFT JOIN team w ON w.id = v.parent JOIN budget b ON b.team IN (t.id, u.id, v.id, w.id)"
		" WHERE m.id = $owner AND b.category = $category AND b.from_on <= $day AND b.to_on >= $day"
		" ORDER BY CASE b.team WHEN t.id THEN 0 WHEN u.id THEN 1 WHEN v.id THEN 2 ELSE 3 END, b.from_on DESC, b.to_on, b.id LIMIT 1"),
		(struct bind[]){ { "owner", v_int(value_id(change_new(c, "owner"))) }, { "category", change_new(c, "category") },
		                 { "day", change_new(c, "spent_on") }, { 0 } });

	*ret = *ret_amount = 0;
	if (!q)
		return false;
	if (db_next(q)) {
		*ret = db_int(q, 0);
		*ret_amount = db_int(q, 1);
	}
	db_done(q);
	return true;
}

/* What others have taken of a budget: claims that count or are asked for, advances as far as they are not settled. */
static bool taken_of(struct ctx *ctx, int64_t budget, int64_t except, int64_t *ret)
{
	return ctx_get_int(ctx, scope_sql(ctx, "expense",
		"SELECT CAST(sum(CASE WHEN e.kind = 'advance' THEN e.amount - coalesce((SELECT CASE WHEN sum(d.amount) > e.amount THEN e.amount"
		" ELSE sum(d.amount) END FROM expense d WHERE d.advance = e.id), 0) ELSE e.amount END) AS BIGINT) FROM expense e"
		" WHERE e.budget = $budget AND e.id <> $except AND (e.kind = 'advance' OR e.counts = 1 OR e.approval = 'pending')"),
		(struct bind[]){ { "budget", v_int(budget) }, { "except", v_int(except) }, { 0 } }, 0, ret);
}

/* Whom it concerns need not see the budget: it is found as system. */
static bool judge(struct ctx *ctx, const struct change *c)
{
	int64_t budget, amount, taken;
	const char *fits = "none";
	bool counts;

	if (!find_budget(ctx, c, &budget, &amount))
		return false;
	if (budget) {
		if (!taken_of(ctx, budget, change_id(c), &taken))
			return false;

		double use = 100.0 * (double)(taken + value_id(change_new(c, "amount"))) / (double)amount;

		fits = use > (double)setting_int(ctx, "budget_stop_percent") ? "over"
		     : use >= (double)setting_int(ctx, "budget_warn_percent") ? "near" : "within";
	}
	counts = !text_eq(fits, "over") || value_is(change_new(c, "approval"), "approved");
	return record_update(ctx, "expense", change_id(c), (struct cell[]){
		{ "budget", v_id(budget) }, { "fits", v_text(fits) }, { "counts", v_int(counts) }, { 0 } });
}

static bool is_figure(const struct change *c)
{
	static const char *const figures[] = { "kind", "category", "amount", "spent_on", "owner", "advance" };

	for (size_t i = 0; i < LENGTH(figures); i++)
		if (change_has(c, figures[i]))
			return true;
	return change_act(c) == CHANGE_RESTORE;
}

static bool expense_before(struct ctx *ctx, struct change *c)
{
	(void)ctx;
	if (change_act(c) == CHANGE_UPDATE && change_has(c, "approval"))
		change_set(c, "counts", v_int(!value_is(change_new(c, "fits"), "over") || value_is(change_new(c, "approval"), "approved")));
	return true;
}

static bool expense_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || !is_figure(c))
		return true;
	me = ctx_as_system(ctx);
	ok = judge(ctx, c);
	ctx_as(ctx, me);
	return ok;
}

/* What was approved begins. */
static bool night(struct ctx *ctx, const struct json *args)
{
	int64_t id;

	(void)args;
	for (;;) {
		if (!record_find(ctx, "sales_plan", "state=eq.approved&from_on=lte.today", &id))
			return false;
		if (!id)
			return true;
		if (!record_update(ctx, "sales_plan", id, (struct cell[]){ { "state", v_text("running") }, { 0 } }))
			return false;
	}
}

const struct module plan_module = {
	.name = "plan",
	.hooks = (const struct hook[]){
		{ "sales_plan", HOOK_BEFORE, plan_before },
		{ "sales_plan", HOOK_AFTER, plan_after },
		{ "initiative", HOOK_BEFORE, initiative_before },
		{ "plan_goal", HOOK_BEFORE, goal_before },
		{ "budget", HOOK_BEFORE, budget_before },
		{ "expense", HOOK_BEFORE, expense_before },
		{ "expense", HOOK_AFTER, expense_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "sales_plan", "revise", revise },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "plan_review", plan_review },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "plan_night", "daily 00:20", night, { "批准的销售计划生效", "Put approved sales plans in force" } },
		{ 0 },
	},
};
