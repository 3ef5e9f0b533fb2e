/*
 * Month: what the leader of a team reports of a month or quarter to the superior (S01-16).  Prepared when the
 * period is over, completed and submitted by the leader, from then on never changed; read and answered above.
 *
 * Its figures are of the team and those below it, read through the leader's own views: nobody is told a total of
 * rows they may not see.
 */
#include <stdlib.h>

#include "engine/module.h"

enum { CATCH_UP_DAYS = 10, ANSWER_DAYS = 3 };

/* The report's period, the one before it, and whose rows count. */
struct span {
	const char *from, *to, *before_from, *before_to;
	int64_t team;
};

/* "2026-05" or "2026-Q2", as the jobs here write them. */
static void period_days(const char *period, int64_t *ret_from, int64_t *ret_before, int64_t *ret_until)
{
	bool quarter = period[5] == 'Q';
	int months = quarter ? 3 : 1;
	struct ymd first = { (int)strtol(period, NULL, 10), 0, 1 };

	first.month = quarter ? (period[6] - '1') * 3 + 1 : (int)strtol(period + 5, NULL, 10);
	*ret_from = date_days(first);
	*ret_before = date_days(date_add_months(first, -months));
	*ret_until = date_days(date_add_months(first, months));
}

static bool span_of(struct ctx *ctx, const struct change *c, struct span *ret)
{
	struct value period = change_new(c, "period");
	int64_t from, before, until;

	if (period.kind != V_TEXT || !value_id(change_new(c, "team")))
		return false;
	period_days(period.s, &from, &before, &until);
	*ret = (struct span){ .from = date_text(ctx->mem, from), .to = date_text(ctx->mem, until - 1),
	                      .before_from = date_text(ctx->mem, before), .before_to = date_text(ctx->mem, from - 1),
	                      .team = value_id(change_new(c, "team")) };
	return true;
}

/*
 * Figures
 */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What a metric counts of these members' between two days; nothing of a metric the caller may not see. */
static bool sum_up(struct ctx *ctx, const struct metric *m, const int64_t *theirs, size_t n_theirs, const char *from,
                   const char *to, int64_t *ret_top, int64_t *ret_bottom)
{
	struct metric_piece *pieces = NULL;
	size_t n = 0;

	*ret_top = *ret_bottom = 0;
	if (metric_may(ctx, m) && !metric_pieces(ctx, m, &(struct metric_cut){ .from = from, .to = to, .whole = true }, &pieces, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!bsearch(&pieces[i].member, theirs, n_theirs, sizeof *theirs, by_number))
			continue;
		*ret_top += pieces[i].top;
		*ret_bottom += pieces[i].bottom;
	}
	return true;
}

static bool read_figures(struct ctx *ctx, struct change *c, const struct span *s)
{
	static const struct { const char *metric, *top, *bottom, *basis, *before; } figures[] = {
		{ "sales_amount", "sales", NULL, "sales_basis", "sales_before" },
		{ "collected_amount", "collected", NULL, "collected_basis", NULL },
		{ "new_customers", "new_customers", NULL, "new_basis", NULL },
		{ "sign_rate", "won", "closed", NULL, NULL },
		{ "opportunities_added", "added", NULL, NULL, NULL },
		{ "effective_visit_rate", "effective", "visits", NULL, NULL },
		{ "complaints", "complaints", NULL, NULL, NULL },
	};
	int64_t *theirs;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "member team",
	        "SELECT id FROM member WHERE team IN (WITH RECURSIVE below(id) AS (SELECT CAST($team AS BIGINT)"
	        " UNION SELECT t.id FROM team t JOIN below ON t.parent = below.id) SELECT id FROM below) ORDER BY id"),
	        (struct bind[]){ { "team", v_int(s->team) }, { 0 } }, &theirs, &n))
		return false;
	for (size_t i = 0; i < LENGTH(figures); i++) {
		const struct metric *m = metric_named(ctx, figures[i].metric);
		int64_t top, bottom;

		if (!sum_up(ctx, m, theirs, n, s->from, s->to, &top, &bottom))
			return false;
		change_set(c, figures[i].top, v_int(top));
		if (figures[i].bottom)
			change_set(c, figures[i].bottom, v_int(bottom));
		if (figures[i].basis)
			change_set(c, figures[i].basis, v_text(m->name));
		if (figures[i].before) {
			if (!sum_up(ctx, m, theirs, n, s->before_from, s->before_to, &top, &bottom))
				return false;
			change_set(c, figures[i].before, v_int(top));
		}
	}
	return true;
}

