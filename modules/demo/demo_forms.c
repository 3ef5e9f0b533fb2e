#include "modules/demo/demo_inner.h"

/*
 * Plans, reports and signatures of the last weeks.  They draw from a sequence of their own, so
 * that what the days bring is the same with and without them.
 */

/* Hands in, or leaves lying, a form that may be there already. */
static bool hand_in(struct ctx *ctx, const char *form, int64_t owner, const char *day, const struct cell *cells,
                    int64_t *ret)
{
	struct cell all[16] = { { "owner", v_int(owner) }, { "day", v_text(day) } };
	size_t n = 2;

	while (cells->name)
		all[n++] = *cells++;
	if (!record_find(ctx, form, fmt(ctx->mem, "owner=eq.%" PRId64 "&day=eq.%s", owner, day), ret))
		return false;
	return *ret ? record_update(ctx, form, *ret, all + 2) : record_create(ctx, form, all, ret);
}

static bool sign(struct ctx *ctx, struct sim *s, const char *form, int64_t id)
{
	static const char *const orders[] = { "明天先把报价送到。", "带上技术一起去。", "这家先放一放，去开发区。" };
	static const char *const questions[] = { "谁拍板？", "他们为什么现在要换？", "不成的话，卡在哪一步？" };
	bool word = chance(s, 40);

	return record_update(ctx, form, id, (struct cell[]){
		{ "state", v_text("signed") }, { "grade", v_int(chance(s, 25) ? 5 : chance(s, 70) ? 4 : 3) },
		{ "instruction", word ? v_text(orders[pick(s, 3)]) : v_null() },
		{ "question", chance(s, 35) ? v_text(questions[pick(s, 3)]) : v_null() }, { 0 } });
}

/* A number of visits of the day, an hour and a half apart; their ids. */
static bool plan_lines(struct ctx *ctx, struct sim *s, int seller, int64_t day, int64_t *ids, int n)
{
	for (int i = 0; i < n; i++) {
		int64_t at = day_start(day) + (9 * 60 + i * 90) * INT64_C(60000);
		int client = own_client(s, seller);
		const struct client *c = client >= 0 ? &s->clients[client] : NULL;

		if (!c)
			return true;
		if (!record_create(ctx, "activity", (struct cell[]){
		        { "kind", v_text("visit") }, { "state", v_text("planned") },
		        { "owner", v_int(s->sellers[seller].id) }, { "customer", v_int(c->id) },
		        { "purpose", v_text(c->deal >= 0 ? "development" : chance(s, 50) ? "service" : "collection") },
		        { "goal", v_text(word_goal(s, c->deal >= 0 ? s->deals[c->deal].stage : 0)) },
		        { "planned_at", v_int(at) }, { "planned_end", v_int(at + 3600000) }, { 0 } }, &ids[i]))
			return false;
	}
	return true;
}

static bool do_lines(struct ctx *ctx, struct sim *s, const struct seller *who, const int64_t *ids, int n)
{
	for (int i = 0; i < n; i++) {
		bool good = chance(s, 55 * who->skill / 100);

		if (!ids[i] || !chance(s, 70 + who->order / 5))
			continue;
		at_minute(ctx, s->day, (10 + i + i / 2) * 60 + between(s, 0, 29), who->id);
		if (!record_update(ctx, "activity", ids[i], (struct cell[]){
		        { "state", v_text("done") }, { "done_at", v_int(ctx->now) },
		        { "goal_reached", v_text(good ? "yes" : chance(s, 40) ? "partly" : "no") },
		        { "outcome", v_text(word_outcome(s, "visit", good)) }, { "minutes", v_int(between(s, 3, 9) * 10) },
		        { "cost", v_int((int64_t)between(s, 2, 20) * 1000) },
		        { "collected", good && chance(s, 20) ? v_int((int64_t)between(s, 5, 40) * 100000) : v_null() },
		        { 0 } }))
			return false;
	}
	return true;
}

