#include "modules/demo/demo_inner.h"

/*
 * Contracts of the deals won last: most run as agreed, some are late with money or installation, some depart from
 * policy.  Which does what follows from its place, so that nothing else of the company changes with it.
 */

enum { CONTRACTS = 40, OLD = 34, NOON = 12 * 60 };

struct paper {
	int64_t id, owner, day, amount;
	int place;
	bool far;                       /* pays later than policy says */
};

static struct value on_day(struct ctx *ctx, int64_t day)
{
	return v_text(date_text(ctx->mem, day));
}

static bool draw_up(struct ctx *ctx, struct paper *p, int64_t deal)
{
	int64_t id;

	at_minute(ctx, p->day, NOON, p->owner);
	if (!record_create(ctx, "contract", (struct cell[]){
	        { "opportunity", v_int(deal) }, { "owner", v_int(p->owner) }, { "payment_days", v_int(p->far ? 60 : 30) }, { "delivery_days", v_int(25) },
	        { "from_on", on_day(ctx, p->day) }, { "to_on", on_day(ctx, p->day + 365) }, { 0 } }, &p->id))
		return false;
	if (!p->far)
		return true;
	return record_need(ctx, "contract_deviation", fmt(ctx->mem, "contract=eq.%" PRId64, p->id), &id) &&
	       record_update(ctx, "contract_deviation", id, (struct cell[]){ { "reason", v_text(p->place % 2 ? "rules" : "rival") }, { 0 } });
}

static bool plan_money(struct ctx *ctx, const struct paper *p)
{
	static const struct { const char *name; int percent, days; } parts[] = { { "预付款", 30, 10 }, { "到货款", 60, 45 }, { "质保金", 10, 120 } };
	int64_t left = p->amount;

	for (size_t i = 0; i < LENGTH(parts); i++) {
		int64_t part = i + 1 < LENGTH(parts) ? p->amount / 100 * parts[i].percent : left;
		/* The warranty of the oldest is over. */
		int days = i + 1 == LENGTH(parts) && p->place > OLD ? 70 : parts[i].days;

		left -= part;
		if (!record_create(ctx, "instalment", (struct cell[]){
		        { "contract", v_int(p->id) }, { "seq", v_int((int64_t)i + 1) }, { "name", v_text(parts[i].name) },
		        { "due_on", on_day(ctx, p->day + days) }, { "amount", v_int(part) }, { 0 } }, NULL))
			return false;
	}
	return true;
}

static bool settle(struct ctx *ctx, const struct paper *p)
{
	for (;;) {
		int64_t clause;

		if (!record_find(ctx, "contract_clause", fmt(ctx->mem, "contract=eq.%" PRId64 "&answer=is.null", p->id), &clause))
			return false;
		if (!clause)
			break;
		if (!record_update(ctx, "contract_clause", clause, (struct cell[]){ { "answer", v_text("yes") }, { 0 } }))
			return false;
	}
	return (!p->far || record_update(ctx, "contract", p->id, (struct cell[]){ { "approval", v_text("approved") }, { 0 } })) &&
	       record_update(ctx, "contract", p->id, (struct cell[]){ { "state", v_text("signed") }, { "signed_on", v_text(ctx->today) }, { 0 } });
}

static bool carry_out(struct ctx *ctx, const struct sim *s, const struct paper *p)
{
	static const struct { const char *kind; int days; } steps[] = { { "delivery", 20 }, { "installation", 30 }, { "acceptance", 45 } };
	bool stuck = p->place % 6 == 5;

	for (size_t i = 0; i < LENGTH(steps); i++) {
		int64_t due = p->day + steps[i].days;
		int64_t done = due + p->place % 4 - 1;
		bool is_done = done <= s->day && !(stuck && i);

		at_minute(ctx, is_done ? done : p->day, NOON, p->owner);
		if (!record_create(ctx, "contract_milestone", (struct cell[]){
		        { "contract", v_int(p->id) }, { "kind", v_text(steps[i].kind) }, { "due_on", on_day(ctx, due) },
		        { "done_on", is_done ? on_day(ctx, done) : v_null() }, { 0 } }, NULL))
			return false;
	}
	at_minute(ctx, p->day, NOON, p->owner);
	return record_create(ctx, "contract_cost", (struct cell[]){
		{ "contract", v_int(p->id) }, { "name", v_text("设备采购") }, { "supplier", v_text(p->place % 2 ? "苏州精工" : "东莞联创") },
		{ "planned", v_int(p->amount / 100 * (52 + p->place % 5 * 4)) }, { "paid", v_int(p->amount / 100 * 30) },
		{ "due_on", on_day(ctx, p->day + 60) }, { 0 } }, NULL);
}

