#include "modules/demo/demo_inner.h"

/* News: where, what, and in how many days. */
static const struct {
	const char *name, *kind, *source, *need;
	int area, days;
} news[] = {
	{ "省运动会场馆与交通配套", "event", "省体育局网站", "场馆调度、指挥中心大屏", 0, 160 },
	{ "十五五数字政府专项规划", "plan", "发改委公告", "业务系统升级与集成", 1, 210 },
	{ "危化品园区安全整治", "incident", "应急管理局通报", "监测预警与视频联网", 2, 75 },
	{ "中小企业数字化补贴办法", "policy", "工信局文件", "管理软件采购补贴", 1, 120 },
};

static bool hear_news(struct ctx *ctx, struct sim *s)
{
	for (size_t i = 0; i < LENGTH(news); i++) {
		int64_t radar;

		at_time(ctx, s, 9, 10 * (int)i, s->sellers[i % (size_t)s->n_sellers].id);
		if (!record_create(ctx, "radar", (struct cell[]){
		        { "name", v_text(news[i].name) },
		        { "kind", v_text(news[i].kind) },
		        { "region", v_text(area_region(news[i].area, (int)i)) },
		        { "happens_on", v_text(date_text(ctx->mem, s->day + news[i].days)) },
		        { "source", v_text(news[i].source) },
		        { "need", v_text(news[i].need) },
		        { "chance", v_text(i == 0 ? "high" : "medium") },
		        { "call_by", v_text(date_text(ctx->mem, s->day + 3)) },
		        { "state", v_text("watched") },
		        { 0 } }, &radar))
			return false;
		/* The first has become a lead already. */
		if (i == 0 && !record_create(ctx, "lead", (struct cell[]){
		        { "radar", v_int(radar) },
		        { "name", v_text(person_name(ctx->mem, s->person++)) },
		        { "company", v_text("省体育场馆管理中心") },
		        { "content", v_text(news[i].need) },
		        { "owner", v_int(s->sellers[0].id) },
		        { "state", v_text("contacted") },
		        { 0 } }, NULL))
			return false;
	}
	return true;
}

/* Who decides, as far as known; not every deal knows its decision maker. */
static bool map_deal(struct ctx *ctx, struct sim *s, const struct deal *d)
{
	static const char *const attitudes[] = { "support", "neutral", "neutral", "oppose" };
	const struct client *c = &s->clients[d->client];

	for (int i = 0; i < c->n_contacts; i++)
		if (!record_create(ctx, "stakeholder", (struct cell[]){
		        { "opportunity", v_int(d->id) },
		        { "contact", v_int(c->contacts[i]) },
		        { "attitude", v_text(attitudes[pick(s, (int)LENGTH(attitudes))]) },
		        { "access", v_text(i ? "open" : "introduced") },
		        { "introducer", i || c->n_contacts < 2 ? v_null() : v_int(c->contacts[1]) },
		        { 0 } }, NULL))
			return false;
	return c->n_contacts < 2 || record_create(ctx, "tie", (struct cell[]){
		{ "from_contact", v_int(c->contacts[1]) },
		{ "to_contact", v_int(c->contacts[0]) },
		{ "kind", v_text("colleague") },
		{ "owner", v_int(s->sellers[d->seller].id) },
		{ 0 } }, NULL);
}

static bool promise(struct ctx *ctx, struct sim *s, const struct deal *d, const char *side, const char *text)
{
	int64_t due = s->day + between(s, -25, 6);
	int kept = due >= s->day ? 0 : chance(s, s->sellers[d->seller].order) ? -between(s, 0, 3) : between(s, 1, 5);
	bool ever = due < s->day && chance(s, 85) && due + kept <= s->day;

	return record_create(ctx, "promise", (struct cell[]){
		{ "text", v_text(text) },
		{ "side", v_text(side) },
		{ "customer", v_int(s->clients[d->client].id) },
		{ "opportunity", v_int(d->id) },
		{ "owner", v_int(s->sellers[d->seller].id) },
		{ "made_on", v_text(date_text(ctx->mem, due - 10)) },
		{ "due_on", v_text(date_text(ctx->mem, due)) },
		{ "kept_on", ever ? v_text(date_text(ctx->mem, due + kept)) : v_null() },
		{ 0 } }, NULL);
}

