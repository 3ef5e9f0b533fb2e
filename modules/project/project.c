/*
 * Project selling: know early, know who decides, come prepared, keep one's word.
 *
 * What a radar item, a promise or an offer without the decision maker asks for
 * becomes a dated task of whoever is concerned, once: the task's origin says of what.
 */
#include "modules/project/project_inner.h"

bool project_task(struct ctx *ctx, const char *origin, int64_t owner, const char *due, const struct cell *more)
{
	struct cell cells[10] = {
		{ "owner", v_int(owner) },
		{ "due_on", v_text(due) },
		{ "state", v_text("open") },
		{ "origin", v_text(origin) },
	};
	size_t n = 4;
	int64_t task;

	if (!record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&owner=eq.%" PRId64, origin, owner), &task))
		return false;
	for (; more->name; more++) {
		assert(n + 1 < LENGTH(cells));
		cells[n++] = *more;
	}
	return task || record_create(ctx, "task", cells, NULL);
}

struct cell project_title(struct ctx *ctx, const char *zh, const char *en, struct value of)
{
	const char *text = fmt(ctx->mem, in_english(ctx) ? "%s: %s" : "%s：%s", say(ctx, zh, en), of.kind == V_TEXT ? of.s : "");

	return (struct cell){ "title", v_text(utf8_cut(ctx->mem, text, 200)) };
}

/*
 * Radar (S02-40)
 */

enum { MOST_CALLERS = 20 };

/* Those with most customers in the region (and industry); what lies in one has its code in front. */
static bool find_callers(struct ctx *ctx, const struct change *c, int64_t ret[static MOST_CALLERS],
                         int64_t ret_customers[static MOST_CALLERS], size_t *ret_n)
{
	struct value region = change_new(c, "region");

	*ret_n = 0;
	if (value_empty(region))
		return true;
	const char *sql = scope_sql(ctx, "customer",
		fmt(ctx->mem, "SELECT owner, count(*), min(id) FROM customer WHERE owner IS NOT NULL AND region >= $from"
		" AND region < $until AND ($industry = 0 OR industry = $industry)"
		" GROUP BY owner ORDER BY 2 DESC, 1 LIMIT %d", MOST_CALLERS));

	struct query *q = ctx_query(ctx, sql, (struct bind[]){
		{ "from", region }, { "until", v_text(fmt(ctx->mem, "%s~", region.s)) },
		{ "industry", v_int(value_id(change_new(c, "industry"))) }, { 0 } });

	if (!q)
		return false;
	while (*ret_n < MOST_CALLERS && db_next(q)) {
		ret[*ret_n] = db_int(q, 0);
		ret_customers[(*ret_n)++] = db_int(q, 1) == 1 ? db_int(q, 2) : 0;
	}

	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "customers of a region") : true;
}

static bool call_region(struct ctx *ctx, const struct change *c)
{
	struct value due = change_new(c, "call_by");
	int64_t callers[MOST_CALLERS];
	int64_t customers[MOST_CALLERS];
	size_t n;

	if (!find_callers(ctx, c, callers, customers, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!project_task(ctx, fmt(ctx->mem, "radar/%" PRId64, change_id(c)), callers[i],
		              value_empty(due) ? ctx->today : due.s, (struct cell[]){
			              project_title(ctx, "致电当地客户", "Call customers there", change_new(c, "name")),
			              { "customer", v_id(customers[i]) },
			              { "remark", change_new(c, "need") },
			              { 0 } }))
			return false;
	return true;
}

static bool radar_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	bool ok;

	if (!project_written(c) || !(change_act(c) == CHANGE_CREATE || change_has(c, "region") || change_has(c, "industry")))
		return true;
	me = ctx_as_system(ctx);
	ok = call_region(ctx, c);
	ctx_as(ctx, me);
	return ok;
}

static bool pursue(struct ctx *ctx, struct action_call *call)
{
	static const char *const names[] = { "region", "industry", "product", "need" };
	struct cell cells[12] = {
		{ "radar", v_int(call->id) },
		{ "company", action_param(call, "company") },
		{ "name", action_param(call, "name") },
		{ "phone", action_param(call, "phone") },
		{ "state", v_text("new") },
	};

	for (size_t i = 0; i < LENGTH(names); i++) {
		struct value v;

		if (!record_get(ctx, "radar", call->id, names[i], &v))
			return false;
		cells[5 + i] = (struct cell){ text_eq(names[i], "need") ? "content" : names[i], v };
	}
	return record_create(ctx, "lead", cells, NULL);
}

