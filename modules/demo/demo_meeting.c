#include "modules/demo/demo_inner.h"

/* Each team's morning meetings, drawn from a sequence of their own like the forms. */

static bool plan_of(struct ctx *ctx, int64_t day, int64_t team, int64_t leader, int64_t *ret)
{
	if (!record_find(ctx, "meeting_plan", fmt(ctx->mem, "team=eq.%" PRId64, team), ret) || *ret)
		return *ret != 0;
	at_minute(ctx, day, 7 * 60, leader);
	return record_create(ctx, "meeting_plan", (struct cell[]){
		{ "name", v_text("早会") }, { "kind", v_text("morning") }, { "team", v_int(team) }, { "owner", v_int(leader) },
		{ "rhythm", v_text("workdays") }, { "at", v_text("08:30") }, { 0 } }, ret);
}

/* Some write from the road. */
static bool write_reports(struct ctx *ctx, struct sim *s, int64_t meeting)
{
	static const char *const progress[] = { "昨天两家进入方案", "新约到一位决策人", "合同送审" };
	static const char *const problems[] = { "样机不够", "客户要求账期 60 天", "对手降价一成" };
	int64_t last = 0;

	for (;;) {
		struct value member;
		int64_t seat;

		if (!record_find(ctx, "meeting_seat", fmt(ctx->mem, "meeting=eq.%" PRId64 "&id=gt.%" PRId64 "&sort=id", meeting, last), &seat))
			return false;
		if (!seat)
			return true;
		last = seat;
		if (!chance(s, 20))
			continue;
		if (!record_get(ctx, "meeting_seat", seat, "member", &member))
			return false;
		ctx->actor = value_id(member);
		if (!record_update(ctx, "meeting_seat", seat, (struct cell[]){
		        { "progress", v_text(progress[pick(s, 3)]) }, { "problem", chance(s, 40) ? v_text(problems[pick(s, 3)]) : v_null() },
		        { "state", v_text("remote") }, { "reported_at", v_int(ctx->now) }, { 0 } }))
			return false;
	}
}

static bool hold(struct ctx *ctx, struct sim *s, int64_t meeting, int seller)
{
	static const char *const decisions[] = { "重点盯方案阶段的三家", "样机优先给决策人到场的客户", "报价先由主管过目" };
	static const char *const actions[] = { "约决策人见面", "把样机送到客户处", "整理竞争对手报价" };
	int64_t item;

	if (!record_find(ctx, "meeting_item", fmt(ctx->mem, "meeting=eq.%" PRId64 "&part=eq.plans", meeting), &item))
		return false;
	if (item && chance(s, 50) && !record_update(ctx, "meeting_item", item, (struct cell[]){
	        { "points", v_text("逐一过了今天的访问计划") }, { "decision", v_text(decisions[pick(s, 3)]) }, { 0 } }))
		return false;
	if (chance(s, 30) && !record_create(ctx, "task", (struct cell[]){
	        { "title", v_text(actions[pick(s, 3)]) }, { "owner", v_int(s->sellers[seller].id) },
	        { "due_on", v_text(date_text(ctx->mem, s->day + between(s, 1, 4))) }, { "meeting", v_int(meeting) }, { 0 } }, NULL))
		return false;
	return record_update(ctx, "meeting", meeting, (struct cell[]){ { "state", v_text("held") }, { 0 } });
}

bool hold_meetings(struct ctx *ctx, const struct sim *now)
{
	struct sim own = *now;
	struct sim *s = &own;
	int64_t last = 0;

	own.random = (uint64_t)now->day * UINT64_C(0xd1342543de82ef95) + 1;
	for (int i = 0; i < s->n_sellers; i++) {
		int64_t team = s->sellers[i].team;
		struct value leader;
		const char *args;
		int64_t meeting;
		int64_t plan;

		if (team == last)
			continue;
		last = team;
		if (!record_get(ctx, "team", team, "leader", &leader))
			return false;
		if (!value_id(leader))
			continue;
		if (!plan_of(ctx, s->day, team, value_id(leader), &plan))
			return false;
		at_minute(ctx, s->day, 10, 0);
		args = fmt(ctx->mem, "{\"plan\":%" PRId64 "}", plan);
		if (!job_now(ctx, "meeting_prepare", json_parse(ctx->mem, args, strlen(args), &(struct json_error){ 0 })) ||
		    !record_find(ctx, "meeting", fmt(ctx->mem, "plan=eq.%" PRId64 "&day=eq.%s&state=eq.planned", plan,
		                                     date_text(ctx->mem, s->day)), &meeting))
			return false;
		if (!meeting || s->day >= s->forms_until)
			continue;       /* today's is still ahead */
		at_minute(ctx, s->day, 8 * 60 + 10, 0);
		if (!write_reports(ctx, s, meeting))
			return false;
		at_minute(ctx, s->day, 8 * 60 + 50, value_id(leader));
		if (chance(s, 88) ? !hold(ctx, s, meeting, i)
		                  : !record_update(ctx, "meeting", meeting, (struct cell[]){ { "state", v_text("missed") }, { 0 } }))
			return false;
	}
	return true;
}
