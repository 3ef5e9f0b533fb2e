#include "modules/demo/demo_inner.h"

/* What became of the questions leaders put, and the talks with each.  Drawn from a sequence of its own. */

static bool reply(struct ctx *ctx, struct sim *s, int64_t id)
{
	static const char *const replies[] = { "应该是财务总监，我还没见过他", "他们怕换线停产，我没有问清楚", "我报价太早了", "我准备得不够，只讲了产品" };
	static const char *const promises[] = { "约到财务总监", "问清停产一天损失多少", "先演示，再报价", "每次拜访前写好三个问题" };
	int word = pick(s, 4);
	bool commits = chance(s, 55);
	struct value member;

	if (!record_get(ctx, "coaching", id, "member", &member))
		return false;
	at_minute(ctx, s->day, 9 * 60 + between(s, 0, 59), value_id(member));
	return record_update(ctx, "coaching", id, (struct cell[]){
		{ "reply", v_text(replies[word]) },
		{ "commitment", commits ? v_text(promises[word]) : v_null() },
		{ "due_on", commits ? v_text(date_text(ctx->mem, calendar_add_workdays(s->day, between(s, 1, 4)))) : v_null() }, { 0 } });
}

/* Most are answered the next day. */
static bool answer_questions(struct ctx *ctx, struct sim *s)
{
	enum { MOST = 12 };
	int64_t last = 0;

	for (int i = 0; i < MOST; i++) {
		int64_t id;

		at_minute(ctx, s->day, 9 * 60, 0);
		if (!record_find(ctx, "coaching", fmt(ctx->mem, "state=eq.asked&day=gte.%s&id=gt.%" PRId64 "&sort=id",
		                                      date_text(ctx->mem, s->day - 4), last), &id))
			return false;
		if (!id)
			return true;
		last = id;
		if (chance(s, 45) && !reply(ctx, s, id))
			return false;
	}
	return true;
}

static bool hold_talks(struct ctx *ctx, struct sim *s)
{
	static const char *const agreements[] = { "每周见两位决策人", "报价前先把需求写成一页", "陪访一次，回来一起看" };

	for (;;) {
		struct value leader;
		int64_t id;

		at_minute(ctx, s->day, 16 * 60, 0);
		if (!record_find(ctx, "one_to_one", fmt(ctx->mem, "held_at=is.null&day=lte.%s", ctx->today), &id))
			return false;
		if (!id)
			return true;
		if (!record_get(ctx, "one_to_one", id, "leader", &leader))
			return false;
		at_minute(ctx, s->day, 16 * 60 + between(s, 0, 59), value_id(leader));
		if (!record_update(ctx, "one_to_one", id, chance(s, 75)
		        ? (struct cell[]){ { "held_at", v_int(ctx->now) }, { "agreements", v_text(agreements[pick(s, 3)]) }, { 0 } }
		        : (struct cell[]){ { "day", v_text(date_text(ctx->mem, calendar_add_workdays(s->day, 4))) }, { 0 } }))
			return false;
	}
}

bool coach_day(struct ctx *ctx, const struct sim *now)
{
	struct sim own = *now;
	struct sim *s = &own;

	own.random = (uint64_t)now->day * UINT64_C(0xa0761d6478bd642f) + 1;
	at_minute(ctx, s->day, 90, 0);
	return job_now(ctx, "coach_pairs", NULL) && answer_questions(ctx, s) && hold_talks(ctx, s);
}

/* One who stays behind has a plan; one team has a vision. */
bool look_after(struct ctx *ctx, const struct sim *s)
{
	const struct seller *weak = &s->sellers[0];
	int64_t leader;
	struct value team_leader;

	for (int i = 0; i < s->n_sellers; i++)
		if (s->sellers[i].skill * s->sellers[i].diligence < weak->skill * weak->diligence)
			weak = &s->sellers[i];
	if (!member_leader(ctx, weak->id, &leader) || !record_get(ctx, "team", weak->team, "leader", &team_leader))
		return false;
	at_minute(ctx, s->day - 1, 17 * 60, leader);
	return (!leader || record_create(ctx, "improvement_plan", (struct cell[]){
	            { "member", v_int(weak->id) }, { "coach", v_int(leader) }, { "gap", v_text("有效拜访不到团队的一半，商机停在方案") },
	            { "cause", v_text("skill") }, { "actions", v_text("每周陪访两次；每天写一个没有问出口的问题") },
	            { "review_on", v_text(date_text(ctx->mem, calendar_add_workdays(s->day, 5))) }, { 0 } }, NULL)) &&
	       (!value_id(team_leader) || record_create(ctx, "vision_plan", (struct cell[]){
	            { "name", v_text("一年后，客户先想到我们") }, { "team", v_int(weak->team) }, { "owner", team_leader },
	            { "vision", v_text("老客户再买时先来问我们；每人手里有三家自己开发的大客户，不再月底赶单。") }, { 0 } }, NULL));
}
