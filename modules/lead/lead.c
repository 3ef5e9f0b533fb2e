/*
 * Lead: somebody who may become a customer, until it is known.
 *
 * Conversion makes or finds the customer, the contact and the opportunity in
 * one piece, with the rights of who converts, and takes what was done so far along.
 */
#include "engine/module.h"

/*
 * The hook
 */

/* A lead from a form or a file often has no name: the first thing known stands in. */
static void fill_name(struct ctx *ctx, struct change *c)
{
	static const char *const from[] = { "company", "phone", "email", "wechat", "number" };

	for (size_t i = 0; i < LENGTH(from) && value_empty(change_new(c, "name")); i++)
		if (!value_empty(change_new(c, from[i])))
			change_set(c, "name", v_text(utf8_cut(ctx->mem, change_new(c, from[i]).s, 120)));
}

/* State and the yes/no `converted` say the same; a file may bring either. */
static bool fill_state(struct ctx *ctx, struct change *c)
{
	bool create = change_act(c) == CHANGE_CREATE;
	bool by_state = value_is(change_new(c, "state"), "converted") && (create || change_has(c, "state"));
	bool by_flag = value_id(change_new(c, "converted")) && (create || change_has(c, "converted"));

	if (by_state || by_flag) {
		if (!ctx->import && value_empty(change_new(c, "customer")))
			return fail(ctx, ERR_INVALID, "state", "请用“转化”把线索变成客户",
			            "Use \"Convert\" to make a customer of a lead");
		change_set(c, "state", v_text("converted"));
		change_set(c, "converted", v_int(1));
		if (value_empty(change_new(c, "converted_at")))
			change_set(c, "converted_at", ctx->import ? change_new(c, "received_at")
			                                             : v_int(ctx->now));
	} else if (!create && change_has(c, "state") && value_is(change_old(c, "state"), "converted")) {
		change_set(c, "converted", v_int(0));
		change_set(c, "converted_at", v_null());
	}
	return true;
}

static void fill_times(struct ctx *ctx, struct change *c)
{
	struct value first = change_new(c, "first_response_at");
	struct value from;

	if (change_new(c, "received_at").kind == V_INT)
		change_set(c, "received_on", v_text(date_text(ctx->mem,
			instant_day(change_new(c, "received_at").i))));
	if (change_has(c, "owner") && value_id(change_new(c, "owner")) && !ctx->import)
		change_set(c, "assigned_at", v_int(ctx->now));
	from = change_new(c, "assigned_at");
	if (from.kind != V_INT)
		from = change_new(c, "received_at");
	if (first.kind != V_INT || from.kind != V_INT) {
		change_set(c, "response_minutes", v_null());
		return;
	}
	if (change_has(c, "first_response_at"))
		change_set(c, "response_minutes",
		           v_int(first.i > from.i ? (first.i - from.i) / 60000 : 0));
}

/* S02-16: what is not known makes a lead incomplete, not bad. */
static void judge_fit(struct change *c)
{
	static const char *const fields[] = { "trade_fit", "headcount_fit", "size_fit", "management_level", "it_level", "buying_process" };
	int64_t sum = 0;
	int64_t known = 0;

	for (size_t i = 0; i < LENGTH(fields); i++) {
		sum += value_id(change_new(c, fields[i]));
		known += change_new(c, fields[i]).kind == V_INT;
	}

	int64_t score = (sum * 10000 + 15) / 30;        /* of 30 points */

	change_set(c, "fit_score", known == (int64_t)LENGTH(fields) ? v_int(score) : v_null());
	change_set(c, "fit_class", known == 0 ? v_null() : v_text(known < (int64_t)LENGTH(fields) ? "incomplete"
		: score >= 7000 ? "high" : score >= 5000 ? "middle" : "low"));
}

/* The day a need became explicit (S02-09). */
static void fill_need(const struct ctx *ctx, struct change *c)
{
	if (change_has(c, "need_kind"))
		change_set(c, "explicit_on", value_is(change_new(c, "need_kind"), "explicit") ? v_text(ctx->today) : v_null());
}