/*
 * Decision makers (S02-44, S01-67)
 */

/* What the contact is, unless this deal says otherwise. */
static bool stakeholder_before(struct ctx *ctx, struct change *c)
{
	static const char *const from[][2] = {
		{ "role", "decision_role" }, { "attitude", "attitude" }, { "influence", "influence" },
	};
	int64_t contact = value_id(change_new(c, "contact"));

	for (size_t i = 0; project_written(c) && contact && i < LENGTH(from); i++) {
		struct value v;

		if (!value_empty(change_new(c, from[i][0])))
			continue;
		if (!record_get(ctx, "contact", contact, from[i][1], &v))
			return false;
		change_set(c, from[i][0], v);
	}
	return true;
}

/* Half the way is where the offer is. */
enum { OFFERED = 5000 };

static bool warn_of_decider(struct ctx *ctx, const struct change *c)
{
	int64_t least = setting_int(ctx, "decider_amount");
	struct value probability;
	int64_t met;

	if (!least || value_id(change_new(c, "amount")) < least * 100 || !value_is(change_new(c, "result"), "open"))
		return true;
	if (!record_get(ctx, "stage", value_id(change_new(c, "stage")), "probability", &probability))
		return false;
	if (value_id(probability) < OFFERED)
		return true;
	if (!record_find(ctx, "activity", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&state=eq.done&decider_met=eq.true",
	                                      change_id(c)), &met))
		return false;
	return met || project_task(ctx, fmt(ctx->mem, "decider/%" PRId64, change_id(c)), value_id(change_new(c, "owner")),
	                       ctx->today, (struct cell[]){
		project_title(ctx, "报价前先见决策人", "Meet the decision maker before the offer", change_new(c, "name")),
		{ "opportunity", v_int(change_id(c)) },
		{ "customer", change_new(c, "customer") },
		{ "priority", v_text("high") },
		{ 0 } });
}

/* S01-47: the mean of what was judged. */
static bool score_before(struct ctx *ctx, struct change *c)
{
	static const char *const fields[] = { "need_score", "budget_score", "access_score", "time_score", "rivalry_score" };
	int64_t sum = 0;
	int64_t known = 0;

	(void)ctx;
	for (size_t i = 0; project_written(c) && i < LENGTH(fields); i++) {
		sum += value_id(change_new(c, fields[i]));
		known += change_new(c, fields[i]).kind == V_INT;
	}
	if (project_written(c))
		change_set(c, "score", known ? v_int((sum * 4000 + known) / (2 * known)) : v_null());
	return true;
}

static bool opportunity_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	bool ok;

	if (ctx->import || !project_written(c) || !(change_has(c, "stage") || change_has(c, "amount")))
		return true;
	me = ctx_as_system(ctx);
	ok = warn_of_decider(ctx, c) && (!change_has(c, "stage") || project_details(ctx, c));
	ctx_as(ctx, me);
	return ok;
}

/*
 * Visits (S02-41 … S02-43)
 */

static bool fill_from_pattern(struct ctx *ctx, struct change *c)
{
	static const char *const from[][2] = {
		{ "role", "role" }, { "opening", "opening" }, { "points", "points" }, { "questions", "questions" },
		{ "materials", "cases" },
	};
	int64_t pattern = value_id(change_new(c, "pattern"));

	for (size_t i = 0; change_has(c, "pattern") && pattern && i < LENGTH(from); i++) {
		struct value v;

		if (!value_empty(change_new(c, from[i][0])))
			continue;
		if (!record_get(ctx, "talk_pattern", pattern, from[i][1], &v))
			return false;
		change_set(c, from[i][0], v);
	}
	return true;
}