/* One of five pays late or not yet; of those some promised a day. */
static bool collect(struct ctx *ctx, const struct sim *s, const struct paper *p)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "instalment", "SELECT id FROM instalment WHERE contract = $id ORDER BY seq"),
	             (struct bind[]){ { "id", v_int(p->id) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool slow = (p->place + (int)i) % 5 == 0;
		struct value due, amount;
		int64_t came;

		if (!record_get(ctx, "instalment", ids[i], "due_on", &due) || !record_get(ctx, "instalment", ids[i], "amount", &amount))
			return false;
		came = value_day(due) + p->place % 3 * 4 + (slow ? 25 : 0);
		at_minute(ctx, came <= s->day ? came : s->day, NOON + 60, p->owner);
		if (came <= s->day
		    ? !record_create(ctx, "receipt", (struct cell[]){
		              { "instalment", v_int(ids[i]) }, { "amount", amount }, { "received_on", on_day(ctx, came) },
		              { "method", v_text(p->place % 4 ? "transfer" : "bill") }, { 0 } }, NULL)
		    : value_day(due) < s->day && !record_update(ctx, "instalment", ids[i], (struct cell[]){
		              { "promise_on", on_day(ctx, s->day + (slow ? -2 : 3)) }, { "remark", v_text("客户答应走完流程就付") }, { 0 } }))
			return false;
	}
	return true;
}

static bool ask(struct ctx *ctx, const struct paper *p, const char *object, int64_t record, const char *request)
{
	return record_create(ctx, "approval", (struct cell[]){
		{ "object", v_text(object) }, { "record", v_int(record) }, { "requester", v_int(p->owner) }, { "state", v_text("pending") },
		{ "step", v_int(0) }, { "request", v_text(request) }, { 0 } }, NULL);
}

/* What was agreed later: more goods, approved; a smaller order that waits for the leader; and what is paid in full is closed. */
static bool change_later(struct ctx *ctx, const struct sim *s, const struct paper *p)
{
	struct value received;
	int64_t id;

	at_minute(ctx, s->day - 1, NOON + 90, p->owner);
	if (!record_get(ctx, "contract", p->id, "received", &received))
		return false;
	if (value_id(received) == p->amount)
		return record_create(ctx, "contract_change", (struct cell[]){
		               { "contract", v_int(p->id) }, { "kind", v_text("close") }, { "reason", v_text("货款收齐，质保期满") }, { 0 } }, &id) &&
		       record_update(ctx, "contract_change", id, (struct cell[]){ { "approval", v_text("approved") }, { 0 } });
	if (p->place % 11 != 8)
		return true;
	return record_create(ctx, "contract_change", (struct cell[]){
	               { "contract", v_int(p->id) }, { "kind", v_text("amend") },
	               { "amount", v_int(p->amount / 100 * (p->place % 2 ? 108 : 97)) },
	               { "reason", v_text(p->place % 2 ? "客户追加备件与一年延保" : "客户自行安装，减去安装费") }, { 0 } }, &id) &&
	       (p->place % 2 ? record_update(ctx, "contract_change", id, (struct cell[]){ { "approval", v_text("approved") }, { 0 } })
	                     : ask(ctx, p, "contract_change", id, "客户已书面确认，请批"));
}

/* The newest are still to be signed: one as it was drawn up, one that pays late waits for the leader. */
static bool is_unsigned(const struct sim *s, const struct paper *p)
{
	return p->place < 3 || p->day + 4 > s->day;
}

static bool keep_contract(struct ctx *ctx, const struct sim *s, int64_t deal, int place)
{
	struct value owner, day, amount;
	struct paper p = { .place = place, .far = place == 1 || place % 7 == 3 };

	if (!record_get(ctx, "opportunity", deal, "owner", &owner) || !record_get(ctx, "opportunity", deal, "closed_on", &day) ||
	    !record_get(ctx, "opportunity", deal, "amount", &amount))
		return false;
	p.owner = value_id(owner);
	p.amount = value_id(amount);
	p.day = value_day(day) + 1 < s->day ? value_day(day) + 1 : s->day;
	if (p.amount < 10000)
		return true;
	if (!draw_up(ctx, &p, deal) || !plan_money(ctx, &p))
		return false;
	if (is_unsigned(s, &p))
		return !p.far || ask(ctx, &p, "contract", p.id, "客户坚持 60 天付款，价格没有让，请批");
	return settle(ctx, &p) && carry_out(ctx, s, &p) && collect(ctx, s, &p) && change_later(ctx, s, &p);
}

bool keep_contracts(struct ctx *ctx, const struct sim *s)
{
	const char *last = fmt(ctx->mem, "SELECT id FROM opportunity WHERE result = 'won' AND closed_on IS NOT NULL ORDER BY closed_on DESC, id DESC LIMIT %d", CONTRACTS);
	int64_t *deals;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "opportunity", last), (struct bind[]){ { 0 } }, &deals, &n))
		return false;
	/* The oldest first: numbers go with the time. */
	while (n--)
		if (!keep_contract(ctx, s, deals[n], (int)n))
			return false;
	at_time(ctx, s, 18, 0, 0);
	return true;
}
