/*
 * What stands in a form.  The lines of a plan are the planned visits of the day, those of a report the
 * visits done that day: activities, which know the form they were handed in with.  There is no second
 * copy that could say something else; instead what was handed in can no longer be changed.
 */
#include "modules/workday/form_inner.h"

static const struct bind *of_day(struct ctx *ctx, const struct change *c)
{
	struct bind *b = arena_array(ctx->mem, 5, sizeof *b);
	int64_t day = value_day(change_new(c, "day"));

	b[0] = (struct bind){ "owner", change_new(c, "owner") };
	b[1] = (struct bind){ "from", v_int(day_start(day)) };
	b[2] = (struct bind){ "to", v_int(day_start(day + 1)) };
	b[3] = (struct bind){ "day", change_new(c, "day") };
	return b;
}

/*
 * Plans
 */

/* The visits planned for the day: those of the plan already, and what is still ahead. */
#define OF_DAY "kind = 'visit' AND planned_at >= $from AND planned_at < $to AND (state = 'planned'" \
               " OR plan IN (SELECT id FROM visit_plan WHERE owner = $owner AND day = $day))"
#define LINES " FROM activity WHERE owner = $owner AND " OF_DAY

bool plan_check(struct ctx *ctx, struct change *c)
{
	struct query *q = ctx_query(ctx, scope_sql(ctx, "activity visit_plan",
		"SELECT subject, purpose, goal, customer, area, planned_end" LINES " ORDER BY planned_at, id"), of_day(ctx, c));
	int n = 0;
	int filled = 0;
	bool ok = true;

	if (!q)
		return false;
	while (db_next(q)) {
		const char *what = db_null(q, 0) ? "" : arena_dup(ctx->mem, db_text(q, 0));

		n++;
		if (db_null(q, 1))
			ok = fail(ctx, ERR_INVALID, "lines", "第 %d 行“%s”没有写目的", "Line %d, %s: no purpose", n, what);
		if (db_null(q, 2))
			ok = fail(ctx, ERR_INVALID, "lines", "第 %d 行“%s”没有写沟通目标", "Line %d, %s: no goal", n, what);
		if (db_null(q, 3) && db_null(q, 4))
			ok = fail(ctx, ERR_INVALID, "lines", "第 %d 行“%s”没有客户也没有区域",
			          "Line %d, %s: neither customer nor area", n, what);
		filled += 4 + !db_null(q, 5);
	}
	db_done(q);
	if (!n && value_empty(change_new(c, "remark")))
		ok = fail(ctx, ERR_INVALID, "remark", "当天没有计划拜访：请先安排，或在备注中写明原因",
		          "No visit is planned for that day: plan one, or say why in the remark");
	change_set(c, "lines", v_int(n));
	change_set(c, "completeness", v_int(n ? (int64_t)filled * 10000 / (5 * n) : 10000));
	return ok;
}