static bool lead_before(struct ctx *ctx, struct change *c)
{
	fill_name(ctx, c);
	fill_need(ctx, c);
	fill_times(ctx, c);
	judge_fit(c);
	return fill_state(ctx, c);
}

/*
 * Conversion
 */

enum { NAME, COMPANY, POSITION, PHONE, EMAIL, WECHAT, REGION, LOCATION, INDUSTRY, SOURCE, REFERRER, PRODUCT, OWNER,
       STATE, NEED_KIND, EXPLICIT_ON, FIELD__COUNT };

static const char *const names[FIELD__COUNT] = {
	[NAME] = "name", [COMPANY] = "company", [POSITION] = "position", [PHONE] = "phone",
	[EMAIL] = "email", [WECHAT] = "wechat", [REGION] = "region", [LOCATION] = "location", [INDUSTRY] = "industry",
	[SOURCE] = "source", [REFERRER] = "referrer", [PRODUCT] = "product", [OWNER] = "owner", [STATE] = "state",
	[NEED_KIND] = "need_kind", [EXPLICIT_ON] = "explicit_on",
};

struct conversion {
	int64_t lead;
	struct value v[FIELD__COUNT];
	int64_t customer, contact, opportunity;
};

/*
 * The customer that was chosen, else the one of the same name the caller can
 * see, else a new one – where the duplicate rules tell of what others own.
 */
static bool convert_customer(struct ctx *ctx, const struct action_call *call, struct conversion *v)
{
	struct value name = value_empty(v->v[COMPANY]) ? v->v[NAME] : v->v[COMPANY];
	struct text encoded;

	v->customer = value_id(action_param(call, "customer"));
	if (v->customer)
		return true;
	text_init(&encoded, ctx->mem);
	text_url_encode(&encoded, name.s);
	if (!record_find(ctx, "customer", fmt(ctx->mem, "name=eq.%s", encoded.s), &v->customer))
		return false;
	return v->customer || record_create(ctx, "customer", (struct cell[]){
		{ "name", name },
		{ "lifecycle", v_text("intending") },
		{ "region", v->v[REGION] },
		{ "location", v->v[LOCATION] },
		{ "industry", v->v[INDUSTRY] },
		{ "source", v->v[SOURCE] },
		{ "referrer", v->v[REFERRER] },
		{ "owner", v->v[OWNER] },
		{ 0 } }, &v->customer);
}

static bool convert_contact(struct ctx *ctx, struct conversion *v)
{
	struct text encoded;

	text_init(&encoded, ctx->mem);
	text_url_encode(&encoded, v->v[NAME].s);
	if (!record_find(ctx, "contact", fmt(ctx->mem, "customer=eq.%" PRId64 "&name=eq.%s",
	                                     v->customer, encoded.s), &v->contact))
		return false;
	/* A lead known by its company only has no person to keep. */
	if (v->contact || value_eq(v->v[NAME], v->v[COMPANY]))
		return true;
	return record_create(ctx, "contact", (struct cell[]){
		{ "name", v_text(utf8_cut(ctx->mem, v->v[NAME].s, 60)) },
		{ "customer", v_int(v->customer) },
		{ "position", v->v[POSITION] },
		{ "mobile", v->v[PHONE] },
		{ "email", v->v[EMAIL] },
		{ "wechat", v->v[WECHAT] },
		{ 0 } }, &v->contact);
}

static bool convert_opportunity(struct ctx *ctx, const struct action_call *call,
                                struct conversion *v)
{
	if (!value_id(action_param(call, "with_opportunity")))
		return true;
	return record_create(ctx, "opportunity", (struct cell[]){
		{ "name", action_param(call, "opportunity_name") },
		{ "customer", v_int(v->customer) },
		{ "contact", v_id(v->contact) },
		{ "product", v->v[PRODUCT] },
		{ "source", v->v[SOURCE] },
		{ "need_kind", v->v[NEED_KIND] },
		{ "explicit_on", v->v[EXPLICIT_ON] },
		{ "amount", action_param(call, "amount") },
		{ "owner", v->v[OWNER] },
		{ 0 } }, &v->opportunity);
}