static bool plan_project(struct ctx *ctx, struct sim *s, const struct deal *d)
{
	static const char *const steps[] = { "需求调研完成", "方案通过评审", "现场演示", "商务条款谈定" };

	for (int i = 0; i < 4; i++) {
		int64_t due = s->day + (i - d->stage) * 12 - 4;
		bool done = i <= d->stage && due <= s->day;

		if (!record_create(ctx, "milestone", (struct cell[]){
		        { "opportunity", v_int(d->id) },
		        { "name", v_text(steps[i]) },
		        { "due_on", v_text(date_text(ctx->mem, due)) },
		        { "done_on", done ? v_text(date_text(ctx->mem, due + (chance(s, 70) ? 0 : 2))) : v_null() },
		        { "decisive", v_int(i == 3) },
		        { 0 } }, NULL))
			return false;
	}
	return !chance(s, 40) || record_create(ctx, "risk", (struct cell[]){
		{ "opportunity", v_int(d->id) },
		{ "name", v_text(chance(s, 50) ? "预算尚未批复" : "对手已有关系") },
		{ "kind", v_text("project") },
		{ "likelihood", v_text(chance(s, 40) ? "high" : "medium") },
		{ "impact", v_text("high") },
		{ "response", v_text("请上级出面，确认立项时间") },
		{ "state", v_text("open") },
		{ 0 } }, NULL);
}

static bool prepare_visit(struct ctx *ctx, struct sim *s, const struct deal *d)
{
	const struct client *c = &s->clients[d->client];
	int64_t pattern;
	int64_t sheet;

	if (!record_find(ctx, "talk_pattern", "role=eq.leader", &pattern) ||
	    !record_create(ctx, "visit_sheet", (struct cell[]){
		{ "goal", v_text(word_goal(s, d->stage)) },
		{ "customer", v_int(c->id) },
		{ "contact", c->n_contacts ? v_int(c->contacts[0]) : v_null() },
		{ "opportunity", v_int(d->id) },
		{ "owner", v_int(s->sellers[d->seller].id) },
		{ "pattern", v_id(pattern) },
		{ "objections", v_text("价格高：按三年总成本比较；没时间：先做一个部门") },
		{ 0 } }, &sheet))
		return false;
	for (int n = pick(s, 3); n > 0; n--)
		if (!record_create(ctx, "rehearsal", (struct cell[]){
			{ "sheet", v_int(sheet) },
			{ "held_on", v_text(date_text(ctx->mem, s->day - n)) },
			{ "with_whom", v_text(n == 1 ? "团队长" : "同事") },
			{ "remark", v_text(n == 1 ? "开场再短一点，先问对方的打算" : NULL) },
			{ 0 } }, NULL))
			return false;
	return true;
}

static bool assess(struct ctx *ctx, struct sim *s, const struct seller *who)
{
	int stage = who->skill >= 120 ? 4 : who->skill >= 100 ? 3 : who->skill >= 80 ? 2 : 1;

	at_time(ctx, s, 17, 0, 0);
	return record_create(ctx, "growth_step", (struct cell[]){
		{ "person", v_int(who->id) },
		{ "stage", v_text(fmt(ctx->mem, "%d", stage)) },
		{ "since", v_text(date_text(ctx->mem, s->day - between(s, 20, 90))) },
		{ "evidence", v_text("随访两次的观察") },
		{ 0 } }, NULL);
}

/* Two or three deals of each seller are led as projects. */
bool lead_projects(struct ctx *ctx, struct sim *s)
{
	if (!hear_news(ctx, s))
		return false;
	for (int i = 0; i < s->n_sellers; i++) {
		int left = between(s, 2, 3);

		if (!assess(ctx, s, &s->sellers[i]))
			return false;
		for (int k = 0; k < s->n_deals && left; k++) {
			const struct deal *d = &s->deals[k];

			if (d->seller != i || !d->due || d->stage < 1 || d->stage > 3)
				continue;
			at_time(ctx, s, 16, left, s->sellers[i].id);
			if (!map_deal(ctx, s, d) || !plan_project(ctx, s, d) || !promise(ctx, s, d, "us", "提交修改后的方案") ||
			    !promise(ctx, s, d, "us", "安排参观样板客户") || !promise(ctx, s, d, "them", "引荐分管领导") ||
			    (left == 1 && !prepare_visit(ctx, s, d)))
				return false;
			left--;
		}
	}
	return true;
}
