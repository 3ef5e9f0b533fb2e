/*
 * Escalation: what was met in the field and cannot wait for the evening's report goes up the line at
 * once; while nobody reads it, further up; the decision comes back (S01-58, S01-59, S01-75).
 */
#include "engine/module.h"

static bool is_form(const char *object)
{
	return text_eq(object, "market_form") || text_eq(object, "complaint");
}

/*
 * Up the line
 */

/* Tells who it is with now, and, of a serious one, looks again later whether it was read. */
static bool hand_to(struct ctx *ctx, const struct object *o, int64_t id, int64_t receiver, const char *kind)
{
	struct member m;
	struct value severity;
	bool may;

	if (!receiver)
		return true;
	if (!notice_reader(ctx, receiver, o, id, &m, &may) ||
	    (!may && !record_share(ctx, o, id, receiver, 0, true, NULL, NULL)) ||
	    !notice_tell(ctx, receiver, &(struct news){ kind, o, id, 0, NULL }) ||
	    !record_get(ctx, o->name, id, "severity", &severity))
		return false;
	return !value_is(severity, "serious") ||
	       job_add(ctx, "escalation_unread",
	               fmt(ctx->mem, "{\"object\":\"%s\",\"id\":%" PRId64 "}", o->name, id),
	               ctx->now + setting_int(ctx, "unread_minutes") * INT64_C(60000),
	               fmt(ctx->mem, "unread/%s/%" PRId64, o->name, id));
}

/* Still unread: one level up, as long as there is one. */
static bool raise_unread(struct ctx *ctx, const struct json *args)
{
	const char *object = json_text(args, "object", "");
	const char *alive = fmt(ctx->mem, "id=eq.%" PRId64 "&seen_at=is.null", json_int(args, "id", 0));
	struct value receiver;
	struct value raised;
	int64_t next;
	int64_t id;

	if (!is_form(object))
		return true;
	if (!record_find(ctx, object, alive, &id))
		return false;
	if (!id)
		return true;
	if (!record_get(ctx, object, id, "receiver", &receiver) || !record_get(ctx, object, id, "raised", &raised) ||
	    !member_leader(ctx, value_id(receiver), &next))
		return false;
	return !next || (record_update(ctx, object, id, (struct cell[]){
		{ "receiver", v_int(next) }, { "raised", v_int(value_id(raised) + 1) }, { 0 } }) &&
		hand_to(ctx, schema_object(ctx->schema, object), id, next, "escalated"));
}

/* Whoever it is with has opened the notice of it. */
static bool notice_after(struct ctx *ctx, struct change *c)
{
	struct value object = change_new(c, "object");
	int64_t id = value_id(change_new(c, "record"));
	const struct member *me;
	int64_t found;
	bool ok;

	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "read_at") || change_new(c, "read_at").kind == V_NULL ||
	    object.kind != V_TEXT || !is_form(object.s))
		return true;
	me = ctx_as_system(ctx);
	ok = record_find(ctx, object.s, fmt(ctx->mem, "id=eq.%" PRId64 "&seen_at=is.null&receiver=eq.%" PRId64, id,
	                                    value_id(change_new(c, "member"))), &found) &&
	     (!found || record_update(ctx, object.s, id, (struct cell[]){ { "seen_at", v_int(ctx->now) }, { 0 } }));
	ctx_as(ctx, me);
	return ok;
}

/* From the visit what it says, and where the customer is. */
static bool fill_in(struct ctx *ctx, struct change *c)
{
	int64_t activity = value_id(change_new(c, "activity"));
	bool market = text_eq(change_object(c)->name, "market_form");
	struct value v;

	if (activity && value_empty(change_new(c, "customer"))) {
		if (!record_get(ctx, "activity", activity, "customer", &v))
			return false;
		change_set(c, "customer", v);
	}

	int64_t customer = value_id(change_new(c, "customer"));
	struct value name = v_null();

	if (customer && !record_get(ctx, "customer", customer, "name", &name))
		return false;
	if (customer && market && value_empty(change_new(c, "region"))) {
		if (!record_get(ctx, "customer", customer, "region", &v))
			return false;
		change_set(c, "region", v);
	}

	const char *word = market ? "kind" : "category";
	struct value of = change_new(c, word);
	const struct choice *choice = of.kind == V_TEXT ? field_choice(object_field(change_object(c), word), of.s) : NULL;
	const char *label = choice ? label_in(choice->label, in_english(ctx) ? "en" : "zh") : "";

	change_set(c, "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, "%s%s%s", label, name.kind == V_TEXT ? " " : "",
	                                                     name.kind == V_TEXT ? name.s : ""), 160)));
	return true;
}

