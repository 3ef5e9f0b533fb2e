/* What a store starts with: questions to coach with. */
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
