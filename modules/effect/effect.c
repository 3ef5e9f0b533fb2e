/*
 * Effect: chosen metrics before and now (S02-15), and what decisions were expected to bring, and brought (S04-27).
 */
#include "engine/module.h"

static bool goal_before(struct ctx *ctx, struct change *c)
{
	struct value name = change_new(c, "metric");
	struct value from = change_new(c, "base_from");
	struct value to = change_new(c, "base_to");

	if (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE)
		return true;
	if (from.kind == V_TEXT && to.kind == V_TEXT && strcmp(from.s, to.s) > 0)
		return fail(ctx, ERR_INVALID, "base_to", "结束不能早于开始", "It cannot end before it begins");
	return name.kind != V_TEXT || schema_metric(ctx->schema, name.s) ||
	       fail(ctx, ERR_INVALID, "metric", "没有指标“%s”", "There is no metric \"%s\"", name.s);
}

struct goal {
	int64_t id;
	const char *name, *metric, *base[2], *now[2];
	struct value wanted;
};

static bool write_goal(struct ctx *ctx, struct report_call *call, const struct goal *g)
{
	const char *language = in_english(ctx) ? "en" : "zh";
	const struct metric *m = schema_metric(ctx->schema, g->metric);
	struct metric_figure base;
	struct metric_figure now;

	/* What the reader may not see is no row of theirs. */
	if (!m || !metric_may(ctx, m))
		return true;
	if (!metric_figure(ctx, m, g->base[0], g->base[1], 0, &base) || !metric_figure(ctx, m, g->now[0], g->now[1], 0, &now))
		return false;

	bool both = base.known && now.known;
	int64_t change = now.value - base.value;
	int64_t better = m->good_down ? -change : change;

	report_row(ctx, call, (struct cell[]){
		{ "label", v_text(g->name) },
		{ "metric_label", v_text(label_in(m->label, language)) },
		{ "unit", v_text(label_in(m->unit, language)) },
		{ "base", base.known ? v_int(base.value) : v_null() },
		{ "now", now.known ? v_int(now.value) : v_null() },
		{ "change", both ? v_int(change) : v_null() },
		{ "change_rate", both && base.value > 0 ? v_int(change * 10000 / base.value) : v_null() },
		{ "wanted", g->wanted },
		{ "reading", v_text(!both ? "unknown" : better > 0 ? "better" : better < 0 ? "worse" : "same") },
		{ "base_records", v_int(base.records) },
		{ "now_records", v_int(now.records) },
		{ "id", v_int(g->id) },
		{ 0 } });
	return true;
}

static bool effect_change(struct ctx *ctx, struct report_call *call)
{
	enum { ID, NAME, METRIC, BASE_FROM, BASE_TO, SINCE, UNTIL, WANTED, MOST = 50 };
	struct goal goals[MOST];
	struct query *q = call->figures;
	size_t n = 0;

	for (; n < MOST && db_next(q); n++)
		goals[n] = (struct goal){
			.id = db_int(q, ID), .name = arena_dup(ctx->mem, db_text(q, NAME)), .metric = arena_dup(ctx->mem, db_text(q, METRIC)),
			.base = { arena_dup(ctx->mem, db_text(q, BASE_FROM)), arena_dup(ctx->mem, db_text(q, BASE_TO)) },
			.now = { arena_dup(ctx->mem, db_text(q, SINCE)), arena_dup(ctx->mem, db_text(q, UNTIL)) },
			.wanted = db_null(q, WANTED) ? v_null() : v_int(db_int(q, WANTED)),
		};
	for (size_t i = 0; i < n; i++)
		if (!write_goal(ctx, call, &goals[i]))
			return false;
	return true;
}

/*
 * Decisions
 */

enum { REVIEW_AFTER = 90 };

static bool decision_before(struct ctx *ctx, struct change *c)
{
	struct value name = change_new(c, "metric");
	struct value decided = change_new(c, "decided_on");
	int64_t day;

	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) || decided.kind != V_TEXT)
		return true;
	if (name.kind == V_TEXT && !schema_metric(ctx->schema, name.s))
		return fail(ctx, ERR_INVALID, "metric", "没有指标“%s”", "There is no metric \"%s\"", name.s);
	if (value_empty(change_new(c, "review_on")) && date_parse(decided.s, &day))
		change_set(c, "review_on", v_text(date_text(ctx->mem, day + REVIEW_AFTER)));
	if (strcmp(change_new(c, "review_on").s, decided.s) <= 0)
		return fail(ctx, ERR_INVALID, "review_on", "复查日期要在决定之后", "The review comes after the decision");
	if (change_act(c) == CHANGE_UPDATE && strcmp(change_old(c, "review_on").s, ctx->today) <= 0 &&
	    (change_has(c, "expected") || change_has(c, "metric") || change_has(c, "decided_on") || change_has(c, "review_on")))
		return fail(ctx, ERR_CONFLICT, "expected", "已到复查日，预期不能再改", "The day of review has come: what was expected stays");
	if (change_has(c, "review"))
		change_set(c, "reviewed_on", value_empty(change_new(c, "review")) ? v_null() : v_text(ctx->today));
	return true;
}