/* A new one goes to the leader of who reports it; what they write on it says that they have read it. */
static bool send_up(struct ctx *ctx, struct change *c, const char *reporter)
{
	int64_t leader;

	if (change_act(c) == CHANGE_CREATE) {
		if (!member_leader(ctx, value_id(change_new(c, reporter)), &leader))
			return false;
		change_set(c, "receiver", v_id(leader));
		change_set(c, "sent_at", leader ? v_int(ctx->now) : v_null());
	} else if (ctx->actor && ctx->actor == value_id(change_new(c, "receiver")) &&
	           change_new(c, "seen_at").kind == V_NULL) {
		change_set(c, "seen_at", v_int(ctx->now));
	}
	return true;
}

static bool form_after(struct ctx *ctx, struct change *c)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = change_act(c) != CHANGE_CREATE || ctx->import ||
	          hand_to(ctx, change_object(c), change_id(c), value_id(change_new(c, "receiver")), "reported");

	ctx_as(ctx, me);
	return ok;
}

/*
 * Competitors
 */

enum { EVENT_DAYS = 14 };               /* longer apart it is another event */

/* The event it belongs to: of the same competitor, lately; else a new one. */
static bool gather(struct ctx *ctx, int64_t competitor, const char *content, const char *day, int64_t *ret)
{
	int64_t on = 0;
	int64_t id = 0;
	struct value name = v_null();

	(void)date_parse(day, &on);
	if (competitor && (!record_get(ctx, "competitor", competitor, "name", &name) ||
	    !record_find(ctx, "competitor_event", fmt(ctx->mem,
	        "competitor=eq.%" PRId64 "&state=ne.dismissed&last_on=gte.%s&first_on=lte.%s&sort=-last_on", competitor,
	        date_text(ctx->mem, on - EVENT_DAYS), date_text(ctx->mem, on + EVENT_DAYS)), &id)))
		return false;
	*ret = id;
	if (id) {
		struct value last;

		if (!record_get(ctx, "competitor_event", id, "last_on", &last))
			return false;
		return strcmp(last.s, day) >= 0 ||
		       record_update(ctx, "competitor_event", id, (struct cell[]){ { "last_on", v_text(day) }, { 0 } });
	}
	return record_create(ctx, "competitor_event", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, "%s%s%s", name.kind == V_TEXT ? name.s : "",
		                                         name.kind == V_TEXT ? "：" : "", content), 60)) },
		{ "competitor", v_id(competitor) }, { "content", v_text(content) },
		{ "first_on", v_text(day) }, { "last_on", v_text(day) }, { 0 } }, ret);
}

/* The first competitor whose name stands in the text; 0. */
static bool named(struct ctx *ctx, const char *words, int64_t *ret)
{
	const char *sql = scope_sql(ctx, "competitor",
		"SELECT id FROM competitor WHERE length(name) > 1"
		" AND length(replace($words, name, '')) < length($words) ORDER BY id LIMIT 1");
	return ctx_get_int(ctx, sql, (struct bind[]){ { "words", v_text(words) }, { 0 } }, 0, ret);
}

/* "None" is an answer, not an event. */
static bool says_nothing(const char *words)
{
	static const char *const none[] = { "无", "没有", "暂无", "无。", "none", "None", "no", "No", "-" };

	for (size_t i = 0; i < LENGTH(none); i++)
		if (text_eq(words, none[i]))
			return true;
	return false;
}

/* S01-55: what a submitted report says of competitors is proposed as an event. */
static bool report_after(struct ctx *ctx, struct change *c)
{
	struct value words = change_new(c, "competitors");
	const struct member *me;
	int64_t competitor;
	int64_t event;
	bool ok;

	if (change_act(c) == CHANGE_DELETE || !change_has(c, "state") ||
	    !value_is(change_new(c, "state"), "submitted") || value_empty(words) || says_nothing(words.s) ||
	    change_new(c, "competitor_event").kind != V_NULL)
		return true;
	me = ctx_as_system(ctx);
	ok = named(ctx, words.s, &competitor) && gather(ctx, competitor, words.s, change_new(c, "day").s, &event) &&
	     record_update(ctx, "daily_report", change_id(c), (struct cell[]){ { "competitor_event", v_int(event) }, { 0 } });
	ctx_as(ctx, me);
	return ok;
}

/*
 * Market reports
 */

/* Who reports describes; who it is sent to decides; what was decided stays. */
static bool market_hands(struct ctx *ctx, const struct change *c)
{
	bool mine = value_id(change_new(c, "owner")) == ctx->me->id;

	if (change_has(c, "decision") && mine)
		return fail(ctx, ERR_DENIED, "decision", "由上级决定，不能自己答复", "It is decided by who it was sent to");
	return true;
}

