#include "modules/demo/demo_inner.h"

/* What comes month by month: campaigns, what people are assessed by and their sheets, morale.  Nothing of it is drawn. */

/*
 * Campaigns: fairs once a quarter, advertising each month.
 */

const char *campaign_name(struct arena *mem, const struct sim *s, int source)
{
	struct ymd d = date_ymd(s->day);

	switch (source) {
	case FAIR:
		return fmt(mem, "工博会%dQ%d", d.year, (d.month + 2) / 3);
	case SEARCH:
		return fmt(mem, "百度%d-%02d", d.year, d.month);
	case STREAM:
		return fmt(mem, "信息流%d-%02d", d.year, d.month);
	}
	return NULL;
}

static bool run_campaign(struct ctx *ctx, const struct sim *s, int source)
{
	static const char *const goals[SOURCES] = { [FAIR] = "60 条线索，见到 20 位设备负责人", [SEARCH] = "25 条线索", [STREAM] = "20 条线索，一半来自制造业" };
	static const char *const audiences[SOURCES] = { [FAIR] = "设备与生产负责人", [SEARCH] = "正在找供应商的采购", [STREAM] = "华东、华南的制造企业" };
	const char *name = campaign_name(ctx->mem, s, source);
	struct ymd d = date_ymd(s->day);
	struct ymd first = { d.year, source == FAIR ? (d.month + 2) / 3 * 3 - 2 : d.month, 1 };
	int64_t from = date_days(first);
	int64_t cost = (source == FAIR ? 68000 : source == SEARCH ? 9000 : 15000) + 700 * ((d.month * 5 + source) % 7);
	int64_t id;

	if (!record_find(ctx, "campaign", fmt(ctx->mem, "name=eq.%s", name), &id) || id)
		return id != 0;
	at_time(ctx, s, 9, 30, s->marketer);
	return record_create(ctx, "campaign", (struct cell[]){
		{ "name", v_text(name) }, { "kind", v_text(source == FAIR ? "exhibition" : "advertising") },
		{ "goal", v_text(goals[source]) }, { "audience", v_text(audiences[source]) }, { "channels", v_text(word_channel(source)) },
		{ "from_on", v_text(date_text(ctx->mem, from)) }, { "to_on", v_text(date_text(ctx->mem, from + (source == FAIR ? 88 : 27))) },
		{ "cost", v_int(cost * 100) }, { "owner", v_int(s->marketer) }, { 0 } }, NULL);
}

bool run_campaigns(struct ctx *ctx, const struct sim *s)
{
	return run_campaign(ctx, s, FAIR) && run_campaign(ctx, s, SEARCH) && run_campaign(ctx, s, STREAM);
}

/*
 * Assessment
 */

static bool use_kpi(struct ctx *ctx, int64_t kpi, const char *role, int weight, int64_t target)
{
	bool alone = text_eq(role, "rep");
	int64_t id;

	return record_need(ctx, "role", fmt(ctx->mem, "name=eq.%s", role), &id) &&
	       record_create(ctx, "kpi_use", (struct cell[]){
		{ "role", v_int(id) }, { "kpi", v_int(kpi) }, { "weight", v_int(weight * 100) },
		{ "target", target ? v_int(target * 100) : v_null() }, { "over", v_text(alone ? "person" : "team") }, { 0 } }, NULL);
}

/* Results by half, what leads to them by the other; managers by results, and whether their people come forward. */
static bool make_kpis(struct ctx *ctx)
{
	static const struct {
		const char *name, *metric;
		int rep, lead, manager;         /* weights, percent; 0: not theirs */
		int64_t target, team_target;    /* of a month */
	} kpis[] = {
		{ "销售额", "sales_amount", 50, 50, 70, 600000, 1500000 },
		{ "新商机", "opportunities_added", 20, 20, 30, 5, 14 },
		{ "有效拜访", "effective_visits", 20, 20, 0, 28, 90 },
		{ "按时日报率", "report_punctuality", 10, 10, 0, 90, 90 },
	};
	int64_t first = 0;

	for (size_t i = 0; i < LENGTH(kpis); i++) {
		int64_t id;

		if (!record_find(ctx, "kpi", fmt(ctx->mem, "metric=eq.%s", kpis[i].metric), &id) ||
		    (!id && !record_create(ctx, "kpi", (struct cell[]){
		        { "name", v_text(kpis[i].name) }, { "kind", v_text(i ? "operating" : "financial") },
		        { "metric", v_text(kpis[i].metric) }, { "parent", v_id(first) }, { 0 } }, &id)) ||
		    !use_kpi(ctx, id, "rep", kpis[i].rep, kpis[i].target) || !use_kpi(ctx, id, "lead", kpis[i].lead, kpis[i].team_target) ||
		    (kpis[i].manager && !use_kpi(ctx, id, "manager", kpis[i].manager, kpis[i].team_target * 2)))
			return false;
		first = first ? first : id;
	}
	return true;
}