/* Sets one field of many activities. */
static bool set_all(struct ctx *ctx, const char *select, const struct bind *binds, const struct cell *cells)
{
	int64_t *ids;
	size_t n;

	const char *sql = scope_sql(ctx, "activity visit_plan", select);
	if (!ctx_ids(ctx, sql, binds, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_update(ctx, "activity", ids[i], cells))
			return false;
	return true;
}

bool plan_link(struct ctx *ctx, const struct change *c)
{
	struct value id = v_int(change_id(c));
	const struct bind *b = of_day(ctx, c);

	/* What was taken off the plan before it was handed in again no longer belongs to it. */
	return set_all(ctx, "SELECT id FROM activity WHERE plan = $plan AND NOT (" OF_DAY ")",
	               (struct bind[]){ { "plan", id }, b[0], b[1], b[2], b[3], { 0 } },
	               (struct cell[]){ { "plan", v_null() }, { "plan_kept", v_int(0) }, { 0 } }) &&
	       set_all(ctx, "SELECT id" LINES, b, (struct cell[]){ { "plan", id }, { 0 } });
}

/*
 * Reports
 */

static const char *const figures[] = {
	"visits", "effective", "minutes", "cost", "complaints", "planned", "planned_done", "unplanned",
	"order_target", "collection_target", "month_order_target", "month_collection_target",
};

/* What a report sets against its targets: the metric, where its name, day, month to date and their targets stand. */
static const struct {
	const char *metric, *basis, *day, *month, *target, *month_target;
} aims[] = {
	{ "sales_amount", "sales_basis", "orders", "month_orders", "order_target", "month_order_target" },
	{ "collected_amount", "collected_basis", "collected", "month_collected", "collection_target", "month_collection_target" },
};

#define DONE "FROM activity WHERE owner = $owner AND kind = 'visit' AND state = 'done' AND done_at >= $from AND done_at < $to"
#define PLANNED "FROM activity WHERE plan IN (SELECT id FROM visit_plan WHERE owner = $owner AND day = $day)"
#define PLANS "FROM visit_plan WHERE owner = $owner AND day <= $day AND day >= "

static bool read_figures(struct ctx *ctx, struct change *c)
{
	const struct bind *b = of_day(ctx, c);
	int64_t day = value_day(change_new(c, "day"));
	int64_t first = day - date_ymd(day).day + 1;
	struct query *q = ctx_query(ctx, scope_sql(ctx, "activity visit_plan",
		"SELECT (SELECT count(*) " DONE "), (SELECT count(*) " DONE " AND effective = 1),"
		" (SELECT coalesce(sum(minutes), 0) " DONE "), (SELECT coalesce(sum(cost), 0) " DONE "),"
		" (SELECT count(*) " DONE " AND purpose = 'complaint'),"
		" (SELECT coalesce(sum(lines), 0) FROM visit_plan WHERE owner = $owner AND day = $day), (SELECT count(*) " PLANNED " AND plan_kept = 1),"
		" (SELECT count(*) " DONE " AND plan_kept = 0),"
		" (SELECT sum(order_target) " PLANS "$day), (SELECT sum(collection_target) " PLANS "$day),"
		" (SELECT sum(order_target) " PLANS "$first), (SELECT sum(collection_target) " PLANS "$first)"),
		(struct bind[]){ b[0], b[1], b[2], b[3], { "first", v_text(date_text(ctx->mem, first)) }, { 0 } });

	if (!q)
		return false;
	if (db_next(q))
		for (size_t i = 0; i < LENGTH(figures); i++)
			change_set(c, figures[i], db_null(q, i) ? v_null() : v_int(db_int(q, i)));
	db_done(q);
	return true;
}

/* Sales and money of the day, and of the month to date: of what counts as such, whose name stands with them. */
static bool read_reached(struct ctx *ctx, struct change *c)
{
	int64_t owner = value_id(change_new(c, "owner"));
	const char *day = change_new(c, "day").s;

	for (size_t i = 0; i < LENGTH(aims); i++) {
		const struct metric *m = metric_named(ctx, aims[i].metric);
		struct metric_figure today, month;

		if (!metric_figure(ctx, m, day, day, owner, &today) ||
		    !metric_figure(ctx, m, fmt(ctx->mem, "%.8s01", day), day, owner, &month))
			return false;
		change_set(c, aims[i].basis, v_text(m->name));
		change_set(c, aims[i].day, v_int(today.value));
		change_set(c, aims[i].month, v_int(month.value));
	}
	return true;
}

/* Where targets are in force they are those of the report, whatever the plan of the day says. */
static bool read_targets(struct ctx *ctx, struct change *c)
{
	const char *owner = fmt(ctx->mem, "%" PRId64, value_id(change_new(c, "owner")));
	const char *day = change_new(c, "day").s;
	const char *first = fmt(ctx->mem, "%.8s01", day);

	for (size_t i = 0; i < LENGTH(aims); i++) {
		for (int month = 0; month < 2; month++) {
			struct report_line *line;

			if (!report_rows(ctx, "target_span", (struct bind[]){
			        { "metric", v_text(aims[i].metric) }, { "person", v_text(owner) },
			        { "from", v_text(month ? first : day) }, { "to", v_text(day) }, { 0 } }, &line))
				return false;
			if (line)
				change_set(c, month ? aims[i].month_target : aims[i].target, report_value(line, "target"));
		}
	}
	return true;
}

/* As the owner: their own targets, and no others, are read. */
static bool read_own_targets(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx->me;
	struct member owner;
	bool found;
	bool ok;

	if (!member_load(ctx, value_id(change_new(c, "owner")), &owner, &found))
		return false;
	if (!found)
		return true;
	ctx_as(ctx, &owner);
	ok = read_targets(ctx, c);
	ctx_as(ctx, me);
	return ok;
}

/* Parts filled in of eight; one where nothing happened may say so in a word. */
static int64_t completeness(const struct change *c)
{
	static const char *const words[] = { "competitors", "opinions", "news", "reflections" };
	int64_t n = 2;                  /* attendance, and the figures of orders and collections */

	n += !value_empty(change_new(c, "visits_note")) || !value_id(change_new(c, "visits"));
	n += !value_empty(change_new(c, "complaints_note")) || !value_id(change_new(c, "complaints"));
	for (size_t i = 0; i < LENGTH(words); i++)
		n += !value_empty(change_new(c, words[i]));
	return n * 10000 / 8;
}

bool report_fill(struct ctx *ctx, struct change *c)
{
	if (value_empty(change_new(c, "attendance")))
		return fail(ctx, ERR_INVALID, "attendance", "请选择出勤", "Choose the attendance");
	if (!read_figures(ctx, c) || !read_reached(ctx, c) || !read_own_targets(ctx, c))
		return false;
	change_set(c, "completeness", v_int(completeness(c)));
	return true;
}

bool report_link(struct ctx *ctx, const struct change *c)
{
	struct value id = v_int(change_id(c));

	return set_all(ctx, "SELECT id FROM activity WHERE report = $report AND NOT (kind = 'visit' AND state = 'done'"
	                    " AND done_at >= $from AND done_at < $to)",
	               (struct bind[]){ { "report", id }, of_day(ctx, c)[1], of_day(ctx, c)[2], { 0 } },
	               (struct cell[]){ { "report", v_null() }, { 0 } }) &&
	       set_all(ctx, "SELECT id " DONE, of_day(ctx, c), (struct cell[]){ { "report", id }, { 0 } });
}

/*
 * What was handed in
 */

static bool handed_in(struct ctx *ctx, const char *form, int64_t owner, const char *day, bool *ret)
{
	int64_t id;

	*ret = false;
	if (!record_find(ctx, form, fmt(ctx->mem, "owner=eq.%" PRId64 "&day=eq.%s&state=in.(submitted,signed)",
	                                owner, day), &id))
		return false;
	*ret = id != 0;
	return true;
}

/* Is this a visit done on a day whose report was handed in? */
static bool is_reported(struct ctx *ctx, struct value kind, struct value state, struct value owner,
                        struct value done, bool *ret)
{
	*ret = false;
	return !value_is(kind, "visit") || !value_is(state, "done") || done.kind != V_INT ||
	       handed_in(ctx, "daily_report", value_id(owner), date_text(ctx->mem, instant_day(done.i)), ret);
}

static bool touches(const struct change *c, const char *const fields[], size_t n)
{
	bool ret = change_act(c) != CHANGE_UPDATE;

	for (size_t i = 0; i < n; i++)
		ret = ret || change_has(c, fields[i]);
	return ret;
}

static bool in_plan(struct ctx *ctx, const struct change *c, bool *ret)
{
	int64_t plan = value_id(change_old(c, "plan"));
	struct value state = v_null();

	*ret = false;
	if (plan && !record_get(ctx, "visit_plan", plan, "state", &state))
		return false;
	*ret = value_is(state, "submitted") || value_is(state, "signed");
	return true;
}

static bool check_locked(struct ctx *ctx, const struct change *c)
{
	static const char *const done[] = { "kind", "state", "done_at", "owner", "purpose", "goal", "goal_reached",
		"outcome", "minutes", "cost", "collected", "ordered", "stage_after" };
	static const char *const planned[] = { "kind", "owner", "purpose", "goal" };
	bool was = false;
	bool will = false;
	bool line = false;

	if (touches(c, done, LENGTH(done)) &&
	    (!is_reported(ctx, change_old(c, "kind"), change_old(c, "state"), change_old(c, "owner"),
	                  change_old(c, "done_at"), &was) ||
	     !is_reported(ctx, change_new(c, "kind"), change_new(c, "state"), change_new(c, "owner"),
	                  change_new(c, "done_at"), &will)))
		return false;
	if (was || will)
		return fail(ctx, ERR_CONFLICT, "done_at", "当天的日报已提交，拜访不能再增改；请先撤回日报，已核签的请核签人退回",
		            "The day's report was handed in, its visits stay as they are: take the report back first, "
		            "or have it returned if it is signed");
	if (touches(c, planned, LENGTH(planned)) && change_act(c) != CHANGE_CREATE && !in_plan(ctx, c, &line))
		return false;
	return !line || fail(ctx, ERR_CONFLICT, "plan", "访问计划已提交，其中的拜访不能删除或改目的；不去了请取消，换一家请另记",
	                     "The plan was handed in: its visits are not deleted, nor their purpose changed. "
	                     "Cancel what does not take place, add what comes instead");
}

bool activity_locked(struct ctx *ctx, struct change *c)
{
	struct value planned = change_new(c, "plan");
	struct value done = change_new(c, "done_at");
	bool free = ctx->me->system || ctx->import || change_act(c) == CHANGE_RESTORE;
	const struct member *me = ctx_as_system(ctx);
	bool ok = free || check_locked(ctx, c);

	if (ok && planned.kind == V_INT && change_act(c) != CHANGE_DELETE) {
		struct value day;

		ok = record_get(ctx, "visit_plan", planned.i, "day", &day);
		if (ok)
			change_set(c, "plan_kept", v_int(value_is(change_new(c, "state"), "done") && done.kind == V_INT &&
			                                 instant_day(done.i) == value_day(day)));
	}
	ctx_as(ctx, me);
	return ok;
}