static bool market_prepare(struct ctx *ctx, struct change *c)
{
	int64_t competitor = value_id(change_new(c, "competitor"));
	struct value content = change_new(c, "content");
	int64_t event;

	if (!fill_in(ctx, c) || !send_up(ctx, c, "owner"))
		return false;
	if (change_has(c, "decision") && !value_empty(change_new(c, "decision"))) {
		int64_t sent = value_id(change_new(c, "sent_at"));

		change_set(c, "decided_by", v_id(ctx->actor));
		if (change_new(c, "decided_at").kind == V_NULL) {
			change_set(c, "decided_at", v_int(ctx->now));
			change_set(c, "answer_minutes", sent ? v_int((ctx->now - sent + 30000) / 60000) : v_null());
		}
		if (change_new(c, "seen_at").kind == V_NULL)
			change_set(c, "seen_at", v_int(ctx->now));
	}
	if (!value_is(change_new(c, "kind"), "competitor") || content.kind != V_TEXT ||
	    change_new(c, "event").kind != V_NULL || change_new(c, "day").kind != V_TEXT)
		return true;
	if ((!competitor && !named(ctx, content.s, &competitor)) ||
	    !gather(ctx, competitor, content.s, change_new(c, "day").s, &event))
		return false;
	change_set(c, "competitor", v_id(competitor));
	change_set(c, "event", v_int(event));
	return true;
}

