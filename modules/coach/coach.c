/*
 * Coach: a question instead of an answer.  Whoever is asked finds the way themselves and commits to it; the
 * commitment is a task with a date (S00-01).  One-to-ones come around by themselves (S00-03).
 */
#include "modules/coach/coach_inner.h"

static const char *const PREFIX = "coach/";

static bool state_is(const struct change *c, const char *state)
{
	return value_is(change_new(c, "state"), state);
}

static bool is_new(const struct change *c)
{
	return change_act(c) == CHANGE_CREATE;
}

bool name_after(struct ctx *ctx, struct change *c, int64_t member, const char *rest)
{
	const struct member *me = ctx_as_system(ctx);
	struct value label;
	bool ok = record_get(ctx, "member", member, "label", &label);

	ctx_as(ctx, me);
	if (ok)
		change_set(c, "name", v_text(fmt(ctx->mem, "%s %s", label.kind == V_TEXT ? label.s : "–", rest)));
	return ok;
}

/*
 * Coaching
 */

/* The words of the library, where somebody chose them. */
static bool fill_question(struct ctx *ctx, struct change *c)
{
	int64_t library = value_id(change_new(c, "library"));
	struct value language;
	struct value text = v_null();

	if (!library || !value_empty(change_new(c, "question")))
		return true;
	if (!record_get(ctx, "member", value_id(change_new(c, "member")), "language", &language) ||
	    (value_is(language, "en") && !record_get(ctx, "question", library, "text_en", &text)) ||
	    (value_empty(text) && !record_get(ctx, "question", library, "text", &text)))
		return false;
	change_set(c, "question", text);
	return true;
}

/* Who writes what: the question is the coach's, answer and commitment are the person's own. */
static bool coaching_hands(struct ctx *ctx, const struct change *c)
{
	static const char *const own[] = { "reply", "area", "how", "commitment", "due_on" };
	static const char *const coachs[] = { "question", "library", "kind" };
	bool mine = value_id(change_new(c, "member")) == ctx->me->id;

	if (mine && is_new(c))
		return fail(ctx, ERR_INVALID, "member", "不能辅导自己", "Nobody coaches themselves");
	if (!is_new(c) && change_has(c, "member"))
		return fail(ctx, ERR_INVALID, "member", "请另建一条", "Make another one");
	for (size_t i = 0; i < LENGTH(own); i++)
		if (!mine && change_has(c, own[i]))
			return fail(ctx, ERR_DENIED, own[i], "由本人填写：想法要出自本人", "For the person to write: the idea has to be theirs");
	for (size_t i = 0; i < LENGTH(coachs); i++)
		if (mine && change_has(c, coachs[i]))
			return fail(ctx, ERR_DENIED, coachs[i], "由辅导人填写", "For the coach to write");
	return !mine || !change_has(c, "state") || fail(ctx, ERR_DENIED, "state", "由辅导人了结", "The coach closes it");
}

/* A commitment says what and by when. */
static bool check_commitment(struct ctx *ctx, struct change *c)
{
	struct value due = change_new(c, "due_on");

	if (value_empty(change_new(c, "commitment")) != (due.kind == V_NULL))
		return due.kind == V_NULL ? fail(ctx, ERR_INVALID, "due_on", "请写明什么时候做到", "Say by when")
		                          : fail(ctx, ERR_INVALID, "commitment", "请写明承诺做什么", "Say what you commit to");
	if (change_has(c, "due_on") && due.kind == V_TEXT && strcmp(due.s, ctx->today) < 0)
		return fail(ctx, ERR_INVALID, "due_on", "日期不能早于今天", "not before today");
	return true;
}

static bool check_close(struct ctx *ctx, struct change *c)
{
	if (value_is(change_new(c, "kind"), "question") && value_empty(change_new(c, "reply")))
		return fail(ctx, ERR_INVALID, "state", "本人还没有回答，不能了结", "It is not closed before it was answered");
	if (!value_empty(change_new(c, "commitment")) && value_empty(change_new(c, "result")))
		return fail(ctx, ERR_INVALID, "result", "请写明承诺的结果", "Say what came of the commitment");
	return true;
}

static bool coaching_before(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	bool ok;

	if (!ctx->me->system && !coaching_hands(ctx, c))
		return false;
	me = ctx_as_system(ctx);
	ok = fill_question(ctx, c);
	ctx_as(ctx, me);
	if (!ok || !check_commitment(ctx, c))
		return false;
	if (change_new(c, "question").kind == V_TEXT)
		change_set(c, "name", v_text(utf8_cut(ctx->mem, change_new(c, "question").s, 120)));
	if (is_new(c) && value_is(change_new(c, "kind"), "answer"))
		change_set(c, "state", v_text("closed"));       /* an answer given away asks nothing back */
	else if (change_has(c, "state") && state_is(c, "closed"))
		return check_close(ctx, c);
	else if (!state_is(c, "closed"))
		change_set(c, "state", v_text(!value_empty(change_new(c, "commitment")) ? "committed"
		                              : !value_empty(change_new(c, "reply")) ? "replied" : "asked"));
	return true;
}