/* The visit it is for: the next one planned there by whoever goes. */
/* S02-43: what was thought out after the last visit there is what the next one begins with. */
static bool fill_from_recall(struct ctx *ctx, struct change *c)
{
	static const char *const from[][2] = { { "points", "next_way" }, { "materials", "next_content" } };
	int64_t visit;

	if (change_act(c) != CHANGE_CREATE || !value_id(change_new(c, "customer")))
		return true;
	if (!record_find(ctx, "activity", fmt(ctx->mem, "kind=eq.visit&state=eq.done&customer=eq.%" PRId64 "&sort=-done_at",
	                                      value_id(change_new(c, "customer"))), &visit))
		return false;
	for (size_t i = 0; visit && i < LENGTH(from); i++) {
		struct value v;

		if (!value_empty(change_new(c, from[i][0])))
			continue;
		if (!record_get(ctx, "activity", visit, from[i][1], &v))
			return false;
		change_set(c, from[i][0], v);
	}
	return true;
}

static bool fill_visit(struct ctx *ctx, struct change *c)
{
	int64_t visit;

	if (!value_empty(change_new(c, "activity")) || !value_id(change_new(c, "customer")))
		return true;
	if (!record_find(ctx, "activity", fmt(ctx->mem, "kind=eq.visit&state=eq.planned&customer=eq.%" PRId64 "&owner=eq.%" PRId64
	                                      "&sort=planned_at", value_id(change_new(c, "customer")),
	                                      value_id(change_new(c, "owner"))), &visit))
		return false;
	if (visit)
		change_set(c, "activity", v_int(visit));
	return true;
}

static bool sheet_before(struct ctx *ctx, struct change *c)
{
	return !project_written(c) || (fill_from_recall(ctx, c) && fill_from_pattern(ctx, c) && fill_visit(ctx, c));
}

/* S04-20: prepared is a visit with a sheet of their industry, the person, and the outline. */
static bool judge_prepared(struct ctx *ctx, int64_t visit)
{
	int64_t sheet;

	return !visit || (record_find(ctx, "visit_sheet", fmt(ctx->mem, "activity=eq.%" PRId64
	                  "&industry_facts=is.notnull&person_facts=is.notnull&points=is.notnull", visit), &sheet) &&
	       record_update(ctx, "activity", visit, (struct cell[]){ { "prepared", v_int(sheet != 0) }, { 0 } }));
}

static bool judge_visits(struct ctx *ctx, const struct change *c)
{
	static const char *const fields[] = { "activity", "industry_facts", "person_facts", "points" };
	int64_t was = value_id(change_old(c, "activity"));
	int64_t now = value_id(change_new(c, "activity"));
	bool matters = !project_written(c);

	for (size_t i = 0; i < LENGTH(fields); i++)
		matters |= change_has(c, fields[i]);
	if (!matters)
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = judge_prepared(ctx, now) && (was == now || judge_prepared(ctx, was));

	ctx_as(ctx, me);
	return ok;
}

/* Who is not wanted again thinks about why. */
static bool sheet_after(struct ctx *ctx, struct change *c)
{
	if (!judge_visits(ctx, c))
		return false;
	if (!project_written(c) || !change_has(c, "willing") || !value_is(change_new(c, "willing"), "no"))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = project_task(ctx, fmt(ctx->mem, "visit_sheet/%" PRId64, change_id(c)), value_id(change_new(c, "owner")),
	                   ctx->today, (struct cell[]){
		project_title(ctx, "反思，对方不愿继续", "They will not go on; think about why", change_new(c, "goal")),
		{ "customer", change_new(c, "customer") },
		{ "opportunity", change_new(c, "opportunity") },
		{ 0 } });

	ctx_as(ctx, me);
	return ok;
}

static void judge_recall(struct ctx *ctx, struct change *c)
{
	struct value done = change_new(c, "done_at");
	struct value at = change_new(c, "recalled_at");

	if (value_empty(change_new(c, "recall")) || done.kind != V_INT) {
		change_set(c, "recall_in_time", v_int(0));
		return;
	}
	if (at.kind != V_INT)
		change_set(c, "recalled_at", at = ctx->import ? done : v_int(ctx->now));
	change_set(c, "recall_in_time", v_int(at.i - done.i <= 86400000));
}