/* The team's targets in force for the period. */
static bool read_targets(struct ctx *ctx, struct change *c, const struct span *s)
{
	static const char *const aims[][2] = { { "sales_amount", "sales_target" }, { "collected_amount", "collection_target" } };

	for (size_t i = 0; i < LENGTH(aims); i++) {
		struct report_line *line;

		if (!report_rows(ctx, "target_span", (struct bind[]){
		        { "metric", v_text(aims[i][0]) }, { "team", v_text(fmt(ctx->mem, "%" PRId64, s->team)) },
		        { "from", v_text(s->from) }, { "to", v_text(s->to) }, { 0 } }, &line))
			return false;
		change_set(c, aims[i][1], line ? report_value(line, "target") : v_null());
	}
	return true;
}

/* As the leader may see them. */
static bool fill(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx->me;
	struct member leader;
	struct span s;
	bool found;
	bool ok;

	if (!span_of(ctx, c, &s) || !member_load(ctx, value_id(change_new(c, "owner")), &leader, &found))
		return ctx->kind == ERR_NONE;
	if (!found)
		return true;
	ctx_as(ctx, &leader);
	ok = read_figures(ctx, c, &s) && (change_act(c) != CHANGE_CREATE || read_targets(ctx, c, &s));
	ctx_as(ctx, me);
	return ok;
}

/*
 * Submitted, read, answered
 */

static bool write_draft(struct ctx *ctx, struct change *c)
{
	struct value state = change_new(c, "state");
	const struct member *me = ctx->me;
	bool ok;

	if (!me->system && value_id(change_new(c, "owner")) != me->id)
		return fail(ctx, ERR_DENIED, NULL, "报告由团队负责人填写", "The report is written by the leader of the team");
	if (change_has(c, "answer") || change_has(c, "decision") || value_is(state, "answered"))
		return fail(ctx, ERR_INVALID, "answer", "报告提交之后由上级答复", "It is answered by the superior, once it is submitted");
	ctx_as_system(ctx);
	ok = fill(ctx, c);
	ctx_as(ctx, me);
	if (!ok || !value_is(state, "submitted"))
		return ok;
	if (value_empty(change_new(c, "comment")))
		return fail(ctx, ERR_INVALID, "comment", "请填写分析", "Say what the figures mean");
	change_set(c, "submitted_at", v_int(ctx->now));
	change_set(c, "on_time", v_int(ctx->now <= value_id(change_new(c, "due_at"))));
	return true;
}

static bool check_answer(struct ctx *ctx, struct change *c)
{
	if (value_id(change_new(c, "owner")) == ctx->me->id)
		return fail(ctx, ERR_DENIED, "answer", "自己的报告由上级答复", "One's own report is answered by the superior");
	if (value_empty(change_new(c, "answer")))
		return fail(ctx, ERR_INVALID, "answer", "请填写答复", "Write the answer");
	if (!value_empty(change_new(c, "asked")) && value_empty(change_new(c, "decision")))
		return fail(ctx, ERR_INVALID, "decision", "报告请求作出决定：同意、不同意，还是再议？", "A decision is asked for: agreed, declined, or to be discussed?");
	change_set(c, "state", v_text("answered"));
	change_set(c, "answered_by", v_id(ctx->me->id));
	change_set(c, "answered_at", v_int(ctx->now));
	if (value_empty(change_new(c, "read_at")))
		change_set(c, "read_at", v_int(ctx->now));
	return true;
}

static bool month_before(struct ctx *ctx, struct change *c)
{
	bool draft = change_act(c) == CHANGE_CREATE || value_is(change_old(c, "state"), "draft");

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE)
		return true;
	if (draft)
		return write_draft(ctx, c);
	return ctx->me->system || check_answer(ctx, c);
}

/* The superior's task: there when it is submitted, done when it is answered. */
static bool month_after(struct ctx *ctx, struct change *c)
{
	const char *origin = fmt(ctx->mem, "month_report/%" PRId64, change_id(c));
	int64_t leader;
	int64_t task;

	if (!change_has(c, "state"))
		return true;
	if (value_is(change_new(c, "state"), "submitted")) {
		struct value title = change_new(c, "title");

		if (!member_leader(ctx, value_id(change_new(c, "owner")), &leader))
			return false;
		return !leader || record_create(ctx, "task", (struct cell[]){
			{ "title", v_text(fmt(ctx->mem, in_english(ctx) ? "Answer the report %s" : "答复报告：%s", title.s)) }, { "owner", v_int(leader) },
			{ "due_on", v_text(date_text(ctx->mem, calendar_add_workdays(instant_day(ctx->now), ANSWER_DAYS))) },
			{ "origin", v_text(origin) }, { "figure", v_text(fmt(ctx->mem, "/r/month_report/%" PRId64, change_id(c))) }, { 0 } }, NULL);
	}
	if (!value_is(change_new(c, "state"), "answered"))
		return true;
	return record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&state=eq.open", origin), &task) &&
	       (!task || record_update(ctx, "task", task, (struct cell[]){ { "state", v_text("done") }, { 0 } }));
}

