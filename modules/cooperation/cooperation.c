/*
 * Cooperation: what colleagues ask of each other, so that the customer is served (S02-18).
 *
 * A request is its asker's; whoever it is asked of, and who leads them, get it shared.  It is a task of the
 * receiver until it is answered.
 */
#include "engine/module.h"

static const char *origin_of(struct ctx *ctx, int64_t id)
{
	return fmt(ctx->mem, "internal_request/%" PRId64, id);
}

/* Who may say so: the receiver accepts, answers or declines, the asker withdraws; whoever leads them may do either. */
static bool may_say(struct ctx *ctx, const struct change *c, const char *state)
{
	int64_t asker = value_id(change_new(c, "asker"));
	int64_t receiver = value_id(change_new(c, "receiver"));
	bool withdraws = text_eq(state, "withdrawn") || text_eq(state, "asked");

	if (ctx->me->system || asker == receiver)
		return true;
	if (!withdraws && ctx->actor == asker)
		return fail(ctx, ERR_INVALID, "state", "由接收人接受或答复", "Whoever it is asked of accepts and answers it");
	if (withdraws && ctx->actor == receiver)
		return fail(ctx, ERR_INVALID, "state", "只有提出人可以撤回", "Only who asked can withdraw it");
	return true;
}

static void stamp(const struct ctx *ctx, struct change *c, const char *at, const char *on)
{
	if (change_new(c, at).kind == V_INT)
		return;
	change_set(c, at, v_int(ctx->now));
	change_set(c, on, v_text(ctx->today));
}

/* Asked of a department it is its head's; a person's is their department's. */
static bool address(struct ctx *ctx, struct change *c)
{
	int64_t receiver = value_id(change_new(c, "receiver"));
	int64_t department = value_id(change_new(c, "department"));
	struct value v = v_null();

	if (!receiver && department) {
		if (!record_get(ctx, "team", department, "leader", &v))
			return false;
		if (!value_id(v))
			return fail(ctx, ERR_INVALID, "department", "这个部门没有负责人，请指定请谁", "This department has no head: say whom you ask");
		change_set(c, "receiver", v);
	} else if (receiver && (!department || change_has(c, "receiver"))) {
		if (!record_get(ctx, "member", receiver, "team", &v))
			return false;
		change_set(c, "department", v);
	}
	return true;
}

/* Wanted within hours, else by the end of a day. */
static void set_due(const struct ctx *ctx, struct change *c)
{
	int64_t hours = value_id(change_new(c, "hours"));
	struct value on = change_new(c, "due_on");
	int64_t at = value_id(change_new(c, "asked_at")) + hours * INT64_C(3600000);

	if (hours)
		change_set(c, "due_on", v_text(date_text(ctx->mem, instant_day(at))));
	else if (on.kind == V_TEXT)
		at = day_start(value_day(on) + 1);
	change_set(c, "due_at", hours || on.kind == V_TEXT ? v_int(at) : v_null());
}

static bool request_before(struct ctx *ctx, struct change *c)
{
	struct value state = change_new(c, "state");

	if (change_act(c) == CHANGE_CREATE) {
		change_set(c, "asked_at", v_int(ctx->now));
		change_set(c, "asked_on", v_text(ctx->today));
		change_set(c, "accept_by", v_text(date_text(ctx->mem, calendar_add_workdays(instant_day(ctx->now), setting_int(ctx, "accept_days")))));
		change_set(c, "state", v_text("asked"));
		if (value_is(change_new(c, "kind"), "handover") && value_id(change_new(c, "customer")) && change_new(c, "credit").kind == V_NULL)
			change_set(c, "credit", v_int(setting_int(ctx, "handover_credit") * 100));
		set_due(ctx, c);
		return address(ctx, c);
	}
	if (change_act(c) == CHANGE_UPDATE && (change_has(c, "hours") || change_has(c, "due_on"))) {
		set_due(ctx, c);
		change_set(c, "told_at", v_null());
	}
	if (change_act(c) == CHANGE_UPDATE && (change_has(c, "receiver") || change_has(c, "department")) && !address(ctx, c))
		return false;
	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "state") || state.kind != V_TEXT)
		return true;
	if (!may_say(ctx, c, state.s))
		return false;
	if (value_is(state, "declined") && value_empty(change_new(c, "answer")))
		return fail(ctx, ERR_INVALID, "answer", "请写明为什么不接受", "Say why it is declined");
	if (value_is(state, "accepted") || value_is(state, "done") || value_is(state, "declined"))
		stamp(ctx, c, "accepted_at", "accepted_on");
	if (value_is(state, "done") || value_is(state, "declined"))
		stamp(ctx, c, "done_at", "done_on");
	return true;
}

