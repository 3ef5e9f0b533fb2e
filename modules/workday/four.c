/*
 * People, matters, place, goods (S01-64): one day in four quadrants, each number with the list behind it.
 */
#include "modules/workday/form_inner.h"

/* In the order of the columns of four_controls.sql; `amount`: the next column is the sum that goes with it. */
static const struct {
	const char *quadrant, *zh, *en;
	const char *open;               /* $day, $next: the day and the one after */
	bool of_team;                   /* the list can be narrowed to a team */
	bool amount;
} lines[] = {
	{ "people", "出勤", "Present", "daily_report?day=eq.$day&attendance=in.(present,trip,training,late,half)&state=in.(submitted,signed)", true, false },
	{ "people", "不在岗", "Away", "daily_report?day=eq.$day&attendance=in.(sick,leave,absent)&state=in.(submitted,signed)", true, false },
	{ "people", "拜访", "Visits", "activity?kind=eq.visit&state=eq.done&done_at=gte.$day&done_at=lt.$next", true, false },
	{ "people", "有效拜访", "Effective visits", "activity?kind=eq.visit&state=eq.done&effective=eq.true&done_at=gte.$day&done_at=lt.$next", true, false },
	{ "matters", "已交计划", "Plans handed in", "visit_plan?day=eq.$day&submitted_at=is.notnull", true, false },
	{ "matters", "未交计划", "Plans missing", "visit_plan?day=eq.$day&state=eq.draft", true, false },
	{ "matters", "已交日报", "Reports handed in", "daily_report?day=eq.$day&submitted_at=is.notnull", true, false },
	{ "matters", "未交日报", "Reports missing", "daily_report?day=eq.$day&state=eq.draft", true, false },
	{ "matters", "待核签日报", "Reports to be signed", "daily_report?day=eq.$day&state=eq.submitted", true, false },
	{ "matters", "已开会议", "Meetings held", "meeting?kind=ne.talk&state=eq.held&starts_at=gte.$day&starts_at=lt.$next", true, false },
	{ "matters", "未开会议", "Meetings not held", "meeting?kind=ne.talk&state=ne.held&starts_at=gte.$day&starts_at=lt.$next", true, false },
	{ "place", "异常", "Deviations", "task?origin=like.alert/*&created_at=gte.$day&created_at=lt.$next", true, false },
	{ "place", "市场反映", "Market reports", "market_form?day=eq.$day", true, false },
	{ "place", "投诉", "Complaints", "complaint?received_on=eq.$day", true, false },
	{ "place", "竞争动态", "Competitor events", "competitor_event?last_on=eq.$day&state=ne.dismissed", false, false },
	{ "goods", "订单", "Orders", "sales_order?state=in.(confirmed,completed)&confirmed_on=eq.$day", true, true },
	{ "goods", "赢单", "Deals won", "opportunity?result=eq.won&closed_on=eq.$day", true, true },
	{ "goods", "拜访收款", "Collected on visits", "activity?kind=eq.visit&state=eq.done&collected=gt.0&done_at=gte.$day&done_at=lt.$next", true, true },
	{ "goods", "到账", "Receipts", "receipt?received_on=eq.$day", true, true },
	{ "goods", "出入库", "Stock movements", "stock_move?moved_on=eq.$day", false, false },
	{ "goods", "库存不足", "Short of stock", "report/stock_level?day=$day&short=true", false, false },
};

/* The list with the days in their places. */
static const char *fill(struct ctx *ctx, const char *open, const char *day, const char *next)
{
	struct text out;

	text_init(&out, ctx->mem);
	for (const char *p = open; *p; p++) {
		bool is_next = strncmp(p, "$next", 5) == 0;

		if (*p != '$') {
			text_addc(&out, *p);
			continue;
		}
		text_add(&out, is_next ? next : day);
		p += is_next ? 4 : 3;
	}
	return out.s;
}

bool four_controls(struct ctx *ctx, struct report_call *call)
{
	struct query *q = call->figures;
	int64_t team = value_id(report_param(call, "team"));
	int64_t day = value_day(report_param(call, "day"));
	const char *text = date_text(ctx->mem, day);
	const char *next = date_text(ctx->mem, day + 1);
	size_t column = 0;

	if (!day || !db_next(q))
		return true;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		const char *open = fill(ctx, lines[i].open, text, next);
		struct value number = v_int(db_int(q, column++));
		struct value amount = lines[i].amount ? v_int(db_int(q, column++)) : v_null();

		if (team && lines[i].of_team)
			open = fmt(ctx->mem, "%s&owner.team=eq.%" PRId64, open, team);
		report_row(ctx, call, (struct cell[]){
			{ "quadrant", v_text(lines[i].quadrant) },
			{ "what", v_text(say(ctx, lines[i].zh, lines[i].en)) },
			{ "number", number }, { "amount", amount }, { "open", v_text(open) }, { 0 } });
	}
	return true;
}