/* Now and then something that cannot wait for the evening. */
static bool speak_up(struct ctx *ctx, struct sim *s, const struct seller *who, int64_t leader, int64_t activity)
{
	static const char *const moves[] = { "买设备送一年耗材", "同型号降价一成", "推出带视觉的新型号" };
	int rival = pick(s, RIVALS);
	int64_t form = 0;

	if (!activity)
		return true;
	at_minute(ctx, s->day, 15 * 60 + between(s, 0, 59), who->id);
	if (chance(s, 7) && !record_create(ctx, "market_form", (struct cell[]){
	        { "owner", v_int(who->id) }, { "day", v_text(ctx->today) }, { "activity", v_int(activity) }, { "kind", v_text("competitor") },
	        { "competitor", v_int(s->rivals[rival]) }, { "content", v_text(moves[pick(s, 3)]) },
	        { "severity", v_text(chance(s, 50) ? "serious" : "normal") }, { 0 } }, &form))
		return false;
	if (form && leader && chance(s, 70)) {
		at_minute(ctx, s->day, 16 * 60 + between(s, 0, 59), leader);
		if (!record_update(ctx, "market_form", form, (struct cell[]){
		        { "decision", v_text("不跟价；强调售后，必要时赠一次保养") }, { 0 } }))
			return false;
		at_minute(ctx, s->day, 17 * 60, who->id);
	}
	return !chance(s, 4) || record_create(ctx, "complaint", (struct cell[]){
		{ "owner", v_int(who->id) }, { "activity", v_int(activity) },
		{ "category", v_text(chance(s, 60) ? "quality" : "after_sales") },
		{ "facts", v_text("客户反映设备有异响，要求尽快处理") },
		{ "wishes", v_text(",at_once,prevention,") }, { 0 } }, NULL);
}

static bool report_day(struct ctx *ctx, struct sim *s, const struct seller *who, int64_t leader, const char *day)
{
	static const char *const opinions[] = { "希望缩短交期", "培训再细一点", "无" };
	static const char *const thoughts[] = { "问得太少，说得太多", "先约到决策人再谈价", "路线排得不顺" };
	bool late = !chance(s, 60 + who->order / 3);
	int64_t report;

	if (late && chance(s, 30)) {            /* never handed in */
		at_minute(ctx, s->day, 8 * 60, 0);
		return hand_in(ctx, "daily_report", who->id, day, (struct cell[]){ { 0 } }, &report);
	}
	at_minute(ctx, s->day, (late ? 22 : between(s, 18, 20)) * 60 + between(s, 0, 59), who->id);
	if (!hand_in(ctx, "daily_report", who->id, day, (struct cell[]){
	        { "attendance", v_text(chance(s, 8) ? "trip" : "present") }, { "state", v_text("submitted") },
	        { "visits_note", v_text("按计划走访") },
	        { "opinions", v_text(opinions[pick(s, 3)]) }, { "reflections", v_text(thoughts[pick(s, 3)]) },
	        { "news", chance(s, 50) ? v_text("无") : v_null() }, { "competitors", chance(s, 60) ? v_text("无") : v_null() },
	        { 0 } }, &report))
		return false;
	at_minute(ctx, s->day + 1, between(s, 8, chance(s, 85) ? 11 : 16) * 60 + between(s, 0, 59), leader);
	return !leader || s->day + 1 >= s->forms_until || sign(ctx, s, "daily_report", report);
}

bool hand_in_forms(struct ctx *ctx, const struct sim *now)
{
	for (int i = 0; i < now->n_sellers; i++) {
		struct sim own = *now;
		struct sim *s = &own;
		const struct seller *who = &s->sellers[i];
		const char *day = date_text(ctx->mem, s->day);
		int64_t ids[4] = { 0 };
		int64_t leader;
		int64_t plan;

		own.random = (uint64_t)(now->day * 1000 + i) * UINT64_C(0x9e3779b97f4a7c15) + 1;

		int n = between(s, 1, 4);

		if (!member_leader(ctx, who->id, &leader))
			return false;
		at_minute(ctx, s->day - 1, (chance(s, 60 + who->order / 3) ? between(s, 17, 19) : 21) * 60 + between(s, 0, 59), who->id);
		if (!plan_lines(ctx, s, i, s->day, ids, n) ||
		    !hand_in(ctx, "visit_plan", who->id, day, (struct cell[]){
		        { "state", v_text("submitted") }, { "order_target", v_int((int64_t)between(s, 2, 12) * 1000000) },
		        { "collection_target", v_int((int64_t)between(s, 0, 3) * 1000000) }, { 0 } }, &plan))
			return false;
		at_minute(ctx, s->day, 8 * 60 + between(s, 0, 59), leader);
		if (leader && chance(s, 90) && !sign(ctx, s, "visit_plan", plan))
			return false;
		if (s->day >= s->forms_until)
			continue;       /* today is still ahead */
		if (!do_lines(ctx, s, who, ids, n) || !speak_up(ctx, s, who, leader, ids[0]) || !report_day(ctx, s, who, leader, day))
			return false;
	}
	return true;
}

