/* What a store starts with: questions to coach with, and the rules that make gaps somebody's task. */
#include "modules/coach/coach_inner.h"

static const struct { const char *zh, *en, *topic, *about; } questions[] = {
	{ "这次拜访结束时，您希望客户做什么？", "What did you want the customer to do at the end of this visit?", "goal", "activity" },
	{ "离目标差的那一步，卡在谁、卡在什么？", "The step that is missing: who holds it up, and why?", "goal", "any" },
	{ "客户自己是怎么说这个需求的？原话是什么？", "How does the customer put this need, in their own words?", "need", "any" },
	{ "不买的话，他们会损失什么？您问过吗？", "What do they lose if they do not buy? Did you ask?", "need", "opportunity" },
	{ "谁能说“不”？您见过他吗？", "Who can say no? Have you met them?", "decider", "opportunity" },
	{ "决定是怎么做出来的：几个人、几步？", "How is this decided: by how many, in which steps?", "decider", "opportunity" },
	{ "除了价格，他们凭什么选我们？", "Apart from the price, why would they choose us?", "value", "opportunity" },
	{ "如果不降价，您还能给他们什么？", "What else could you give them, without a lower price?", "value", "opportunity" },
	{ "下一步是什么、哪天、谁答应的？", "What is the next step, on which day, and who agreed to it?", "next", "any" },
	{ "这个商机停在这里，什么事发生了它才会动？", "What has to happen for this to move again?", "next", "opportunity" },
	{ "今天哪一个小时最值？哪一个最不值？", "Which hour of today was worth most, and which least?", "time", "daily_report" },
	{ "明天的路线，为什么是这个顺序？", "Why are tomorrow's visits in this order?", "time", "visit_plan" },
	{ "计划里哪一家最可能成，您为它准备了什么？", "Which of these is the most likely, and what have you prepared for it?", "goal", "visit_plan" },
	{ "今天哪一刻您最没有把握？当时您怎么想？", "When were you least sure of yourself today? What went through your mind?", "attitude", "daily_report" },
	{ "上次做得好的那次，您做了什么不一样的？", "The last time it went well: what did you do differently?", "attitude", "any" },
	{ "如果重来一次，您会先问什么？", "If you could start over, what would you ask first?", "skill", "activity" },
	{ "您说了多少，客户说了多少？", "How much did you talk, and how much did the customer?", "skill", "activity" },
	{ "您打算怎么练，什么时候给我看？", "How will you practise it, and when will you show me?", "skill", "any" },
	{ "这周团队里谁进步了，靠什么？", "Who in the team got better this week, and how?", "skill", "week_report" },
	{ "下周只能做好一件事，您选哪件？", "If you could do only one thing well next week, which?", "goal", "week_report" },
};

bool library_add(struct ctx *ctx)
{
	int64_t any;

	/* Only where there is none: what somebody took out stays out. */
	if (!record_find(ctx, "question", "", &any))
		return false;
	for (size_t i = 0; !any && i < LENGTH(questions); i++)
		if (!record_create(ctx, "question", (struct cell[]){
		        { "text", v_text(questions[i].zh) }, { "text_en", v_text(questions[i].en) }, { "topic", v_text(questions[i].topic) },
		        { "about", v_text(questions[i].about) }, { "active", v_int(1) }, { 0 } }, NULL))
			return false;
	return true;
}

static const struct {
	const char *rule, *name, *name_en, *report, *params, *measured, *person, *subject, *period, *receiver, *sentence, *sentence_en;
	int64_t limit;                  /* hundredths */
	int64_t workdays;
} rules[] = {
	{ "uncoached", "关注名单上的人没有辅导（S01-63）", "On the watch list without coaching (S01-63)", "watch_list", NULL, "uncoached", "owner_id", NULL, NULL, "lead",
	  "{who}：在关注名单上，{uncoached} 天没有辅导", "{who}: on the watch list, {uncoached} days without coaching", 800, 2 },
	{ "no_plan", "连续低于标准而没有改进计划（S00-07）", "Below standard without improvement plan (S00-07)", "watch_list", NULL, "plan_gap", "owner_id", NULL, NULL, "lead",
	  "{who}：连续 {months_below} 个月低于标准，没有有效的改进计划", "{who}: below standard {months_below} months in a row, without an improvement plan that is kept", 100, 3 },
	{ "one_to_one", "太久没有一对一谈话（S00-03）", "Too long without a one-to-one (S00-03)", "one_to_one_gaps", "over=true", NULL, "leader_id", "member_id", "last_on", "person",
	  "{who}：{days_since} 天没有一对一谈话", "{who}: {days_since} days without a one-to-one", 0, 3 },
	{ "around", "越过客户负责人（S00-02）", "Going around a customer's owner (S00-02)", "around_owner", NULL, NULL, "by_id", "customer_id", NULL, "person",
	  "{customer}：30 天内直接联系 {contacts} 次，负责人是 {owner_name}", "{customer}: {contacts} direct contacts in 30 days; {owner_name} owns it", 0, 2 },
};

bool rules_add(struct ctx *ctx)
{
	for (size_t i = 0; i < LENGTH(rules); i++) {
		int64_t there;

		if (!record_find(ctx, "alert_rule", fmt(ctx->mem, "rule=eq.%s", rules[i].rule), &there))
			return false;
		if (!there && !record_create(ctx, "alert_rule", (struct cell[]){
		        { "rule", v_text(rules[i].rule) }, { "name", v_text(rules[i].name) }, { "name_en", v_text(rules[i].name_en) },
		        { "active", v_int(1) }, { "report", v_text(rules[i].report) }, { "params", v_text(rules[i].params) },
		        { "measured", v_text(rules[i].measured) }, { "person_column", v_text(rules[i].person) },
		        { "subject_column", v_text(rules[i].subject) }, { "period_column", v_text(rules[i].period) },
		        { "side", v_text("above") }, { "limit_value", v_int(rules[i].limit) },
		        { "sentence", v_text(rules[i].sentence) }, { "sentence_en", v_text(rules[i].sentence_en) },
		        { "receiver", v_text(rules[i].receiver) }, { "workdays", v_int(rules[i].workdays) }, { "priority", v_text("high") }, { 0 } }, NULL))
			return false;
	}
	return true;
}
