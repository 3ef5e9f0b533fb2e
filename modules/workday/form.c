/*
 * The way of a form.  Its owner writes and submits it; whoever else may change it – the leader, who
 * stands in, those above – only signs, returns or excuses it.  A signed one stays as it is (S01-54, S01-55):
 * to correct it, it is returned first.  Two who sign at once are told apart by the version, as everywhere.
 */
#include "modules/workday/form_inner.h"

/* What a signer writes; everything else is the owner's. */
static bool is_signers(const char *field)
{
	return text_eq(field, "instruction") || text_eq(field, "question") ||
	       text_eq(field, "grade") || text_eq(field, "reason");
}

static bool state_is(const struct change *c, const char *state)
{
	return value_is(change_new(c, "state"), state);
}

static bool state_was(const struct change *c, const char *state)
{
	return value_is(change_old(c, "state"), state);
}

/* A change of state that is the signer's. */
static bool is_verdict(const struct change *c)
{
	return change_has(c, "state") && (state_is(c, "signed") || state_is(c, "returned") || state_is(c, "excused"));
}

static bool closed(struct ctx *ctx, const struct change *c, const char *field)
{
	struct value who;

	if (!record_get(ctx, "member", value_id(change_old(c, "signer")), "label", &who))
		return false;
	return fail(ctx, ERR_CONFLICT, field, "已由%s核签，不能再改；要更正请先由核签人退回",
	            "Signed by %s, it stays as it is; to correct it, have it returned first",
	            who.kind == V_TEXT ? who.s : "–");
}

/* Who may write what, and when. */
static bool check_hands(struct ctx *ctx, const struct change *c)
{
	const struct object *o = change_object(c);
	bool mine = value_id(change_new(c, "owner")) == ctx->me->id;
	bool returns = change_has(c, "state") && state_is(c, "returned");

	if (mine && is_verdict(c))
		return fail(ctx, ERR_DENIED, "state", "不能核签、退回或免除自己的",
		            "Nobody signs, returns or excuses their own");
	for (size_t i = 0; i < o->n_fields; i++) {
		const struct field *f = &o->fields[i];

		if (f->read_only || f->system || f->computed || text_eq(f->name, "state") ||
		    !change_has(c, f->name))
			continue;
		if (state_was(c, "signed") && !(mine ? text_eq(f->name, "answer") : returns && is_signers(f->name)))
			return closed(ctx, c, f->name);
		if (change_act(c) == CHANGE_CREATE && text_eq(f->name, "day"))
			continue;
		if (mine ? is_signers(f->name) : !is_signers(f->name))
			return fail(ctx, ERR_DENIED, f->name, mine ? "“%s”由核签人填写" : "“%s”由本人填写",
			            mine ? "%s is for the signer to write" : "%s is for its owner to write",
			            label_in(f->label, ctx->me->language));
	}
	if (state_was(c, "signed") && change_has(c, "state") && !returns)
		return closed(ctx, c, "state");
	return true;
}

static bool check_day(struct ctx *ctx, const struct change *c)
{
	struct value day = change_new(c, "day");

	if (!change_has(c, "day") || day.kind != V_TEXT)
		return true;
	if (change_act(c) == CHANGE_UPDATE)
		return fail(ctx, ERR_INVALID, "day", "日期不能改，请另建一份", "The day stays; make another one");
	if (is_plan(c) ? strcmp(day.s, ctx->today) < 0 : strcmp(day.s, ctx->today) > 0)
		return is_plan(c)
			? fail(ctx, ERR_INVALID, "day", "不能为过去的日子做计划", "A day that is over cannot be planned")
			: fail(ctx, ERR_INVALID, "day", "还没到那一天", "That day has not come yet");
	return true;
}

static bool name_it(struct ctx *ctx, struct change *c)
{
	int64_t owner = value_id(change_new(c, "owner"));
	struct value label;
	struct value team;

	if (!owner || change_new(c, "day").kind != V_TEXT)
		return true;            /* the engine says what is missing */
	if (!record_get(ctx, "member", owner, "label", &label) ||
	    !record_get(ctx, "member", owner, "team", &team))
		return false;
	change_set(c, "title", v_text(fmt(ctx->mem, "%s %s", label.kind == V_TEXT ? label.s : "",
	                                  change_new(c, "day").s)));
	change_set(c, "team", team);
	change_set(c, "due_at", v_int(form_due(ctx, is_plan(c), value_day(change_new(c, "day")))));
	return true;
}

static void forget_signature(struct change *c)
{
	static const char *const fields[] = { "signer", "signed_at", "sign_minutes", "sign_due_at" };

	for (size_t i = 0; i < LENGTH(fields); i++)
		change_set(c, fields[i], v_null());
	change_set(c, "signed_in_time", v_int(0));
}

static bool submit(struct ctx *ctx, struct change *c)
{
	int64_t leader;
	bool first = change_old(c, "submitted_at").kind == V_NULL;

	if (!name_it(ctx, c) || !form_leader(ctx, value_id(change_new(c, "owner")), &leader))
		return false;
	/* Handing in again after a return is not late: the first time counts. */
	if (first)
		change_set(c, "on_time", v_int(ctx->now <= value_id(change_new(c, "due_at"))));
	change_set(c, "submitted_at", v_int(ctx->now));
	change_set(c, "leader", v_id(leader));
	change_set(c, "sign_due_at", v_int(sign_due(ctx)));
	return true;
}