static bool seen(struct ctx *ctx, struct action_call *call)
{
	const struct member *me = ctx->me;
	struct value owner;
	bool ok;

	if (!record_get(ctx, "month_report", call->id, "owner", &owner))
		return false;
	if (value_id(owner) == me->id)
		return fail(ctx, ERR_DENIED, NULL, "已阅由上级确认", "That it was read is for the superior to say");
	ctx_as_system(ctx);
	ok = record_update(ctx, "month_report", call->id, (struct cell[]){ { "read_at", v_int(ctx->now) }, { 0 } });
	ctx_as(ctx, me);
	return ok;
}

/*
 * At night
 */

/* A report of its own for each team with a leader and somebody in it or below, in a job of its own. */
static bool prepare_period(struct ctx *ctx, const char *period)
{
	int64_t *teams;
	int64_t there;
	size_t n;

	if (!record_find(ctx, "month_report", fmt(ctx->mem, "period=eq.%s", period), &there))
		return false;
	if (there)
		return true;
	if (!ctx_ids(ctx, scope_sql(ctx, "team member",
	        "SELECT t.id FROM team t WHERE t.leader IS NOT NULL AND EXISTS (SELECT 1 FROM member m WHERE m.active = 1 AND m.id <> t.leader"
	        " AND m.team IN (WITH RECURSIVE below(id) AS (SELECT t.id UNION SELECT u.id FROM team u JOIN below ON u.parent = below.id)"
	        " SELECT id FROM below)) ORDER BY t.id"), NULL, &teams, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!job_add(ctx, "month_report", fmt(ctx->mem, "{\"team\":%" PRId64 ",\"period\":\"%s\"}", teams[i], period), ctx->now, NULL))
			return false;
	return true;
}

/* The month that ended, and the quarter if one did; also some days later, after a night that was missed. */
static bool prepare_all(struct ctx *ctx, const struct json *args)
{
	struct ymd today = date_ymd(instant_day(ctx->now));
	struct ymd last = date_add_months((struct ymd){ today.year, today.month, 1 }, -1);

	(void)args;
	if (today.day > CATCH_UP_DAYS)
		return true;
	return prepare_period(ctx, fmt(ctx->mem, "%04d-%02d", last.year, last.month)) &&
	       (last.month % 3 || prepare_period(ctx, fmt(ctx->mem, "%04d-Q%d", last.year, last.month / 3)));
}

static bool prepare_one(struct ctx *ctx, const struct json *args)
{
	int64_t team = json_int(args, "team", 0);
	const char *period = json_text(args, "period", "");
	struct value leader, name;
	int64_t from, before, until;
	int64_t there;

	if (!record_find(ctx, "month_report", fmt(ctx->mem, "team=eq.%" PRId64 "&period=eq.%s", team, period), &there) ||
	    !record_get(ctx, "team", team, "leader", &leader) || !record_get(ctx, "team", team, "name", &name))
		return false;
	if (there || leader.kind != V_INT)
		return true;
	period_days(period, &from, &before, &until);
	return record_create(ctx, "month_report", (struct cell[]){
		{ "title", v_text(fmt(ctx->mem, "%s %s", period, name.s)) }, { "period", v_text(period) },
		{ "kind", v_text(period[5] == 'Q' ? "quarter" : "month") }, { "from_on", v_text(date_text(ctx->mem, from)) },
		{ "to_on", v_text(date_text(ctx->mem, until - 1)) }, { "team", v_int(team) }, { "owner", leader },
		{ "due_at", v_int(day_clock(calendar_add_workdays(until - 1, setting_int(ctx, "month_report_days")), "18:00")) }, { 0 } }, NULL);
}

/* Not submitted in time. */
static bool remind(struct ctx *ctx, const struct json *args)
{
	(void)args;
	return notice_missing(ctx, schema_object(ctx->schema, "month_report"));
}

const struct module month_module = {
	.name = "month",
	.hooks = (const struct hook[]){
		{ "month_report", HOOK_BEFORE, month_before },
		{ "month_report", HOOK_AFTER | HOOK_WRITES | HOOK_SYSTEM, month_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "month_report", "seen", seen },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "month_prepare", "daily 00:10", prepare_all, { "准备月报与季报", "Prepare monthly and quarterly reports" } },
		{ "month_report", NULL, prepare_one, { "准备一份月报或季报", "Prepare one monthly or quarterly report" } },
		{ "month_remind", "hourly", remind, { "提醒未交的月报与季报", "Remind of monthly and quarterly reports not handed in" } },
		{ 0 },
	},
};