struct decided {
	int64_t id, from, until, reviewed;
	const char *name, *who, *metric;
	struct value expected;
};

static bool write_decision(struct ctx *ctx, struct report_call *call, const struct decided *d)
{
	const struct metric *m = schema_metric(ctx->schema, d->metric);
	struct metric_figure before, now;
	int64_t today, last;

	if (!m || !metric_may(ctx, m) || !date_parse(ctx->today, &today))
		return ctx->kind == ERR_NONE;
	last = d->until - 1 < today ? d->until - 1 : today;

	int64_t days = last - d->from + 1;

	if (!metric_figure(ctx, m, date_text(ctx->mem, d->from), date_text(ctx->mem, last), 0, &now) ||
	    !metric_figure(ctx, m, date_text(ctx->mem, d->from - days), date_text(ctx->mem, d->from - 1), 0, &before))
		return false;
	report_row(ctx, call, (struct cell[]){
		{ "id", v_int(d->id) }, { "label", v_text(d->name) }, { "who", v_text(d->who) },
		{ "metric_label", v_text(label_in(m->label, ctx->me->language)) }, { "days", v_int(days) },
		{ "before", before.known ? v_int(before.value) : v_null() }, { "expected", d->expected },
		{ "actual", now.known ? v_int(now.value) : v_null() },
		{ "difference", now.known ? v_int(now.value - d->expected.i) : v_null() },
		{ "over", v_int(d->until <= today) }, { "reviewed", v_int(d->reviewed) }, { 0 } });
	return true;
}

static bool decision_effect(struct ctx *ctx, struct report_call *call)
{
	enum { ID, NAME, WHO, METRIC, DECIDED, REVIEW, EXPECTED, REVIEWED, MOST = 50 };
	struct decided list[MOST];
	struct query *q = call->figures;
	size_t n = 0;

	for (; n < MOST && db_next(q); n++) {
		list[n] = (struct decided){
			.id = db_int(q, ID), .name = arena_dup(ctx->mem, db_text(q, NAME)), .who = arena_dup(ctx->mem, db_text(q, WHO)),
			.metric = arena_dup(ctx->mem, db_text(q, METRIC)), .expected = v_int(db_int(q, EXPECTED)), .reviewed = db_int(q, REVIEWED) };
		date_parse(db_text(q, DECIDED), &list[n].from);
		date_parse(db_text(q, REVIEW), &list[n].until);
	}
	for (size_t i = 0; i < n; i++)
		if (!write_decision(ctx, call, &list[i]))
			return false;
	return true;
}

/* On the day of review it is the task of whoever decided, once. */
static bool remind(struct ctx *ctx, const struct json *args)
{
	int64_t *ids;
	size_t n;

	(void)args;
	if (!ctx_ids(ctx, scope_sql(ctx, "decision", "SELECT id FROM decision WHERE review_on = $today AND reviewed_on IS NULL ORDER BY id"), NULL, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *origin = fmt(ctx->mem, "decision/%" PRId64, ids[i]);
		struct value name, owner;
		int64_t told;

		if (!record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s", origin), &told) || !record_get(ctx, "decision", ids[i], "name", &name) ||
		    !record_get(ctx, "decision", ids[i], "owner", &owner) ||
		    (!told && !record_create(ctx, "task", (struct cell[]){
			{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, "%s%s", say(ctx, "复查决策：", "Review the decision: "), name.s), 200)) },
			{ "owner", owner }, { "due_on", v_text(ctx->today) }, { "state", v_text("open") }, { "origin", v_text(origin) }, { 0 } }, NULL)))
			return false;
	}
	return true;
}

const struct module effect_module = {
	.name = "effect",
	.hooks = (const struct hook[]){
		{ "effect_goal", HOOK_BEFORE, goal_before },
		{ "decision", HOOK_BEFORE, decision_before },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "effect_change", effect_change },
		{ "decision_effect", decision_effect },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "decision_review", "daily 06:10", remind, { "提醒检查决定的效果", "Remind of decisions to be reviewed" } },
		{ 0 },
	},
};