static bool keep_task(struct ctx *ctx, const struct change *c)
{
	int64_t task = value_id(change_new(c, "task"));
	struct cell cells[] = {
		{ "title", change_new(c, "commitment") }, { "due_on", change_new(c, "due_on") },
		{ "owner", change_new(c, "member") }, { "origin", v_text(fmt(ctx->mem, "%s%" PRId64, PREFIX, change_id(c))) }, { 0 } };

	if (task)
		return record_update(ctx, "task", task, cells);
	return record_create(ctx, "task", cells, &task) &&
	       record_update(ctx, "coaching", change_id(c), (struct cell[]){ { "task", v_int(task) }, { 0 } });
}

bool answer_alert(struct ctx *ctx, const char *rule, int64_t member, const char *answer)
{
	int64_t task;

	return record_find(ctx, "task", fmt(ctx->mem, "state=eq.open&origin=eq.alert/%s/m%" PRId64, rule, member), &task) &&
	       (!task || record_update(ctx, "task", task, (struct cell[]){ { "state", v_text("done") }, { "answer", v_text(answer) }, { 0 } }));
}

static bool coaching_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	bool ok = true;

	me = ctx_as_system(ctx);
	if (is_new(c))
		ok = answer_alert(ctx, "uncoached", value_id(change_new(c, "member")), say(ctx, "已辅导", "Coached"));
	if (ok && change_has(c, "reply") && !is_new(c))
		ok = notice_tell(ctx, value_id(change_new(c, "coach")),
		                 &(struct news){ "replied", change_object(c), change_id(c), 0, NULL });
	if (ok && state_is(c, "committed") && (change_has(c, "commitment") || change_has(c, "due_on")))
		ok = keep_task(ctx, c);
	ctx_as(ctx, me);
	return ok;
}

/* The commitment was done, or given up: that is its result. */
static bool task_after(struct ctx *ctx, struct change *c)
{
	struct value origin = change_new(c, "origin");
	const struct member *me;
	int64_t coaching = 0;
	struct value answer;
	int64_t there;
	bool done;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || origin.kind != V_TEXT || !text_starts(origin.s, PREFIX) ||
	    !change_has(c, "state") || state_is(c, "open") || !int_parse(origin.s + strlen(PREFIX), &coaching))
		return true;
	me = ctx_as_system(ctx);
	done = state_is(c, "done");
	answer = change_new(c, "answer");
	if (value_empty(answer))
		answer = v_text(done ? say(ctx, "做到了", "Done") : say(ctx, "放弃了", "Given up"));
	ok = record_find(ctx, "coaching", fmt(ctx->mem, "id=eq.%" PRId64 "&state=eq.committed", coaching), &there) &&
	     (!there || record_update(ctx, "coaching", there, (struct cell[]){
		{ "result", answer }, { "state", v_text("closed") }, { "on_time", v_int(done && value_id(change_new(c, "on_time"))) }, { 0 } }));
	ctx_as(ctx, me);
	return ok;
}

static bool ask(struct ctx *ctx, struct action_call *call)
{
	const struct object *o = call->object;
	struct value owner;
	int64_t id;

	if (!record_get(ctx, o->name, call->id, o->scope_member->name, &owner))
		return false;
	if (value_empty(action_param(call, "question")) && !value_id(action_param(call, "library")))
		return fail(ctx, ERR_INVALID, "question", "请从问题库选一个，或用自己的话写", "Choose one from the library, or write it yourself");
	if (!value_id(owner))
		return fail(ctx, ERR_INVALID, NULL, "这条记录没有负责人", "Nobody is in charge of this record");

	/* What it is about is kept by the program. */
	if (!record_create(ctx, "coaching", (struct cell[]){
	        { "member", owner }, { "coach", v_id(ctx->me->id) }, { "library", action_param(call, "library") },
	        { "question", action_param(call, "question") }, { "kind", action_param(call, "kind") },
	        { "object", v_text(o->name) }, { "record", v_int(call->id) },
	        { "link", v_text(fmt(ctx->mem, "/r/%s/%" PRId64, o->name, call->id)) }, { 0 } }, &id))
		return false;
	action_answer(call, "coaching", id);
	return true;
}

/*
 * What a signer wrote below a form
 */

