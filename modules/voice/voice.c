/*
 * Voice: what customers need and answer (S01-40, S01-50).
 */
#include "engine/module.h"

static bool is_written(const struct change *c)
{
	return change_act(c) == CHANGE_CREATE || change_act(c) == CHANGE_UPDATE;
}

/* The question is one of the survey that was sent, and is answered in its own way. */
static bool answer_before(struct ctx *ctx, struct change *c)
{
	static const char *const ways[][2] = { { "score", "score" }, { "yes_no", "yes" }, { "text", "words" } };
	int64_t question = value_id(change_new(c, "question"));
	struct value asked;
	struct value sent;
	struct value kind;

	if (!is_written(c) || !question)
		return true;
	if (!record_get(ctx, "survey_question", question, "survey", &asked) || !record_get(ctx, "survey_question", question, "kind", &kind) ||
	    !record_get(ctx, "survey_sent", value_id(change_new(c, "sent")), "survey", &sent))
		return false;
	if (!value_eq(asked, sent))
		return fail(ctx, ERR_INVALID, "question", "这个问题不在所发的调查里", "The question is not of the survey that was sent");
	for (size_t i = 0; i < LENGTH(ways); i++)
		if (value_is(kind, ways[i][0]) && value_empty(change_new(c, ways[i][1])))
			return fail(ctx, ERR_INVALID, ways[i][1], "请填写回答", "Give the answer");
	return true;
}

/* What was sent knows the day of its first answer, and its scores: the metric reads them there. */
static bool answer_after(struct ctx *ctx, struct change *c)
{
	int64_t sent = value_id(change_act(c) == CHANGE_DELETE ? change_old(c, "sent") : change_new(c, "sent"));
	struct query *q = ctx_query(ctx, scope_sql(ctx, "survey_answer",
		"SELECT count(score), CAST(coalesce(sum(score), 0) AS BIGINT) FROM survey_answer WHERE sent = $sent"),
		(struct bind[]){ { "sent", v_int(sent) }, { 0 } });
	int64_t scores = 0;
	int64_t sum = 0;
	struct value on;

	if (!q)
		return false;
	if (db_next(q)) {
		scores = db_int(q, 0);
		sum = db_int(q, 1);
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "survey_answer");
	return record_get(ctx, "survey_sent", sent, "answered_on", &on) &&
	       record_update(ctx, "survey_sent", sent, (struct cell[]){
		{ "scores", v_int(scores) }, { "score_sum", v_int(sum) },
		{ "answered_on", value_empty(on) && change_act(c) == CHANGE_CREATE ? v_text(ctx->today) : on }, { 0 } });
}

/* Who decides, and when; a refusal says why. */
static bool finding_before(struct ctx *ctx, struct change *c)
{
	bool open = value_is(change_new(c, "state"), "new");

	if (!is_written(c) || !change_has(c, "state"))
		return true;
	if (value_is(change_new(c, "state"), "declined") && value_empty(change_new(c, "reason")))
		return fail(ctx, ERR_INVALID, "reason", "不采纳须说明理由", "Say why it is declined");
	change_set(c, "decided_by", open ? v_null() : v_int(ctx->actor));
	change_set(c, "decided_on", open ? v_null() : v_text(ctx->today));
	return true;
}

const struct module voice_module = {
	.name = "voice",
	.hooks = (const struct hook[]){
		{ "survey_answer", HOOK_BEFORE, answer_before },
		{ "survey_answer", HOOK_AFTER | HOOK_SYSTEM, answer_after },
		{ "finding", HOOK_BEFORE, finding_before },
		{ 0 },
	},
};
