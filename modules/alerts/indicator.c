/*
 * Indicators (S03-09): a metric with a limit, and who answers for it.
 */
#include "modules/alerts/alerts_inner.h"

bool indicator_before(struct ctx *ctx, struct change *c)
{
	struct value name = change_new(c, "metric");

	return change_act(c) == CHANGE_DELETE || name.kind != V_TEXT || metric_named(ctx, name.s) ||
	       fail(ctx, ERR_INVALID, "metric", "没有指标“%s”，可用的指标见“分析”", "There is no metric \"%s\": see \"Analysis\" for those there are",
	            name.s);
}

struct watched {
	int64_t id, limit, days, person, owner;
	const char *name, *metric, *who;
	bool above;
};

static bool write_indicator(struct ctx *ctx, struct report_call *call, const struct watched *w)
{
	const struct metric *m = metric_named(ctx, w->metric);
	int64_t today = instant_day(ctx->now);
	const char *from = date_text(ctx->mem, today - w->days + 1);
	struct metric_figure f;
	struct text open;

	if (!m || !metric_may(ctx, m))
		return true;
	if (!metric_figure(ctx, m, from, ctx->today, w->person, &f))
		return false;

	bool beyond = f.known && (w->above ? f.value > w->limit : f.value < w->limit);

	if (value_id(report_param(call, "beyond")) && !beyond)
		return true;
	text_init(&open, ctx->mem);
	metric_list(m->top, from, ctx->today, &open);
	if (w->person)
		text_addf(&open, "&%s=eq.%" PRId64, m->top->by->name, w->person);
	report_row(ctx, call, (struct cell[]){
		{ "indicator_id", v_int(w->id) }, { "name", v_text(w->name) }, { "value", f.known ? v_int(f.value) : v_null() },
		{ "limit_value", v_int(w->limit) }, { "beyond_limit", v_int(beyond) }, { "records", v_int(f.records) },
		{ "owner_id", v_int(w->owner) }, { "who", v_text(w->who) }, { "open", v_text(open.s) }, { 0 } });
	return true;
}

/* The rule reads this as the system: then each figure is of what whoever answers for it sees, and gets told. */
static bool write_for_owner(struct ctx *ctx, struct report_call *call, const struct watched *w)
{
	const struct member *me = ctx->me;
	struct member owner;
	bool found, ok;

	if (!me->system)
		return write_indicator(ctx, call, w);
	if (!member_load(ctx, w->owner, &owner, &found))
		return false;
	if (!found)
		return true;
	ctx_as(ctx, &owner);
	ok = write_indicator(ctx, call, w);
	ctx_as(ctx, me);
	return ok;
}

bool indicators(struct ctx *ctx, struct report_call *call)
{
	enum { ID, NAME, METRIC, SIDE, LIMIT, DAYS, PERSON, OWNER, WHO };
	struct watched *list = NULL;
	struct query *q = call->figures;
	size_t n = 0;
	size_t cap = 0;

	for (; db_next(q); n++) {
		list = arena_grow(ctx->mem, list, &cap, n + 1, sizeof *list);
		list[n] = (struct watched){
			.id = db_int(q, ID), .name = arena_dup(ctx->mem, db_text(q, NAME)), .metric = arena_dup(ctx->mem, db_text(q, METRIC)),
			.above = text_eq(db_text(q, SIDE), "above"), .limit = db_int(q, LIMIT), .days = db_int(q, DAYS), .person = db_int(q, PERSON),
			.owner = db_int(q, OWNER), .who = arena_dup(ctx->mem, db_text(q, WHO)) };
	}
	for (size_t i = 0; i < n; i++)
		if (!write_for_owner(ctx, call, &list[i]))
			return false;
	return true;
}