static bool note_remark(struct ctx *ctx, const struct change *c, const char *field, const char *kind)
{
	const char *object = change_object(c)->name;

	if (!change_has(c, field) || value_empty(change_new(c, field)))
		return true;
	return record_create(ctx, "coaching", (struct cell[]){
		{ "member", change_new(c, "owner") }, { "coach", v_id(ctx->actor) }, { "question", change_new(c, field) },
		{ "kind", v_text(kind) }, { "object", v_text(object) }, { "record", v_int(change_id(c)) },
		{ "link", v_text(fmt(ctx->mem, "/r/%s/%" PRId64, object, change_id(c))) }, { 0 } }, NULL);
}

/* The answer written on the form answers what is still open about it. */
static bool note_answer(struct ctx *ctx, const struct change *c)
{
	int64_t id;

	if (!change_has(c, "answer") || value_empty(change_new(c, "answer")))
		return true;
	return record_find(ctx, "coaching", fmt(ctx->mem, "object=eq.%s&record=eq.%" PRId64 "&state=eq.asked&sort=-id",
	                                        change_object(c)->name, change_id(c)), &id) &&
	       (!id || record_update(ctx, "coaching", id, (struct cell[]){ { "reply", change_new(c, "answer") }, { 0 } }));
}

static bool form_after(struct ctx *ctx, struct change *c)
{
	const struct member *me;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || !ctx->actor)
		return true;
	me = ctx_as_system(ctx);
	ok = note_remark(ctx, c, "question", "question") && note_remark(ctx, c, "instruction", "answer") && note_answer(ctx, c);
	ctx_as(ctx, me);
	return ok;
}

/*
 * One-to-ones
 */

static struct value next_talk(struct ctx *ctx, int64_t day)
{
	return v_text(date_text(ctx->mem, calendar_add_workdays(day + setting_int(ctx, "one_to_one_days") - 1, 1)));
}

static bool set_talk(struct ctx *ctx, int64_t member, int64_t leader, struct value day)
{
	return record_create(ctx, "one_to_one", (struct cell[]){
		{ "member", v_int(member) }, { "leader", v_int(leader) }, { "day", day }, { 0 } }, NULL);
}

static bool talk_before(struct ctx *ctx, struct change *c)
{
	bool mine = value_id(change_new(c, "member")) == ctx->me->id;
	bool held = change_new(c, "held_at").kind == V_INT;

	if (value_id(change_new(c, "member")) == value_id(change_new(c, "leader")))
		return fail(ctx, ERR_INVALID, "member", "不能与自己谈", "Nobody talks with themselves");
	if (mine && !ctx->me->system && (change_has(c, "held_at") || change_has(c, "agreements") || change_has(c, "day")))
		return fail(ctx, ERR_DENIED, "agreements", "由上级填写；您可以写上想谈的话题", "For the superior to write; you may add topics");
	if (held && change_new(c, "held_at").i > ctx->now)
		return fail(ctx, ERR_INVALID, "held_at", "还没到那时", "That is still ahead");
	if (held && change_has(c, "held_at")) {
		int64_t day = instant_day(change_new(c, "held_at").i);

		change_set(c, "day", v_text(date_text(ctx->mem, day)));
		if (change_new(c, "next_on").kind == V_NULL)
			change_set(c, "next_on", next_talk(ctx, day));
	}
	return change_new(c, "day").kind != V_TEXT || name_after(ctx, c, value_id(change_new(c, "member")), change_new(c, "day").s);
}

/* The next one is there before anybody can forget it. */
static bool talk_after(struct ctx *ctx, struct change *c)
{
	struct value next = change_new(c, "next_on");
	const struct member *me;
	int64_t there;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || !change_has(c, "held_at") ||
	    change_new(c, "held_at").kind != V_INT)
		return true;
	me = ctx_as_system(ctx);
	ok = answer_alert(ctx, "uncoached", value_id(change_new(c, "member")), say(ctx, "已一对一谈话", "One-to-one held")) &&
	     (next.kind != V_TEXT ||
	      record_find(ctx, "one_to_one", fmt(ctx->mem, "member=eq.%" PRId64 "&leader=eq.%" PRId64 "&held_at=is.null",
	                  value_id(change_new(c, "member")), value_id(change_new(c, "leader"))), &there));
	if (ok && next.kind == V_TEXT)
		ok = (there ? record_update(ctx, "one_to_one", there, (struct cell[]){ { "day", next }, { 0 } })
	            : set_talk(ctx, value_id(change_new(c, "member")), value_id(change_new(c, "leader")), next));
	ctx_as(ctx, me);
	return ok;
}

enum { MEMBERS = 200 };                 /* a job's worth: others write in between */