/* A first visit is not done unprepared, if the company wants that. */
static bool check_sheet(struct ctx *ctx, const struct change *c)
{
	int64_t customer = value_id(change_new(c, "customer"));
	int64_t sheet = 0;

	if (ctx->import || !setting_bool(ctx, "visit_sheet_required") || !value_is(change_new(c, "visit_type"), "first") ||
	    !value_is(change_new(c, "state"), "done") || value_is(change_old(c, "state"), "done"))
		return true;
	if (customer && !record_find(ctx, "visit_sheet", fmt(ctx->mem,
	        "customer=eq.%" PRId64 "&opening=is.notnull&owner=eq.%" PRId64, customer, value_id(change_new(c, "owner"))),
	        &sheet))
		return false;
	return sheet || fail(ctx, ERR_INVALID, "visit_type", "首次拜访前请先填准备单，写好开场白",
	                     "Prepare a first visit: fill in a preparation sheet with its opening line");
}

static bool activity_before(struct ctx *ctx, struct change *c)
{
	if (!project_written(c) || !value_is(change_new(c, "kind"), "visit"))
		return true;
	if (change_has(c, "recall") || change_has(c, "done_at"))
		judge_recall(ctx, c);
	return check_sheet(ctx, c);
}

/*
 * Promises (S01-42) and risks (S02-47)
 */

static bool promise_before(struct ctx *ctx, struct change *c)
{
	struct value due = change_new(c, "due_on");
	struct value kept = change_new(c, "kept_on");

	if (!project_written(c) || due.kind != V_TEXT)
		return true;
	if (kept.kind == V_TEXT && strcmp(kept.s, ctx->today) > 0)
		return fail(ctx, ERR_INVALID, "kept_on", "兑现日期不能在将来", "It cannot have been kept in the future");
	change_set(c, "state", v_text(
		kept.kind == V_TEXT ? (strcmp(kept.s, due.s) <= 0 ? "on_time" : "late")
		: value_id(change_new(c, "given_up")) ? "broken"
		: strcmp(due.s, ctx->today) < 0 ? "overdue" : "open"));
	return true;
}

static bool remind(struct ctx *ctx, int64_t id, const char *what, const char *zh, const char *en, const char *due)
{
	struct value text;
	struct value owner;
	struct value customer;

	return record_get(ctx, "promise", id, "text", &text) && record_get(ctx, "promise", id, "owner", &owner) &&
	       record_get(ctx, "promise", id, "customer", &customer) &&
	       project_task(ctx, fmt(ctx->mem, "promise/%" PRId64 "/%s", id, what), value_id(owner), due, (struct cell[]){
		project_title(ctx, zh, en, text),
		{ "customer", customer },
		{ 0 } });
}

/* The next promises, by id, that are due tomorrow or were due and are not kept. */
static bool look_at_promises(struct ctx *ctx, const struct json *args)
{
	int64_t day = instant_day(ctx->now);
	const char *tomorrow = date_text(ctx->mem, day + 1);
	int64_t after = json_int(args, "after", 0);
	int64_t id = 0;
	int n = 0;

	for (;; after = id) {
		struct value due;

		if (!record_find(ctx, "promise", fmt(ctx->mem, "id=gt.%" PRId64 "&state=eq.open&due_on=lte.%s&due_on=ne.%s&sort=id",
		                                     after, tomorrow, ctx->today), &id))
			return false;
		if (!id)
			return true;
		if (n++ == QUERY_LIMIT)
			return job_add(ctx, "promises", fmt(ctx->mem, "{\"after\":%" PRId64 "}", after), ctx->now, NULL);
		if (!record_get(ctx, "promise", id, "due_on", &due))
			return false;
		if (text_eq(due.s, tomorrow)) {
			if (!remind(ctx, id, "due", "承诺明天到期", "Promise due tomorrow", tomorrow))
				return false;
			continue;
		}
		if (!record_update(ctx, "promise", id, (struct cell[]){ { "state", v_text("overdue") }, { 0 } }) ||
		    !remind(ctx, id, "overdue", "承诺未兑现", "Promise not kept", ctx->today))
			return false;
	}
}

static int rank(struct value level)
{
	return value_is(level, "high") ? 2 : value_is(level, "medium") ? 1 : 0;
}

