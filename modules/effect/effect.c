/*
 * Effect: chosen metrics before and now (S02-15).
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

const struct module effect_module = {
	.name = "effect",
	.hooks = (const struct hook[]){
		{ "effect_goal", HOOK_BEFORE, goal_before },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "effect_change", effect_change },
		{ 0 },
	},
};