/* Every pair has a talk ahead; that with a former leader is off. */
static bool pair_up(struct ctx *ctx, int64_t member)
{
	int64_t leader;
	int64_t there;
	int64_t off;

	const char *open = fmt(ctx->mem, "member=eq.%" PRId64 "&held_at=is.null", member);

	if (!member_leader(ctx, member, &leader) ||
	    !record_find(ctx, "one_to_one", leader ? fmt(ctx->mem, "%s&leader=ne.%" PRId64, open, leader) : open, &off) ||
	    (off && !record_delete(ctx, "one_to_one", off, 0)))
		return false;
	if (!leader)
		return true;
	return record_find(ctx, "one_to_one", fmt(ctx->mem, "%s&leader=eq.%" PRId64, open, leader), &there) &&
	       (there || set_talk(ctx, member, leader, next_talk(ctx, instant_day(ctx->now))));
}

static bool pairs(struct ctx *ctx, const struct json *args)
{
	int64_t after = json_int(args, "after", 0);
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "member", "SELECT id FROM member WHERE active = 1 AND id > $after ORDER BY id LIMIT $most"),
	             (struct bind[]){ { "after", v_int(after) }, { "most", v_int(MEMBERS) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!pair_up(ctx, ids[i]))
			return false;
	return n < MEMBERS || job_add(ctx, "coach_pairs", fmt(ctx->mem, "{\"after\":%" PRId64 "}", ids[n - 1]), ctx->now, NULL);
}

/*
 * The night
 */

/* A commitment past its day without result: both are told, once. */
static bool remind_commitments(struct ctx *ctx)
{
	const struct object *o = schema_object(ctx->schema, "coaching");

	for (;;) {
		struct value member, coach;
		int64_t id;

		if (!record_find(ctx, "coaching", "state=eq.committed&due_on=lt.today&told=eq.false", &id))
			return false;
		if (!id)
			return true;
		if (!record_get(ctx, "coaching", id, "member", &member) || !record_get(ctx, "coaching", id, "coach", &coach) ||
		    !record_update(ctx, "coaching", id, (struct cell[]){ { "told", v_int(1) }, { 0 } }) ||
		    !notice_tell(ctx, value_id(member), &(struct news){ "commitment_late", o, id, 0, NULL }) ||
		    !notice_tell(ctx, value_id(coach), &(struct news){ "commitment_late", o, id, 0, NULL }))
			return false;
	}
}

static bool night(struct ctx *ctx, const struct json *args)
{
	(void)args;
	return library_add(ctx) && remind_commitments(ctx) && remind_reviews(ctx) && pairs(ctx, NULL);
}

const struct module coach_module = {
	.name = "coach",
	.hooks = (const struct hook[]){
		{ "coaching", HOOK_BEFORE | HOOK_WRITES, coaching_before },
		{ "coaching", HOOK_AFTER | HOOK_WRITES, coaching_after },
		{ "task", HOOK_AFTER, task_after },
		{ "daily_report", HOOK_AFTER, form_after },
		{ "visit_plan", HOOK_AFTER, form_after },
		{ "one_to_one", HOOK_BEFORE | HOOK_WRITES, talk_before },
		{ "one_to_one", HOOK_AFTER, talk_after },
		{ "improvement_plan", HOOK_BEFORE | HOOK_WRITES, improvement_before },
		{ "improvement_plan", HOOK_AFTER, improvement_after },
		{ "improvement_review", HOOK_BEFORE, review_before },
		{ "improvement_review", HOOK_AFTER, review_after },
		{ "vision_plan", HOOK_BEFORE, vision_before },
		{ "vision_plan", HOOK_AFTER, vision_after },
		{ "vision_member", HOOK_BEFORE | HOOK_WRITES, vision_member_before },
		{ "vision_member", HOOK_AFTER, vision_member_after },
		{ "activity", HOOK_BEFORE, around_before },
		{ "activity", HOOK_AFTER, around_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "daily_report", "coach", ask },
		{ "visit_plan", "coach", ask },
		{ "week_report", "coach", ask },
		{ "opportunity", "coach", ask },
		{ "activity", "coach", ask },
		{ "customer", "route", route },
		{ 0 },
	},
	.reports = (const struct report_impl[]){
		{ "watch_list", watch_list },
		{ "tolerated", tolerated },
		{ "manager_score", manager_score },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "coach_night", "daily 01:30", night, { "辅导：提醒到期的承诺与谈话", "Coaching: remind of commitments and talks" } },
		{ "coach_pairs", NULL, pairs, { "安排一对一谈话", "Arrange one-to-ones" } },
		{ 0 },
	},
	.seed = library_add,
};