static bool withdraw(struct change *c)
{
	forget_signature(c);
	/* What was taken back before anybody returned it was never handed in. */
	if (!value_id(change_new(c, "returned"))) {
		change_set(c, "submitted_at", v_null());
		change_set(c, "on_time", v_int(0));
	}
	return true;
}

static bool need_reason(struct ctx *ctx, const struct change *c)
{
	return !value_empty(change_new(c, "reason")) ||
	       fail(ctx, ERR_INVALID, "reason", "请写明原因", "Give a reason");
}

static bool judge(struct ctx *ctx, struct change *c)
{
	if (state_is(c, "signed")) {
		int64_t since = value_id(change_new(c, "submitted_at"));

		if (!state_was(c, "submitted"))
			return fail(ctx, ERR_INVALID, "state", "还没有提交，不能核签",
			            "It was not submitted: there is nothing to sign");
		change_set(c, "signer", v_id(ctx->actor));
		change_set(c, "signed_at", v_int(ctx->now));
		change_set(c, "sign_minutes", v_int((ctx->now - since + 30000) / 60000));
		change_set(c, "signed_in_time", v_int(ctx->now <= value_id(change_new(c, "sign_due_at"))));
		return true;
	}
	if (state_is(c, "excused") && (state_was(c, "submitted") || state_was(c, "signed")))
		return fail(ctx, ERR_INVALID, "state", "已经提交，不必免除", "It was handed in: there is nothing to excuse");
	if (state_is(c, "returned")) {
		if (!state_was(c, "submitted") && !state_was(c, "signed"))
			return fail(ctx, ERR_INVALID, "state", "还没有提交，不能退回",
			            "It was not submitted: there is nothing to return");
		change_set(c, "returned", v_int(value_id(change_new(c, "returned")) + 1));
		forget_signature(c);
	}
	return need_reason(ctx, c);
}

static bool is_first(struct ctx *ctx, const struct change *c)
{
	struct value day = change_new(c, "day");
	int64_t there = 0;

	if (day.kind == V_TEXT && !record_find(ctx, change_object(c)->name, fmt(ctx->mem,
	        "owner=eq.%" PRId64 "&day=eq.%s", value_id(change_new(c, "owner")), day.s), &there))
		return false;
	return !there || fail(ctx, ERR_INVALID, "day", "这一天已有一份，请在那一份上修改",
	                      "There is one of that day already: change that one");
}

/* `kept`: a change the system makes by itself. */
static bool prepare(struct ctx *ctx, struct change *c, bool kept)
{
	bool enters = change_has(c, "state");

	if (change_act(c) == CHANGE_CREATE && !(is_first(ctx, c) && name_it(ctx, c)))
		return false;
	if (enters && is_verdict(c))
		return judge(ctx, c);
	if (enters && state_is(c, "draft") && change_act(c) == CHANGE_UPDATE)
		return withdraw(c);
	if (!state_is(c, "submitted"))
		return true;
	if (enters)
		return submit(ctx, c) && (is_plan(c) ? plan_check(ctx, c) : report_fill(ctx, c));
	/* What the owner adds still counts; who is to sign and who was told changes no figure. */
	return kept || is_plan(c) || report_fill(ctx, c);
}

bool form_before(struct ctx *ctx, struct change *c)
{
	enum change_act act = change_act(c);

	if (act == CHANGE_DELETE || act == CHANGE_RESTORE)
		return true;
	if (!ctx->me->system && !(check_day(ctx, c) && check_hands(ctx, c)))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = prepare(ctx, c, me->system);

	ctx_as(ctx, me);
	return ok;
}

/* Whoever signs must see it: a stand-in of another team gets this one record. */
static bool open_to_signer(struct ctx *ctx, const struct change *c)
{
	const struct object *o = change_object(c);
	int64_t leader = value_id(change_new(c, "leader"));
	struct member m;
	bool may;

	return !leader || (notice_reader(ctx, leader, o, change_id(c), &m, &may) &&
	       (may || record_share(ctx, o, change_id(c), leader, 0, true, NULL, NULL)) &&
	       notice_tell(ctx, leader, &(struct news){ "to_sign", o, change_id(c), 0, NULL }));
}

/* What it was told for is done: nobody need open it any more. */
static bool settle_notices(struct ctx *ctx, const struct change *c)
{
	const char *open = fmt(ctx->mem, "object=eq.%s&record=eq.%" PRId64 "&kind=in.(to_sign,missing,unsigned)"
	                                 "&read_at=is.null", change_object(c)->name, change_id(c));

	for (;;) {
		int64_t id;

		if (!record_find(ctx, "notice", open, &id))
			return false;
		if (!id)
			return true;
		if (!record_update(ctx, "notice", id, (struct cell[]){ { "read_at", v_int(ctx->now) }, { 0 } }))
			return false;
	}
}

bool form_after(struct ctx *ctx, struct change *c)
{
	bool submitted = state_is(c, "submitted") && change_has(c, "state");
	bool passed_on = state_is(c, "submitted") && change_has(c, "leader");
	bool ok = true;

	const struct member *me = ctx_as_system(ctx);

	if (change_act(c) == CHANGE_UPDATE && (change_has(c, "state") || passed_on))
		ok = settle_notices(ctx, c);
	if (ok && submitted)
		ok = is_plan(c) ? plan_link(ctx, c) : report_link(ctx, c);
	if (ok && (submitted || passed_on))
		ok = open_to_signer(ctx, c);
	ctx_as(ctx, me);
	return ok;
}