static bool market_before(struct ctx *ctx, struct change *c)
{
	if (!ctx->me->system && !market_hands(ctx, c))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = market_prepare(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/* With the rights of who reports it: whoever may not change the contact does not change it this way. */
static bool market_after(struct ctx *ctx, struct change *c)
{
	int64_t contact = value_id(change_new(c, "contact"));
	struct value position = change_new(c, "new_position");
	bool left = value_id(change_new(c, "contact_left"));

	if (change_act(c) == CHANGE_DELETE || change_act(c) == CHANGE_RESTORE || ctx->import)
		return true;
	if (contact && (change_has(c, "contact") || change_has(c, "contact_left") || change_has(c, "new_position"))) {
		if (left && !record_update(ctx, "contact", contact, (struct cell[]){ { "departed", v_int(1) }, { 0 } }))
			return false;
		if (!value_empty(position) &&
		    !record_update(ctx, "contact", contact, (struct cell[]){ { "position", position }, { 0 } }))
			return false;
	}
	return form_after(ctx, c);
}

/*
 * Complaints
 */

static const char *const steps[] = { "received", "answered", "investigating", "agreed", "carried_out", "confirmed",
                                     "closed" };

static int step_of(struct value state)
{
	for (size_t i = 0; i < LENGTH(steps); i++)
		if (value_is(state, steps[i]))
			return (int)i;
	return 0;
}

/* S01-75: what a step needs is there when it is reached, also by whoever jumps to it. */
static bool check_steps(struct ctx *ctx, const struct change *c)
{
	static const struct { int step; const char *field; } needs[] = {
		{ 1, "answer" }, { 3, "solution" }, { 4, "root_cause" }, { 4, "action" }, { 6, "lesson" },
	};
	int now = step_of(change_new(c, "state"));
	bool ok = true;

	if (value_id(change_new(c, "liable")) && !value_id(change_new(c, "facts_clear")))
		ok = fail(ctx, ERR_INVALID, "liable", "事实查清之前不能承担责任",
		          "Liability is not accepted before the facts are clear");
	for (size_t i = 0; i < LENGTH(needs); i++)
		if (now >= needs[i].step && value_empty(change_new(c, needs[i].field)))
			ok = fail(ctx, ERR_INVALID, needs[i].field, "到这一步须填写“%s”", "This step needs: %s",
			          label_in(object_field(change_object(c), needs[i].field)->label, ctx->me->language));
	if (now >= 5 && !value_id(change_new(c, "customer_confirmed")))
		ok = fail(ctx, ERR_INVALID, "customer_confirmed", "须有客户的确认", "The customer has to confirm");
	return ok;
}

static bool complaint_prepare(struct ctx *ctx, struct change *c)
{
	int was = step_of(change_old(c, "state"));
	int now = step_of(change_new(c, "state"));
	int64_t begin = change_act(c) == CHANGE_CREATE ? ctx->now : value_id(change_old(c, "created_at"));

	if (!fill_in(ctx, c) || !send_up(ctx, c, "reporter"))
		return false;
	if (change_act(c) == CHANGE_CREATE)
		change_set(c, "answer_due_at", v_int(ctx->now + setting_int(ctx, "complaint_answer_hours") * INT64_C(3600000)));
	if (now >= 1 && change_new(c, "answered_at").kind == V_NULL) {
		change_set(c, "answered_at", v_int(ctx->now));
		change_set(c, "answer_minutes", v_int((ctx->now - begin + 30000) / 60000));
	}
	if (now >= 5 && change_new(c, "closed_at").kind == V_NULL) {
		change_set(c, "closed_at", v_int(ctx->now));
		change_set(c, "close_minutes", v_int((ctx->now - begin + 30000) / 60000));
	}
	if (change_act(c) == CHANGE_UPDATE && was >= 5 && now < 5) {
		change_set(c, "closed_at", v_null());
		change_set(c, "close_minutes", v_null());
		change_set(c, "customer_confirmed", v_int(0));
		change_set(c, "reopened", v_int(value_id(change_new(c, "reopened")) + 1));
	}
	return true;
}

static bool complaint_before(struct ctx *ctx, struct change *c)
{
	if (!ctx->import && !check_steps(ctx, c))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = complaint_prepare(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/* Once, within the hour after the answer was due: whose it is, and their leader. */
static bool answers_late(struct ctx *ctx, const struct json *args)
{
	const struct object *o = schema_object(ctx->schema, "complaint");
	int64_t *ids;
	size_t n;

	(void)args;

	const char *sql = scope_sql(ctx, "complaint",
		"SELECT id FROM complaint WHERE answered_at IS NULL AND answer_due_at <= $now AND late_told = 0 ORDER BY id");

	if (!ctx_ids(ctx, sql, NULL, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct news news = { "answer_late", o, ids[i], 0, NULL };
		struct value owner;
		int64_t leader;

		if (!record_get(ctx, "complaint", ids[i], "owner", &owner) ||
		    !member_leader(ctx, value_id(owner), &leader) || !notice_tell(ctx, value_id(owner), &news) ||
		    (leader && !notice_tell(ctx, leader, &news)) ||
		    !record_update(ctx, "complaint", ids[i], (struct cell[]){ { "late_told", v_int(1) }, { 0 } }))
			return false;
	}
	return true;
}

/*
 * In one tap
 */

static bool market(struct ctx *ctx, struct action_call *call)
{
	return record_create(ctx, "market_form", (struct cell[]){
		{ "activity", v_int(call->id) }, { "kind", action_param(call, "kind") },
		{ "content", action_param(call, "content") }, { 0 } }, NULL);
}

static bool complain(struct ctx *ctx, struct action_call *call)
{
	return record_create(ctx, "complaint", (struct cell[]){
		{ "activity", v_int(call->id) }, { "category", action_param(call, "category") },
		{ "severity", action_param(call, "severity") }, { "facts", action_param(call, "facts") }, { 0 } }, NULL);
}

static bool serious(struct ctx *ctx, struct action_call *call)
{
	struct value part = action_param(call, "part");
	struct value words;
	struct value day;
	int64_t there;

	if (!record_get(ctx, "daily_report", call->id, part.s, &words) ||
	    !record_get(ctx, "daily_report", call->id, "day", &day))
		return false;
	if (value_empty(words))
		return fail(ctx, ERR_INVALID, "part", "日报的这一部分没有内容", "This part of the report is empty");

	const char *kind = text_eq(part.s, "competitors") ? "competitor" : text_eq(part.s, "opinions") ? "opinion" : "personnel";

	if (!record_find(ctx, "market_form", fmt(ctx->mem, "report=eq.%" PRId64 "&kind=eq.%s", call->id, kind), &there))
		return false;
	if (there)
		return fail(ctx, ERR_CONFLICT, "part", "这一部分已经上报", "This part was reported already");
	return record_create(ctx, "market_form", (struct cell[]){
		{ "report", v_int(call->id) }, { "kind", v_text(kind) }, { "day", day }, { "content", words }, { 0 } }, NULL);
}

const struct module escalation_module = {
	.name = "escalation",
	.hooks = (const struct hook[]){
		{ "market_form", HOOK_BEFORE | HOOK_WRITES, market_before },
		{ "market_form", HOOK_AFTER, market_after },
		{ "complaint", HOOK_BEFORE | HOOK_WRITES, complaint_before },
		{ "complaint", HOOK_AFTER, form_after },
		{ "notice", HOOK_AFTER, notice_after },
		{ "daily_report", HOOK_AFTER, report_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "activity", "market", market },
		{ "activity", "complain", complain },
		{ "daily_report", "serious", serious },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "escalation_unread", NULL, raise_unread, { "上报未读的重要报告", "Escalate unread reports" } },
		{ "escalation_answers", "hourly", answers_late, { "提醒未答复的上报", "Remind of answers that are late" } },
		{ 0 },
	},
};
