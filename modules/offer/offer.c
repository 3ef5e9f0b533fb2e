/*
 * Offer: several products for several years are one price (S04-15), and how far it lies below list (S02-20).
 *
 * What lies further below than is free is chosen only once it is approved.  Where competitors are many, somebody
 * above decides whether to go on at all.
 */
#include "engine/module.h"

/* What the lines are a year; the rest follows from it.  An offer that is being deleted takes its lines along. */
static bool sum_lines(struct ctx *ctx, int64_t offer)
{
	int64_t there;

	if (!record_find(ctx, "offer", fmt(ctx->mem, "id=eq.%" PRId64, offer), &there))
		return false;
	if (!there)
		return true;

	const char *sql = scope_sql(ctx, "offer_line",
		"SELECT count(*), CAST(coalesce(sum(price), 0) AS BIGINT), CAST(coalesce(sum(cost), 0) AS BIGINT),"
		" CAST(coalesce(sum(coalesce(list_price, price)), 0) AS BIGINT) FROM offer_line WHERE offer = $offer");
	struct query *q = ctx_query(ctx, sql, (struct bind[]){ { "offer", v_int(offer) }, { 0 } });

	if (!q)
		return false;

	bool found = db_next(q);
	struct cell cells[] = {
		{ "products", v_int(found ? db_int(q, 0) : 0) },
		{ "per_year", v_int(found ? db_int(q, 1) : 0) },
		{ "cost_year", v_int(found ? db_int(q, 2) : 0) },
		{ "list_year", v_int(found ? db_int(q, 3) : 0) },
		{ 0 } };
	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "lines of an offer") : record_update(ctx, "offer", offer, cells);
}

static bool line_before(struct ctx *ctx, struct change *c)
{
	struct value name;
	struct value list;

	if (!change_has(c, "product"))
		return true;
	if (!record_get(ctx, "product", value_id(change_new(c, "product")), "name", &name) ||
	    !record_get(ctx, "product", value_id(change_new(c, "product")), "list_price", &list))
		return false;
	change_set(c, "name", name);
	if (value_empty(change_new(c, "list_price")))
		change_set(c, "list_price", list);
	return true;
}

static bool line_after(struct ctx *ctx, struct change *c)
{
	int64_t was = value_id(change_old(c, "offer"));
	int64_t now = value_id(change_new(c, "offer"));
	const struct member *me = ctx_as_system(ctx);
	bool ok = (!now || sum_lines(ctx, now)) && (!was || was == now || sum_lines(ctx, was));

	ctx_as(ctx, me);
	return ok;
}

/* S04-18: what goes out with an offer is released, and in force. */
static bool check_added(struct ctx *ctx, const struct change *c)
{
	int64_t added = value_id(change_new(c, "success_case"));
	int64_t policy = value_id(change_new(c, "policy"));
	struct value released;
	struct value from;
	struct value to;

	if (added && change_has(c, "success_case")) {
		if (!record_get(ctx, "success_case", added, "released", &released))
			return false;
		if (!value_id(released))
			return fail(ctx, ERR_INVALID, "success_case", "这个案例还没有放行，不能送出", "This case is not released yet");
	}
	if (!policy || !change_has(c, "policy"))
		return true;
	if (!record_get(ctx, "sales_policy", policy, "from_on", &from) || !record_get(ctx, "sales_policy", policy, "to_on", &to))
		return false;
	return (strcmp(from.s, ctx->today) <= 0 && strcmp(to.s, ctx->today) >= 0) ||
	       fail(ctx, ERR_INVALID, "policy", "这项政策 %s 至 %s 有效，现在不能用", "This policy holds from %s to %s", from.s, to.s);
}

/* How far below list, in hundredths of a percent. */
static bool below_list(int64_t listed, int64_t net, int64_t *ret)
{
	*ret = 0;
	return listed <= net || listed <= 0 || int_muldiv(listed - net, 10000, listed, ret);
}

/* S02-20: further below list than is free, it is chosen once approved, and approved with a reason. */
static bool check_discount(struct ctx *ctx, struct change *c, int64_t off)
{
	int64_t allowed = setting_int(ctx, "discount_free") * 100;
	bool asks = value_is(change_new(c, "approval"), "pending") && change_has(c, "approval");

	/* What was approved is what stood there. */
	if (value_is(change_old(c, "approval"), "approved") && off > value_id(change_old(c, "off")))
		change_set(c, "approval", v_null());
	if (off <= allowed)
		return true;
	if (asks && value_empty(change_new(c, "discount_reason")))
		return fail(ctx, ERR_INVALID, "discount_reason", "请写明让价原因再送审批", "Say why it is below list, then ask for approval");
	if (!value_id(change_new(c, "chosen")) || value_is(change_new(c, "approval"), "approved"))
		return true;
	return fail(ctx, ERR_INVALID, "chosen", "让价 %" PRId64 ".%02" PRId64 " %%，超过 %" PRId64 " %%，须先审批",
	            "%" PRId64 ".%02" PRId64 " %% below list, more than %" PRId64 " %%: it has to be approved first",
	            off / 100, off % 100, allowed / 100);
}