static bool risk_before(struct ctx *ctx, struct change *c)
{
	static const char *const levels[] = { "low", "low", "medium", "high", "high" };

	(void)ctx;
	if (project_written(c))
		change_set(c, "level", v_text(levels[rank(change_new(c, "likelihood")) + rank(change_new(c, "impact"))]));
	return true;
}

/*
 * First rows
 */

static bool add_pattern(struct ctx *ctx, const char *role, const char *name, const char *opening, const char *points,
                        const char *cases)
{
	return record_create(ctx, "talk_pattern", (struct cell[]){
		{ "role", v_text(role) },
		{ "name", v_text(name) },
		{ "opening", v_text(opening) },
		{ "points", v_text(points) },
		{ "cases", v_text(cases) },
		{ 0 } }, NULL);
}

static bool seed(struct ctx *ctx)
{
	return add_pattern(ctx, "leader", say(ctx, "高层领导：公司与案例", "Senior leaders: company and references"),
	                   say(ctx, "感谢您抽时间。今天只想请教您这件事要达到什么目标。",
	                       "Thank you for your time. Today I would only like to hear what this is to achieve."),
	                   say(ctx, "公司概况与实力；同类城市、同类单位的效果；领导关心的风险与进度",
	                       "The company and what it can do; results in cities and bodies alike; risk and schedule"),
	                   say(ctx, "可参观的案例城市", "Reference cities that may be visited")) &&
	       add_pattern(ctx, "info", say(ctx, "信息部门：产品要点", "Information department: the product"),
	                   say(ctx, "想先听听现有系统的情况，再说我们的做法。", "May I first hear about the systems you have?"),
	                   say(ctx, "产品要点与技术优势；接口、安全与部署；可以深入到细节",
	                       "Product points and technical advantage; interfaces, security, deployment; into detail"),
	                   say(ctx, "技术白皮书、接口说明", "White paper, interface description")) &&
	       add_pattern(ctx, "user", say(ctx, "使用部门：日常工作", "Users: the daily work"),
	                   say(ctx, "想看看您每天怎么做，哪一步最费事。", "May I see how you do it every day, and what takes longest?"),
	                   say(ctx, "每天少做几步；上手要多久；谁来培训", "Fewer steps a day; how long to learn; who trains"),
	                   say(ctx, "同岗位用户的反馈", "What users in the same position say")) &&
	       add_pattern(ctx, "refusal", say(ctx, "换位提问", "Changed places"),
	                   say(ctx, "如果您是我，接下来会怎么做？", "If you were in my place, what would you do next?"),
	                   say(ctx, "不争辩；请对方站在我们的位置想；问谁能定、怎样见到他；记下被引荐的人",
	                       "Do not argue; let them think from our side; ask who decides and how to meet them; note the introduction"),
	                   NULL);
}

const struct module project_module = {
	.name = "project",
	.hooks = (const struct hook[]){
		{ "radar", HOOK_AFTER, radar_after },
		{ "stakeholder", HOOK_BEFORE, stakeholder_before },
		{ "visit_sheet", HOOK_BEFORE, sheet_before },
		{ "visit_sheet", HOOK_AFTER, sheet_after },
		{ "activity", HOOK_BEFORE, activity_before },
		{ "opportunity", HOOK_BEFORE, rival_of_loss },
		{ "opportunity", HOOK_BEFORE, score_before },
		{ "opportunity", HOOK_AFTER, opportunity_after },
		{ "activity", HOOK_AFTER, negotiation_after },
		{ "lead", HOOK_BEFORE, second_source },
		{ "rival", HOOK_AFTER, rival_after },
		{ "refusal", HOOK_BEFORE, refusal_before },
		{ "tie", HOOK_BEFORE, tie_before },
		{ "promise", HOOK_BEFORE, promise_before },
		{ "risk", HOOK_BEFORE, risk_before },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "radar", "pursue", pursue },
		{ "stakeholder", "ask_support", ask_support },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "introduction_path", introduction_path },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "promises", "daily 00:30", look_at_promises, { "检查到期的承诺", "Look at promises that are due" } },
		{ 0 },
	},
	.seed = seed,
};