/* What was done with the lead is the customer's history now. */
static bool take_along(struct ctx *ctx, const char *object, const struct conversion *v)
{
	const char *rest = fmt(ctx->mem, "lead=eq.%" PRId64 "&customer=is.null", v->lead);
	int64_t id;

	for (;;) {
		if (!record_find(ctx, object, rest, &id))
			return false;
		if (!id)
			return true;
		if (!record_update(ctx, object, id, (struct cell[]){
		        { "customer", v_int(v->customer) },
		        { "opportunity", v_id(v->opportunity) },
		        { 0 } }))
			return false;
	}
}

static bool convert(struct ctx *ctx, struct action_call *call)
{
	struct conversion v = { .lead = call->id };

	for (size_t i = 0; i < FIELD__COUNT; i++)
		if (!record_get(ctx, "lead", call->id, names[i], &v.v[i]))
			return false;
	if (value_is(v.v[STATE], "converted"))
		return fail(ctx, ERR_CONFLICT, "state", "该线索已转化", "This lead is converted already");
	if (value_empty(v.v[OWNER]))
		v.v[OWNER] = v_int(ctx->me->id);
	if (!convert_customer(ctx, call, &v) || !convert_contact(ctx, &v) ||
	    !convert_opportunity(ctx, call, &v))
		return false;
	if (!record_update(ctx, "lead", call->id, (struct cell[]){
	        { "customer", v_int(v.customer) },
	        { "contact", v_id(v.contact) },
	        { "opportunity", v_id(v.opportunity) },
	        { "state", v_text("converted") },
	        { "owner", v.v[OWNER] },
	        { 0 } }))
		return false;

	const struct member *me = ctx_as_system(ctx);
	bool ok = take_along(ctx, "activity", &v) && take_along(ctx, "task", &v);

	ctx_as(ctx, me);
	return ok;
}

/*
 * Claim and assign, as with customers; leads have no limits.
 */

static bool give(struct ctx *ctx, int64_t lead, int64_t to)
{
	const struct member *me = ctx_as_system(ctx);
	bool ok = record_update(ctx, "lead", lead, (struct cell[]){ { "owner", v_int(to) }, { 0 } });

	ctx_as(ctx, me);
	return ok;
}

static bool claim(struct ctx *ctx, struct action_call *call)
{
	struct value owner;

	if (!record_get(ctx, "lead", call->id, "owner", &owner))
		return false;
	if (owner.kind == V_INT)
		return fail(ctx, ERR_CONFLICT, "owner", "该线索已有负责人", "Somebody owns this lead");
	return give(ctx, call->id, ctx->me->id);
}

static bool assign(struct ctx *ctx, struct action_call *call)
{
	int64_t to = value_id(action_param(call, "member"));
	struct value owner;
	int64_t found;

	if (!record_get(ctx, "lead", call->id, "owner", &owner))
		return false;
	if (!(owner.kind == V_INT
	      ? record_update(ctx, "lead", call->id, (struct cell[]){ { "owner", v_int(to) }, { 0 } })
	      : give(ctx, call->id, to)))
		return false;
	if (!record_find(ctx, "lead", fmt(ctx->mem, "id=eq.%" PRId64, call->id), &found))
		return false;
	return found || fail(ctx, ERR_DENIED, "member", "只能分配给你所管的成员",
	                     "You can assign only to members you are responsible for");
}

/*
 * Signs (S04-14)
 */

/* The source they belong to; made again if a company did away with it. */
static bool sign_source(struct ctx *ctx, int64_t *ret)
{
	const char *name = "路牌招牌";
	struct text query;

	text_init(&query, ctx->mem);
	text_add(&query, "name=eq.");
	text_url_encode(&query, name);
	return record_find(ctx, "source", query.s, ret) &&
	       (*ret || record_create(ctx, "source", (struct cell[]){ { "name", v_text(name) }, { 0 } }, ret));
}

