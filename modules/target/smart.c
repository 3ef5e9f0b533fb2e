/*
 * SMART: is a plan specific, measurable, attainable, relevant and time-bound (S03-01)?
 */
#include "modules/target/target_inner.h"

enum { SMART_WHY = TREE_END + 3, SMART_STRETCH };

static void write_check(struct book *b, const char *check, struct value ok, const char *finding)
{
	report_row(b->ctx, b->call, (struct cell[]){
		{ "plan", v_text(b->name) }, { "check", v_text(check) }, { "ok", ok }, { "finding", v_text(finding) }, { 0 } });
}

/* The best of the three years before, in what the plan measures; false if there is no figure. */
static bool best_year(struct book *b, int64_t year, int64_t *ret_best, int64_t *ret_year)
{
	bool any = false;

	for (int64_t y = year - 3; y < year; y++) {
		int64_t reached;
		struct slice s = { 0 };
		struct piece sum;

		period_read(fmt(b->ctx->mem, "%04" PRId64, y), &s.from, &s.to);
		sum = pieces_sum(&b->units, &b->pieces, &s);
		if (!sum.records || !metric_hundredths(b->metric, sum.top, sum.bottom, &reached) || (any && reached <= *ret_best))
			continue;
		*ret_best = reached;
		*ret_year = y;
		any = true;
	}
	return any;
}

static void check_attainable(struct book *b, int64_t total, int64_t year, int64_t stretch)
{
	struct ctx *ctx = b->ctx;
	int64_t best, best_in, limit, growth;

	if (!best_year(b, year, &best, &best_in) || !int_muldiv(best, 10000 + stretch, 10000, &limit) ||
	    !int_muldiv(total - best, 10000, best, &growth)) {
		write_check(b, "attainable", v_null(), say(ctx, "前三年没有数据，无从判断", "Not enough data: no figures in the three years before"));
		return;
	}
	write_check(b, "attainable", v_int(total <= limit),
	            fmt(ctx->mem, in_english(ctx) ? "Target %s; best of the three years before %s (%" PRId64 "), %s %% away, limit +%s %%"
	                                          : "目标 %s；前三年最好 %s（%" PRId64 " 年），相差 %s %%，上限 +%s %%",
	                decimal_text(ctx->mem, total, 2), decimal_text(ctx->mem, best, 2), best_in,
	                decimal_text(ctx->mem, growth, 2), decimal_text(ctx->mem, stretch, 2)));
}

bool target_smart(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	struct book b = { .ctx = ctx, .call = call };
	struct slice all = { 0 };
	const char *why = NULL;
	int64_t total = 0;
	int64_t stretch = 0;
	int64_t nobody = 0;
	bool english = in_english(ctx);
	bool valued;

	while (db_next(q)) {
		b.plan = db_int(q, TREE_END);
		b.metric = metric_named(ctx, db_text(q, TREE_END + 1));
		b.name = arena_dup(ctx->mem, db_text(q, TREE_END + 2));
		why = arena_dup(ctx->mem, db_text(q, SMART_WHY));
		stretch = db_int(q, SMART_STRETCH);
		tree_read(ctx, q, &b.tree);
		nobody += !b.tree.nodes[b.tree.n - 1].owner;
	}
	if (!b.tree.n || !b.metric || !metric_may(ctx, b.metric))
		return true;
	b.tree.within = arena_array(ctx->mem, b.tree.n + 1, sizeof *b.tree.within);
	period_read(fmt(ctx->mem, "%.4s", b.tree.nodes[0].period), &all.from, &all.to);

	int64_t year = date_ymd(all.from).year;

	date_parse(ctx->today, &b.on);
	if (!units_load(ctx, &b.units) || !book_open(&b, false, date_days((struct ymd){ (int)year - 3, 1, 1 }), all.from - 1))
		return false;
	valued = book_target(&b, &all, &total) && total > 0;
	write_check(&b, "specific", v_int(nobody == 0),
	            !english ? fmt(ctx->mem, "%zu 个目标，%" PRId64 " 个没有责任人", b.tree.n, nobody)
	                     : fmt(ctx->mem, "%zu targets, %" PRId64 " with nobody in charge", b.tree.n, nobody));
	write_check(&b, "measurable", v_int(valued),
	            fmt(ctx->mem, english ? "%s: %s" : "%s：%s", label_in(b.metric->label, ctx->me->language),
	                label_in(b.metric->doc, ctx->me->language)));
	check_attainable(&b, total, year, stretch);
	write_check(&b, "relevant", v_int(why && *why), why && *why ? utf8_cut(ctx->mem, why, 200)
	            : say(ctx, "没有写明依据", "No reason is given"));
	write_check(&b, "timed", v_int(all.to >= b.on),
	            fmt(ctx->mem, english ? "Until %s, %" PRId64 " workdays left" : "到 %s 为止，还有 %" PRId64 " 个工作日",
	                date_text(ctx->mem, all.to), period_workdays(b.on > all.from ? b.on : all.from, all.to)));
	return true;
}