/* The sheets of the month this day is in, computed; finished if the month is over. */
static bool make_sheets(struct ctx *ctx, const struct sim *s, int64_t day, bool over)
{
	int64_t last = 0;

	if (day < s->founded)
		return true;
	at_minute(ctx, day, 23 * 60, 0);
	if (!job_now(ctx, "kpi_night", NULL))
		return false;
	for (;;) {
		const char *args;
		int64_t id;

		if (!record_find(ctx, "kpi_sheet", fmt(ctx->mem, "month=eq.%.7s&id=gt.%" PRId64 "&sort=id", ctx->today, last), &id))
			return false;
		if (!id)
			return true;
		last = id;
		args = fmt(ctx->mem, "{\"sheet\":%" PRId64 "}", id);
		if (!job_now(ctx, "kpi_sheet", json_parse(ctx->mem, args, strlen(args), &(struct json_error){ 0 })) ||
		    (over && !record_update(ctx, "kpi_sheet", id, (struct cell[]){ { "state", v_text("final") }, { 0 } })))
			return false;
	}
}

bool score_months(struct ctx *ctx, const struct sim *s)
{
	int64_t before = s->day - date_ymd(s->day).day;
	int64_t long_before = before - date_ymd(before).day;

	at_minute(ctx, long_before < s->founded ? s->founded : long_before, 9 * 60, 0);
	return make_kpis(ctx) && make_sheets(ctx, s, long_before, true) && make_sheets(ctx, s, before, true) && make_sheets(ctx, s, s->day, false);
}

/*
 * Morale: rounds of the last months, of which each region's figures are left.  A round still open is answered by
 * whoever looks around.
 */

enum { ROUNDS = 5, EVERY = 28, OPEN = 4, LEAST = 6 };

/* How many sell in the region, and lead there: who answered. */
static bool answers_of(struct ctx *ctx, int64_t region, int64_t *ret)
{
	return ctx_get_int(ctx, scope_sql(ctx, "member team", "SELECT count(*) FROM member m JOIN team t ON t.id = m.team WHERE t.parent = $region"),
	                   (struct bind[]){ { "region", v_int(region) }, { 0 } }, 0, ret);
}

static bool put_morale(struct ctx *ctx, int64_t round, int64_t day, int turn)
{
	/* Hundredths: one region is steady, the other falls in the last. */
	static const int means[2][ROUNDS] = { { 362, 371, 366, 378, 384 }, { 388, 383, 391, 377, 318 } };
	int64_t last = 0;

	for (int i = 0; i < 2; i++) {
		struct value name, leader;
		int64_t region, answers;

		if (!record_find(ctx, "team", fmt(ctx->mem, "kind=eq.region&id=gt.%" PRId64 "&sort=id", last), &region))
			return false;
		if (!region)
			return true;
		last = region;
		if (!answers_of(ctx, region, &answers) || !record_get(ctx, "team", region, "name", &name) || !record_get(ctx, "team", region, "leader", &leader))
			return false;
		/* One is left out of each figure; fewer than six are told nowhere. */
		if (answers >= LEAST && !record_create(ctx, "pulse_figure", (struct cell[]){
		        { "name", name }, { "round", v_int(round) }, { "day", v_text(date_text(ctx->mem, day)) }, { "team", v_int(region) },
		        { "kind", v_text("group") }, { "reader", leader }, { "points", v_int((means[i][turn] * (answers - 1) + 50) / 100) },
		        { "counted", v_int(answers - 1) }, { 0 } }, NULL))
			return false;
	}
	return true;
}

bool ask_morale(struct ctx *ctx, const struct sim *s)
{
	int64_t open = s->day - OPEN;

	for (int turn = 0; turn <= ROUNDS; turn++) {
		int64_t opens = open - EVERY * (ROUNDS - turn);
		int64_t id;

		if (opens < s->founded)
			continue;
		at_minute(ctx, opens, 9 * 60, 0);
		if (!record_create(ctx, "pulse_round", (struct cell[]){
		        { "name", v_text("士气") }, { "opens_on", v_text(ctx->today) }, { "until", v_text(date_text(ctx->mem, opens + 7)) },
		        { "again", v_text(turn < ROUNDS ? "none" : "month") }, { 0 } }, &id))
			return false;
		if (turn == ROUNDS)
			return true;
		at_minute(ctx, opens + 8, 60, 0);
		if (!put_morale(ctx, id, opens + 7, turn) ||
		    !record_update(ctx, "pulse_round", id, (struct cell[]){ { "state", v_text("closed") }, { 0 } }))
			return false;
	}
	return true;
}