static bool offer_before(struct ctx *ctx, struct change *c)
{
	int64_t years = value_id(change_new(c, "years"));
	int64_t gross = 0;
	int64_t net = 0;
	int64_t listed = 0;
	int64_t off = 0;

	if (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE)
		return true;
	if (!int_muldiv(value_id(change_new(c, "per_year")), years, 1, &gross) ||
	    !int_muldiv(value_id(change_new(c, "list_year")), years, 1, &listed) ||
	    !int_muldiv(gross, 10000 - value_id(change_new(c, "discount")), 10000, &net) || !below_list(listed, net, &off))
		return fail(ctx, ERR_INVALID, "years", "金额太大", "The amount is too large");
	if (!check_added(ctx, c) || !check_discount(ctx, c, off))
		return false;
	change_set(c, "gross", v_int(gross));
	change_set(c, "net", v_int(net));
	change_set(c, "listed", v_int(listed));
	change_set(c, "off", v_int(off));
	change_set(c, "margin", v_int(net - value_id(change_new(c, "cost_year")) * years));
	return true;
}

/* List price and margin of a deal under way are those of its chosen offer; without costs the margin is not known. */
static bool carry(struct ctx *ctx, const struct change *c)
{
	int64_t deal = value_id(change_new(c, "opportunity"));
	struct value listed = change_new(c, "listed");
	struct value margin = value_id(change_new(c, "cost_year")) ? change_new(c, "margin") : v_null();
	struct value result;

	if (!value_id(listed) || !(change_has(c, "chosen") || change_has(c, "listed") || change_has(c, "margin")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = record_get(ctx, "opportunity", deal, "result", &result) &&
	          (!value_is(result, "open") || record_update(ctx, "opportunity", deal, (struct cell[]){ { "list_price", listed }, { "margin", margin }, { 0 } }));

	ctx_as(ctx, me);
	return ok;
}

/* Of the offers of a deal one is chosen. */
static bool offer_after(struct ctx *ctx, struct change *c)
{
	int64_t other;

	if ((change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) || !value_id(change_new(c, "chosen")))
		return true;
	if (!carry(ctx, c))
		return false;
	if (!change_has(c, "chosen"))
		return true;
	for (;;) {
		if (!record_find(ctx, "offer", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&chosen=eq.true&id=ne.%" PRId64,
		                                   value_id(change_new(c, "opportunity")), change_id(c)), &other))
			return false;
		if (!other)
			return true;
		if (!record_update(ctx, "offer", other, (struct cell[]){ { "chosen", v_int(0) }, { 0 } }))
			return false;
	}
}

/*
 * Go or no-go (S02-20)
 */

static int64_t rivals_of(struct ctx *ctx, const struct change *c)
{
	struct value named = change_new(c, "competitors");
	int64_t said = value_id(change_new(c, "rival_number"));
	int64_t *ids;
	int64_t n = named.kind == V_TEXT ? (int64_t)ids_split(ctx->mem, named.s, &ids) : 0;

	return n > said ? n : said;
}

static bool crowded(struct ctx *ctx, int64_t rivals)
{
	int64_t limit = rivals ? setting_int(ctx, "go_rivals") : 0;

	return limit && rivals >= limit;
}

/* Further in its pipeline, or won; to lose it is always open. */
static bool goes_on(struct ctx *ctx, const struct change *c, bool *ret)
{
	struct value was = v_null();
	struct value now;
	struct value kind;

	*ret = false;
	if (change_act(c) != CHANGE_UPDATE || !change_has(c, "stage"))
		return true;
	if (!record_get(ctx, "stage", value_id(change_old(c, "stage")), "position", &was) ||
	    !record_get(ctx, "stage", value_id(change_new(c, "stage")), "position", &now) ||
	    !record_get(ctx, "stage", value_id(change_new(c, "stage")), "kind", &kind))
		return false;
	*ret = !value_is(kind, "lost") && value_id(now) > value_id(was);
	return true;
}

static bool check_go(struct ctx *ctx, struct change *c)
{
	int64_t rivals = rivals_of(ctx, c);
	struct value go = change_new(c, "go");
	bool on = false;

	if (rivals)
		change_set(c, "rival_number", v_int(rivals));
	if (change_has(c, "go")) {
		change_set(c, "go_on", value_empty(go) ? v_null() : v_text(ctx->today));
		change_set(c, "go_by", value_empty(go) ? v_null() : v_id(ctx->actor));
	}
	if (ctx->import || value_is(go, "go") || !crowded(ctx, rivals))
		return true;
	if (!goes_on(ctx, c, &on))
		return false;
	if (!on)
		return true;
	return value_is(go, "no_go")
		? fail(ctx, ERR_INVALID, "go", "已决定不投，不能往前走", "It was decided not to go on")
		: fail(ctx, ERR_INVALID, "go", "竞争者有 %" PRId64 " 家，须由上级先定投不投", "There are %" PRId64 " competitors: a superior decides first whether to go on", rivals);
}

static bool opportunity_before(struct ctx *ctx, struct change *c)
{
	if (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE)
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = check_go(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/* The decision is a task of who leads the owner, once; deciding ends it. */
static bool ask_go(struct ctx *ctx, const struct change *c)
{
	const char *origin = fmt(ctx->mem, "go/%" PRId64, change_id(c));
	bool wanted = value_is(change_new(c, "result"), "open") && value_empty(change_new(c, "go")) &&
	              crowded(ctx, value_id(change_new(c, "rival_number")));
	int64_t task;
	int64_t leader;

	if (!record_find(ctx, "task", fmt(ctx->mem, "origin=eq.%s&state=eq.open", origin), &task))
		return false;
	if (task && !wanted)
		return record_update(ctx, "task", task, (struct cell[]){ { "state", v_text("done") }, { "answer", change_new(c, "go_reason") }, { 0 } });
	if (task || !wanted)
		return true;
	if (!member_leader(ctx, value_id(change_new(c, "owner")), &leader))
		return false;
	return !leader || record_create(ctx, "task", (struct cell[]){
		{ "title", v_text(utf8_cut(ctx->mem, fmt(ctx->mem, in_english(ctx) ? "%" PRId64 " competitors, go or no-go: %s" : "竞争者 %" PRId64 " 家，定投不投：%s",
		                                         value_id(change_new(c, "rival_number")), change_new(c, "name").s), 200)) },
		{ "owner", v_int(leader) },
		{ "opportunity", v_int(change_id(c)) },
		{ "customer", change_new(c, "customer") },
		{ "due_on", v_text(date_text(ctx->mem, calendar_add_workdays(instant_day(ctx->now), 1))) },
		{ "priority", v_text("high") },
		{ "state", v_text("open") },
		{ "origin", v_text(origin) },
		{ 0 } }, NULL);
}

static bool opportunity_after(struct ctx *ctx, struct change *c)
{
	if (ctx->import || (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) ||
	    !(change_has(c, "rival_number") || change_has(c, "go") || change_has(c, "result")))
		return true;

	const struct member *me = ctx_as_system(ctx);
	bool ok = ask_go(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/*
 * First rows: a discount beyond what is free goes to the leader, beyond a fifth to the manager as well.
 */

static bool seed(struct ctx *ctx)
{
	int64_t flow;
	int64_t manager;

	return record_need(ctx, "role", "name=eq.manager", &manager) &&
	       record_create(ctx, "approval_flow", (struct cell[]){
		{ "name", v_text(say(ctx, "报价让价", "Discounts of offers")) }, { "object", v_text("offer") }, { "position", v_int(1) }, { "active", v_int(1) },
		{ 0 } }, &flow) &&
	       record_create(ctx, "approval_step", (struct cell[]){
		{ "flow", v_int(flow) }, { "position", v_int(1) }, { "who", v_text("leader") }, { "hours", v_int(24) }, { 0 } }, NULL) &&
	       record_create(ctx, "approval_step", (struct cell[]){
		{ "flow", v_int(flow) }, { "position", v_int(2) }, { "who", v_text("role") }, { "role", v_int(manager) },
		{ "condition", v_text("off=gt.20") }, { "hours", v_int(24) }, { 0 } }, NULL);
}

const struct module offer_module = {
	.name = "offer",
	.seed = seed,
	.hooks = (const struct hook[]){
		{ "opportunity", HOOK_BEFORE, opportunity_before },
		{ "opportunity", HOOK_AFTER, opportunity_after },
		{ "offer_line", HOOK_BEFORE, line_before },
		{ "offer_line", HOOK_AFTER, line_after },
		{ "offer", HOOK_BEFORE, offer_before },
		{ "offer", HOOK_AFTER, offer_after },
		{ 0 },
	},
};