/* A photo and a place are a lead. */
static bool sign_before(struct ctx *ctx, struct change *c)
{
	struct value at = change_new(c, "seen_at");
	struct value words = change_new(c, "words");
	int64_t source;
	int64_t lead;
	char when[26];

	if (change_act(c) != CHANGE_CREATE)
		return true;
	if (value_empty(words)) {
		instant_format(at.kind == V_INT ? at.i : ctx->now, when);
		change_set(c, "words", words = v_text(fmt(ctx->mem, "%s %.10s %.5s", say(ctx, "招牌", "Sign"), when, when + 11)));
	}

	const struct member *me = ctx_as_system(ctx);
	bool ok = sign_source(ctx, &source) && record_create(ctx, "lead", (struct cell[]){
		{ "name", words },
		{ "phone", change_new(c, "phone") },
		{ "location", change_new(c, "place") },
		{ "source", v_int(source) },
		{ "owner", change_new(c, "owner") },
		{ "received_at", at },
		{ "state", v_text("new") },
		{ 0 } }, &lead);

	ctx_as(ctx, me);
	if (ok)
		change_set(c, "lead", v_int(lead));
	return ok;
}

/*
 * Untouched (S04-28)
 */

enum { LOOKS_BACK = 7, AT_ONCE = 1000 };

struct waiting {
	int64_t id, owner, assigned;
	const char *name;
};

static bool remind(struct ctx *ctx, const struct waiting *w)
{
	const char *origin = fmt(ctx->mem, "lead_untouched/%" PRId64 "/%" PRId64, w->id, w->owner);
	int64_t told;

	return record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s", origin), &told) &&
	       (told || record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, "%s%s", say(ctx, "新线索还没有联系：", "New lead, not contacted yet: "), w->name), 200)) },
		{ "owner", v_int(w->owner) }, { "lead", v_int(w->id) }, { "due_on", v_text(ctx->today) }, { "priority", v_text("urgent") },
		{ "state", v_text("open") }, { "origin", v_text(origin) }, { 0 } }, NULL));
}

/* Choose and act at once: a lead somebody has had for an hour of working time is their task, once. */
static bool untouched(struct ctx *ctx, const struct json *args)
{
	int64_t minutes = setting_int(ctx, "lead_untouched_minutes");
	struct waiting *list = arena_array(ctx->mem, AT_ONCE, sizeof *list);
	size_t n = 0;
	struct query *q;

	(void)args;
	if (!minutes)
		return true;
	q = ctx_query(ctx, scope_sql(ctx, "lead", fmt(ctx->mem,
		"SELECT id, owner, assigned_at, name FROM lead WHERE state = 'new' AND first_response_at IS NULL AND owner IS NOT NULL"
		" AND assigned_at >= $since ORDER BY id LIMIT %d", AT_ONCE)),
		(struct bind[]){ { "since", v_int(ctx->now - LOOKS_BACK * INT64_C(86400000)) }, { 0 } });
	if (!q)
		return false;
	while (db_next(q))
		list[n++] = (struct waiting){ db_int(q, 0), db_int(q, 1), db_int(q, 2), arena_dup(ctx->mem, db_text(q, 3)) };

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "leads");
	for (size_t i = 0; i < n; i++)
		if (calendar_working_minutes(ctx, list[i].assigned, ctx->now) > minutes && !remind(ctx, &list[i]))
			return false;
	return true;
}

const struct module lead_module = {
	.name = "lead",
	.hooks = (const struct hook[]){
		{ "lead", HOOK_BEFORE | HOOK_WRITES, lead_before },
		{ "sign", HOOK_BEFORE, sign_before },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "lead", "convert", convert },
		{ "lead", "claim", claim },
		{ "lead", "assign", assign },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "lead_untouched", "every 10m", untouched, { "提醒没人动过的线索", "Remind of untouched leads" } },
		{ 0 },
	},
};
