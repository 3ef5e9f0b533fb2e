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
	return name.kind != V_TEXT || metric_named(ctx, name.s) ||
	       fail(ctx, ERR_INVALID, "metric", "没有指标“%s”", "There is no metric \"%s\"", name.s);
}

/*
 * A metric within two spans of days: goals and decisions alike.
 */

struct subject {
	int64_t id;
	const char *name, *who, *metric;
	const char *before[2], *now[2]; /* days, inclusive */
	struct value wanted;
	int64_t days;                   /* of each span; decisions only, as the rest */
	bool over, reviewed;
};

/* One row of the figures. */
typedef void read_fn(struct ctx *ctx, struct query *q, struct subject *ret);
/* One row of the report. */
typedef void write_fn(struct ctx *ctx, struct report_call *call, const struct metric *m, const struct subject *s,
                      const struct metric_figure *before, const struct metric_figure *now);

static bool compare(struct ctx *ctx, struct report_call *call, read_fn *read, write_fn *write)
{
	struct subject *list = NULL;
	size_t n = 0;
	size_t cap = 0;

	for (; db_next(call->figures); n++) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		read(ctx, call->figures, &list[n]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct subject *s = &list[i];
		const struct metric *m = metric_named(ctx, s->metric);
		struct metric_figure before, now;

		/* What the reader may not see is no row of theirs. */
		if (!m || !metric_may(ctx, m))
			continue;
		if (!metric_figure(ctx, m, s->before[0], s->before[1], 0, &before) ||
		    !metric_figure(ctx, m, s->now[0], s->now[1], 0, &now))
			return false;
		write(ctx, call, m, s, &before, &now);
	}
	return true;
}

static struct value known(const struct metric_figure *f)
{
	return f->known ? v_int(f->value) : v_null();
}

/*
 * Goals
 */

static void read_goal(struct ctx *ctx, struct query *q, struct subject *ret)
{
	enum { ID, NAME, METRIC, BASE_FROM, BASE_TO, SINCE, UNTIL, WANTED };

	*ret = (struct subject){
		.id = db_int(q, ID), .name = arena_dup(ctx->mem, db_text(q, NAME)), .metric = arena_dup(ctx->mem, db_text(q, METRIC)),
		.before = { arena_dup(ctx->mem, db_text(q, BASE_FROM)), arena_dup(ctx->mem, db_text(q, BASE_TO)) },
		.now = { arena_dup(ctx->mem, db_text(q, SINCE)), arena_dup(ctx->mem, db_text(q, UNTIL)) },
		.wanted = db_null(q, WANTED) ? v_null() : v_int(db_int(q, WANTED)),
	};
}

static void write_goal(struct ctx *ctx, struct report_call *call, const struct metric *m, const struct subject *s,
                       const struct metric_figure *base, const struct metric_figure *now)
{
	const char *language = ctx->me->language;
	bool both = base->known && now->known;
	int64_t change = now->value - base->value;
	int64_t better = m->good_down ? -change : change;

	report_row(ctx, call, (struct cell[]){
		{ "label", v_text(s->name) },
		{ "metric_label", v_text(label_in(m->label, language)) },
		{ "unit", v_text(label_in(m->unit, language)) },
		{ "base", known(base) },
		{ "now", known(now) },
		{ "change", both ? v_int(change) : v_null() },
		{ "change_rate", both && base->value > 0 ? v_int(change * 10000 / base->value) : v_null() },
		{ "wanted", s->wanted },
		{ "reading", v_text(!both ? "unknown" : better > 0 ? "better" : better < 0 ? "worse" : "same") },
		{ "base_records", v_int(base->records) },
		{ "now_records", v_int(now->records) },
		{ "id", v_int(s->id) },
		{ 0 } });
}

static bool effect_change(struct ctx *ctx, struct report_call *call)
{
	return compare(ctx, call, read_goal, write_goal);
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
	if (name.kind == V_TEXT && !metric_named(ctx, name.s))
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

/* From the day it was decided until the review or today, beside as many days before. */
static void read_decision(struct ctx *ctx, struct query *q, struct subject *ret)
{
	enum { ID, NAME, WHO, METRIC, DECIDED, REVIEW, EXPECTED, REVIEWED };
	int64_t today = instant_day(ctx->now);
	int64_t from = value_day(v_text(db_text(q, DECIDED)));
	int64_t until = value_day(v_text(db_text(q, REVIEW)));
	int64_t last = until - 1 < today ? until - 1 : today;
	int64_t days = last - from + 1;

	*ret = (struct subject){
		.id = db_int(q, ID), .name = arena_dup(ctx->mem, db_text(q, NAME)), .who = arena_dup(ctx->mem, db_text(q, WHO)),
		.metric = arena_dup(ctx->mem, db_text(q, METRIC)), .wanted = v_int(db_int(q, EXPECTED)),
		.before = { date_text(ctx->mem, from - days), date_text(ctx->mem, from - 1) },
		.now = { date_text(ctx->mem, from), date_text(ctx->mem, last) },
		.days = days, .over = until <= today, .reviewed = db_int(q, REVIEWED) != 0,
	};
}

static void write_decision(struct ctx *ctx, struct report_call *call, const struct metric *m, const struct subject *s,
                           const struct metric_figure *before, const struct metric_figure *now)
{
	report_row(ctx, call, (struct cell[]){
		{ "id", v_int(s->id) }, { "label", v_text(s->name) }, { "who", v_text(s->who) },
		{ "metric_label", v_text(label_in(m->label, ctx->me->language)) }, { "days", v_int(s->days) },
		{ "before", known(before) }, { "expected", s->wanted }, { "actual", known(now) },
		{ "difference", now->known ? v_int(now->value - s->wanted.i) : v_null() },
		{ "over", v_int(s->over) }, { "reviewed", v_int(s->reviewed) }, { 0 } });
}

static bool decision_effect(struct ctx *ctx, struct report_call *call)
{
	return compare(ctx, call, read_decision, write_decision);
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