static bool open_to(struct ctx *ctx, const struct change *c, int64_t member, bool writable)
{
	struct member m;
	bool may;

	return !member || (notice_reader(ctx, member, change_object(c), change_id(c), &m, &may) &&
	       (may || !m.id || record_share(ctx, change_object(c), change_id(c), member, 0, writable, NULL, NULL)));
}

/* The receiver's task: open as long as nothing was answered. */
static bool settle_task(struct ctx *ctx, const struct change *c)
{
	struct value state = change_new(c, "state");
	bool open = value_is(state, "asked") || value_is(state, "accepted");
	const char *ends = value_is(state, "withdrawn") ? "cancelled" : "done";
	int64_t task;

	if (!record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&state=eq.open", origin_of(ctx, change_id(c))), &task))
		return false;
	if (task)
		return record_update(ctx, "task", task, (struct cell[]){
			{ "owner", change_new(c, "receiver") }, { "due_on", change_new(c, "due_on") },
			{ "state", v_text(open ? "open" : ends) }, { 0 } });
	return !open || record_create(ctx, "task", (struct cell[]){
		{ "title", change_new(c, "title") },
		{ "owner", change_new(c, "receiver") },
		{ "customer", change_new(c, "customer") },
		{ "assigned_by", v_id(ctx->actor) },
		{ "priority", v_text("high") },
		{ "remark", change_new(c, "content") },
		{ "due_on", change_new(c, "due_on") },
		{ "state", v_text("open") },
		{ "origin", v_text(origin_of(ctx, change_id(c))) },
		{ 0 } }, NULL);
}

static bool hand_on(struct ctx *ctx, const struct change *c)
{
	int64_t receiver = value_id(change_new(c, "receiver"));
	int64_t leader;

	if (change_has(c, "receiver") &&
	    (!member_leader(ctx, receiver, &leader) || !open_to(ctx, c, receiver, true) || !open_to(ctx, c, leader, false)))
		return false;
	return settle_task(ctx, c);
}

static bool request_after(struct ctx *ctx, struct change *c)
{
	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) ||
	    !(change_has(c, "state") || change_has(c, "receiver") || change_has(c, "due_on")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = hand_on(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/* Past its time unanswered, a hand-over not even accepted: the heads of both sides are told, once. */
static bool late(struct ctx *ctx, const struct json *args)
{
	const struct object *o = schema_object(ctx->schema, "internal_request");
	int64_t *ids;
	size_t n;

	(void)args;
	if (!ctx_ids(ctx, scope_sql(ctx, "internal_request",
	        fmt(ctx->mem, "SELECT id FROM internal_request WHERE told_at IS NULL AND ((state IN ('asked', 'accepted') AND due_at <= $now)"
	            " OR (state = 'asked' AND kind = 'handover' AND asked_at <= $now - $hours * 3600000)) ORDER BY id LIMIT %d", QUERY_LIMIT)),
	        (struct bind[]){ { "hours", v_int(setting_int(ctx, "handover_hours")) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct value asker, receiver;
		int64_t told[3];

		if (!record_get(ctx, "internal_request", ids[i], "asker", &asker) ||
		    !record_get(ctx, "internal_request", ids[i], "receiver", &receiver) ||
		    !member_leader(ctx, value_id(asker), &told[0]) || !member_leader(ctx, value_id(receiver), &told[1]) ||
		    !record_update(ctx, "internal_request", ids[i], (struct cell[]){ { "told_at", v_int(ctx->now) }, { 0 } }))
			return false;
		told[2] = value_id(receiver);
		for (size_t k = 0; k < LENGTH(told); k++)
			if (told[k] && !notice_tell(ctx, told[k], &(struct news){ .kind = "overdue", .object = o, .record = ids[i] }))
				return false;
	}
	return n < QUERY_LIMIT || job_add(ctx, "requests_late", NULL, ctx->now, NULL);
}

const struct module cooperation_module = {
	.name = "cooperation",
	.hooks = (const struct hook[]){
		{ "internal_request", HOOK_BEFORE, request_before },
		{ "internal_request", HOOK_AFTER, request_after },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "requests_late", "every 10m", late, { "提醒超时的内部请求与移交", "Tell of internal requests and hand-overs that are late" } },
		{ 0 },
	},
};
