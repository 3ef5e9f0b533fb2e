#include "modules/funnel/funnel_inner.h"

static const char *share(struct ctx *ctx, double part)
{
	return fmt(ctx->mem, "%.0f %%", part * 100);
}

static const char *chance_of(struct ctx *ctx, double chance)
{
	return chance < 0.001 ? "< 0.1 %" : fmt(ctx->mem, "%.1f %%", chance * 100);
}

/* "its own history 62 % (chance 0.3 %)" for each look that was possible. */
static void add_looks(struct ctx *ctx, const struct spot *s, struct text *out)
{
	static const char *const words[LOOK__COUNT][2] = {
		[LOOK_HISTORY] = { "自己以往", "its own history" },
		[LOOK_OTHERS]  = { "其他组", "the other groups" },
		[LOOK_STAGES]  = { "其余阶段中位数的一半", "half the median of the other stages" },
	};
	bool en = in_english(ctx);

	for (int i = 0; i < LOOK__COUNT; i++) {
		const struct look_at *look = &s->found.look[i];

		if (look->done)
			text_addf(out, en ? "; %s %s (chance %s)" : "；%s %s（偶然的可能 %s）", words[i][en],
			          share(ctx, look->against), chance_of(ctx, look->chance));
	}
}

/* What no average may hide: that lies there which is older than anything that ever moved. */
static void add_beyond(struct ctx *ctx, const struct spot *s, struct text *out)
{
	if (s->beyond == 0)
		return;
	text_add(out, say(ctx, "；", "; "));
	text_addf(out, in_english(ctx)
		? "of the %" PRId64 " there now %" PRId64 " are older than any that ever left this stage (longest %" PRId64 " days)"
		: "现在其中的 %" PRId64 " 个有 %" PRId64 " 个久于任何离开过这一阶段的商机（最长 %" PRId64 " 天）",
		s->stuck, s->beyond, s->step->longest / 10);
}

const char *funnel_why(struct ctx *ctx, const struct spot *s)
{
	const struct rate *r = &s->found.rate;
	bool en = in_english(ctx);
	struct text out;

	text_init(&out, ctx->mem);
	if (r->n < NECK_CASES) {
		text_addf(&out, en ? "%" PRId64 " entered in the period, fewer than %d: not judged"
		                   : "期内进入 %" PRId64 " 个，不足 %d 个，不作判断", r->n, NECK_CASES);
	} else if (s->found.surest < 0) {
		text_add(&out, say(ctx, "数据不足：没有可比较的以往、其他组或其余阶段",
		                   "Not enough data: no history, other group or other stage to compare with"));
	} else {
		text_addf(&out, en ? "within %d days %s go on (%s–%s, %" PRId64 " cases)"
		                   : "%d 天内前进 %s（%s–%s，%" PRId64 " 个）",
		          r->days, share(ctx, r->value), share(ctx, r->low), share(ctx, r->high), r->n);
		add_looks(ctx, s, &out);
	}
	add_beyond(ctx, s, &out);
	return out.s;
}

const char *funnel_advice(struct ctx *ctx, const struct spot *s)
{
	bool neck = s->found.verdict == NECK_NECK;
	bool en = in_english(ctx);
	struct text out;

	text_init(&out, ctx->mem);
	if (neck && s->found.surest == LOOK_HISTORY && s->since)
		text_addf(&out, en ? "Find out what changed in %s: people, price, way of working. "
		                   : "查清 %s 变了什么（人、价格、做法）。", s->since);
	if (neck && s->best)
		text_addf(&out, en ? "Go through three stuck ones with %s (%s). " : "请%s（%s）一起看三个滞留商机。",
		          s->best->group->label, share(ctx, s->best->found.rate.value));
	if (neck && s->found.surest == LOOK_STAGES)
		text_add(&out, say(ctx, "前面投入的人力在此白费：先疏通这里，再增加开源。",
		                   "What is spent before it is lost here: widen it before opening more. "));
	if (s->beyond * 2 > s->stuck)
		text_add(&out, say(ctx, "先清理：逐个确认，约定下一步或关闭。",
		                   "Clear up first: agree a next step on each, or close it. "));
	else if (s->found.verdict == NECK_NECK || s->found.verdict == NECK_WATCH)
		text_addf(&out, en ? "Begin with the %" PRId64 " that are over the norm. "
		                   : "从超出标准的 %" PRId64 " 个做起。", s->over);
	return out.len ? text_trim(ctx->mem, out.s) : NULL;
}