/* On Monday each team's week is prepared; its leader submits it before noon, most of the time. */
bool hand_in_week(struct ctx *ctx, const struct sim *now)
{
	struct sim own = *now;
	struct sim *s = &own;
	const char *monday = date_text(ctx->mem, s->day - 7);
	int64_t last = 0;

	if (date_weekday(s->day) != 1 || s->day - 7 < s->forms_from - 7)
		return true;
	own.random = (uint64_t)now->day * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (int i = 0; i < s->n_sellers; i++) {
		int64_t team = s->sellers[i].team;
		const char *args = fmt(ctx->mem, "{\"team\":%" PRId64 ",\"monday\":%" PRId64 "}", team, s->day - 7);
		struct value leader;
		struct value next;
		int64_t report;

		if (team == last)
			continue;
		last = team;
		at_minute(ctx, s->day, 0, 0);
		if (!job_now(ctx, "week_report", json_parse(ctx->mem, args, strlen(args), &(struct json_error){ 0 })) ||
		    !record_find(ctx, "week_report", fmt(ctx->mem, "team=eq.%" PRId64 "&monday=eq.%s&state=eq.draft", team, monday),
		                 &report))
			return false;
		if (!report || s->day >= s->forms_until || chance(s, 15))
			continue;
		if (!record_get(ctx, "week_report", report, "owner", &leader) ||
		    !record_get(ctx, "week_report", report, "next_target", &next))
			return false;
		at_minute(ctx, s->day, between(s, 9, chance(s, 80) ? 11 : 15) * 60 + between(s, 0, 59), value_id(leader));
		if (!record_update(ctx, "week_report", report, (struct cell[]){
		        { "next_target", next.kind == V_INT ? next : v_int((int64_t)between(s, 20, 60) * 1000000) },
		        { "next_plan", v_text("盯住方案阶段的商机；每人每天至少两次拜访；催交迟交的日报。") },
		        { "forms_note", v_text("迟交的已逐一谈过") }, { "state", v_text("submitted") }, { 0 } }))
			return false;
	}
	return true;
}

/* What was reported of the month before the forms begin: answered, but for one that waits. */
bool hand_in_month(struct ctx *ctx, const struct sim *s)
{
	struct ymd now = date_ymd(s->forms_from);
	int64_t first = date_days((struct ymd){ now.year, now.month, 1 });
	struct ymd month = date_ymd(first - 1);
	int64_t last = 0;
	int nth = 0;

	for (int i = 0; s->day == s->forms_from && i < s->n_sellers; i++) {
		int64_t team = s->sellers[i].team;
		const char *args = fmt(ctx->mem, "{\"team\":%" PRId64 ",\"period\":\"%04d-%02d\"}", team, month.year, month.month);
		struct value leader;
		int64_t superior;
		int64_t report;

		if (team == last)
			continue;
		last = team;
		at_minute(ctx, first, 10, 0);
		if (!job_now(ctx, "month_report", json_parse(ctx->mem, args, strlen(args), &(struct json_error){ 0 })) ||
		    !record_find(ctx, "month_report", fmt(ctx->mem, "team=eq.%" PRId64 "&state=eq.draft", team), &report))
			return false;
		if (!report)
			continue;
		nth++;
		if (!record_get(ctx, "month_report", report, "owner", &leader) || !member_leader(ctx, leader.i, &superior))
			return false;
		at_minute(ctx, first + 2, 10 * 60 + nth, leader.i);
		if (!record_update(ctx, "month_report", report, (struct cell[]){
		        { "comment", v_text("大单集中在月底，前两周的拜访偏少；老客户加单好于新客户。") },
		        { "problem", v_text("方案阶段停留偏长，两家竞争对手在压价。") },
		        { "proposal", v_text("方案后三天内必约决策人；样板客户参观排进日程。") },
		        { "asked", v_text("请批准两场样板客户参观的费用，约八千元。") }, { "state", v_text("submitted") }, { 0 } }))
			return false;
		if (nth == 2 || !superior)
			continue;
		at_minute(ctx, first + 3, 9 * 60 + nth, superior);
		if (!record_update(ctx, "month_report", report, (struct cell[]){
		        { "answer", v_text("同意，参观后一周内报结果。") }, { "decision", v_text("agreed") }, { "state", v_text("answered") },
		        { "answered_by", v_id(superior) }, { "answered_at", v_int(ctx->now) }, { "read_at", v_int(ctx->now) }, { 0 } }))
			return false;
	}
	return true;
}
