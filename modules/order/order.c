/*
 * Order: what a customer ordered, checked, confirmed with the customer, delivered as promised (S01-11, S01-12).
 *
 * An order goes a step at a time, and whatever way it takes, at each step is there what it needs.  What the customer
 * confirmed stays as it is: to change it, the order goes back, and the log keeps what it was.
 */
#include "engine/module.h"

enum step { RECEIVED, VERIFIED, CONFIRMED, COMPLETED, CANCELLED, STEPS };

static const char *const steps[STEPS] = { "received", "verified", "confirmed", "completed", "cancelled" };

static enum step step_of(struct value state)
{
	for (size_t i = 0; i < LENGTH(steps); i++)
		if (value_is(state, steps[i]))
			return (enum step)i;
	return RECEIVED;
}

/*
 * The rules
 */

/* One on or one back; cancelled from anywhere but the end, and for good. */
static bool check_move(struct ctx *ctx, const struct change *c, enum step was, enum step now)
{
	bool create = change_act(c) == CHANGE_CREATE;
	bool may = create ? now == RECEIVED
	         : now == CANCELLED ? was < COMPLETED : was != CANCELLED && (now == was + 1 || now + 1 == was);

	return may || (was == now && !create) ||
	       fail(ctx, ERR_INVALID, "state", "订单按“收到 → 核对 → 客户确认 → 完成”一步一步走，不能跳过",
	            "An order goes received → verified → confirmed → completed, a step at a time");
}

/* S01-11: what is missing for a step is all named at once; back it goes with a reason. */
static bool check_complete(struct ctx *ctx, const struct change *c, enum step was, enum step now)
{
	static const struct { enum step step; const char *field; } needs[] = {
		{ VERIFIED, "lines" }, { CONFIRMED, "promised_on" }, { CONFIRMED, "address" }, { CONFIRMED, "payment_method" },
	};
	bool ok = true;

	if (now < was)
		return !value_empty(change_new(c, "back_reason")) ||
		       fail(ctx, ERR_INVALID, "back_reason", "请写明为什么退回", "Say why it goes back");
	if (now == CANCELLED)
		return !value_empty(change_new(c, "cancel_reason")) ||
		       fail(ctx, ERR_INVALID, "cancel_reason", "请写明为什么取消", "Say why it is cancelled");
	for (size_t i = 0; i < LENGTH(needs); i++) {
		struct value v = change_new(c, needs[i].field);
		const char *step = needs[i].step == VERIFIED ? say(ctx, "核对", "verified") : say(ctx, "确认", "confirmed");

		if (now >= needs[i].step && (value_empty(v) || (v.kind == V_INT && !v.i)))
			ok = fail(ctx, ERR_INVALID, needs[i].field, "缺“%s”，订单还不能%s", "%s is missing: the order cannot be %s yet",
			          label_in(object_field(change_object(c), needs[i].field)->label, ctx->me->language), step);
	}
	return ok;
}

static bool check_completed(struct ctx *ctx, const struct change *c, enum step now)
{
	struct value on = change_new(c, "completed_on");
	struct value promised = change_new(c, "promised_on");

	if (now != COMPLETED)
		return on.kind != V_TEXT || !change_has(c, "completed_on") ||
		       fail(ctx, ERR_INVALID, "completed_on", "完成日期在订单完成时填写", "The day is given when the order is completed");
	if (on.kind == V_TEXT && (strcmp(on.s, ctx->today) > 0 || value_day(on) < instant_day(value_id(change_new(c, "received_at")))))
		return fail(ctx, ERR_INVALID, "completed_on", "完成日期不能早于收到订单，也不能晚于今天",
		            "Not before the order was received, and not after today");
	return strcmp(on.kind == V_TEXT ? on.s : ctx->today, promised.kind == V_TEXT ? promised.s : "9") <= 0 ||
	       !value_empty(change_new(c, "late_reason")) ||
	       fail(ctx, ERR_INVALID, "late_reason", "晚于约定的 %s，请写明原因", "Later than promised (%s): say why", promised.s);
}

/*
 * What follows
 */

/* Who did a step and when; a step back takes it away, the log has it.  Once it goes on, why it went back is past. */
static void fill_steps(const struct ctx *ctx, struct change *c, enum step was, enum step now)
{
	if (now > was)
		change_set(c, "back_reason", v_null());
	if (now == VERIFIED && was < VERIFIED) {
		change_set(c, "verified_by", v_id(ctx->actor));
		change_set(c, "verified_at", v_int(ctx->now));
	}
	if (now == CONFIRMED && was < CONFIRMED) {
		change_set(c, "confirmed_at", v_int(ctx->now));
		change_set(c, "confirmed_on", v_text(ctx->today));
		if (change_new(c, "notified_at").kind != V_INT)
			change_set(c, "notified_at", v_int(ctx->now));
	}
	if (now == COMPLETED && change_new(c, "completed_on").kind != V_TEXT)
		change_set(c, "completed_on", v_text(ctx->today));
	if (now < COMPLETED)
		change_set(c, "completed_on", v_null());
	if (now < CONFIRMED && was >= CONFIRMED) {
		change_set(c, "confirmed_at", v_null());
		change_set(c, "confirmed_on", v_null());
		change_set(c, "notified_at", v_null());
	}
	if (now < VERIFIED) {
		change_set(c, "verified_by", v_null());
		change_set(c, "verified_at", v_null());
	}
}

/* A past order stands as it was brought: confirmed when it came. */
static void fill_past(const struct ctx *ctx, struct change *c, enum step now)
{
	struct value received = change_new(c, "received_at");

	if (now != CONFIRMED && now != COMPLETED)
		return;
	change_set(c, "confirmed_at", received);
	change_set(c, "confirmed_on", v_text(date_text(ctx->mem, instant_day(value_id(received)))));
}

static struct value kept(const struct ctx *ctx, const struct change *c, enum step now)
{
	struct value promised = change_new(c, "promised_on");
	struct value on = change_new(c, "completed_on");

	if (promised.kind != V_TEXT)
		return v_null();
	if (now == COMPLETED && on.kind == V_TEXT)
		return v_int(strcmp(on.s, promised.s) <= 0);
	return now == CONFIRMED && strcmp(promised.s, ctx->today) < 0 ? v_int(0) : v_null();
}

/* By the rule for the narrowest region the customer lies in, whether or not the caller may read the rules; 0: there is none. */
static bool route_of(struct ctx *ctx, int64_t customer, int64_t *ret)
{
	const struct member *me;
	struct value region;
	bool ok;

	*ret = 0;
	if (!customer)
		return true;
	if (!record_get(ctx, "customer", customer, "region", &region))
		return false;
	me = ctx_as_system(ctx);
	ok = ctx_get_int(ctx, scope_sql(ctx, "order_route member",
		"SELECT r.assignee FROM order_route r JOIN member m ON m.id = r.assignee AND m.active = 1"
		" WHERE substr($region, 1, length(r.region)) = r.region ORDER BY length(r.region) DESC LIMIT 1"),
		(struct bind[]){ { "region", region.kind == V_TEXT ? region : v_text("") }, { 0 } }, 0, ret);
	ctx_as(ctx, me);
	return ok;
}

/* Whoever processes it; who gives it to themselves has accepted. */
static bool fill_assignee(struct ctx *ctx, struct change *c)
{
	int64_t owner = value_id(change_new(c, "owner"));
	bool follows = change_act(c) == CHANGE_UPDATE && change_has(c, "owner") && !change_has(c, "assignee") &&
	               value_eq(change_old(c, "assignee"), change_old(c, "owner"));
	int64_t route = 0;

	if (change_act(c) == CHANGE_CREATE && !value_id(change_new(c, "assignee")) && !ctx->import &&
	    !route_of(ctx, value_id(change_new(c, "customer")), &route))
		return false;
	if (!value_id(change_new(c, "assignee")) || follows)
		change_set(c, "assignee", v_id(route ? route : owner));
	if (!change_has(c, "assignee") || ctx->import)
		return true;
	change_set(c, "assigned_at", v_int(ctx->now));
	change_set(c, "accepted_at", value_id(change_new(c, "assignee")) == ctx->actor ? v_int(ctx->now) : v_null());
	return true;
}

static bool fill_address(struct ctx *ctx, struct change *c)
{
	int64_t customer = value_id(change_new(c, "customer"));
	struct value address;

	if (change_act(c) != CHANGE_CREATE || !customer || !value_empty(change_new(c, "address")))
		return true;
	if (!record_get(ctx, "customer", customer, "address", &address))
		return false;
	change_set(c, "address", address);
	return true;
}

static bool order_before(struct ctx *ctx, struct change *c)
{
	enum step was = step_of(change_old(c, "state"));
	enum step now = step_of(change_new(c, "state"));

	if (!ctx->import && !(check_move(ctx, c, was, now) && check_completed(ctx, c, now) &&
	    (was == now || check_complete(ctx, c, was, now))))
		return false;
	if (ctx->import)
		fill_past(ctx, c, now);
	else
		fill_steps(ctx, c, was, now);
	change_set(c, "in_time", kept(ctx, c, now));

	const struct member *me = ctx_as_system(ctx);
	bool ok = fill_address(ctx, c) && fill_assignee(ctx, c);

	ctx_as(ctx, me);
	return ok;
}

/* Somebody may have ended it by hand. */
static bool end_share(struct ctx *ctx, const struct change *c)
{
	struct value share;
	int64_t there;

	if (!column_get(ctx, "sales_order", change_id(c), "share", &share) ||
	    !record_find(ctx, "share", fmt(ctx->mem, "id=eq.%" PRId64, value_id(share)), &there))
		return false;
	return !there || record_unshare(ctx, change_object(c), change_id(c), there);
}

/* It is open to whoever processes it, as long as they do, and they are told. */
static bool hand_on(struct ctx *ctx, const struct change *c)
{
	int64_t assignee = value_id(change_new(c, "assignee"));
	int64_t share = 0;
	struct member m;
	bool may;

	if (!end_share(ctx, c) || !notice_reader(ctx, assignee, change_object(c), change_id(c), &m, &may) ||
	    (!may && m.id && !record_share(ctx, change_object(c), change_id(c), assignee, 0, true, NULL, &share)) ||
	    !column_set(ctx, "sales_order", change_id(c), (struct cell[]){ { "share", v_id(share) }, { 0 } }))
		return false;
	/* An owner is told as such. */
	return assignee == ctx->actor || assignee == value_id(change_new(c, "owner")) || notice_tell(ctx, assignee, &(struct news){
		.kind = "assigned", .object = change_object(c), .record = change_id(c) });
}

/* Whoever ordered has bought. */
static bool bought(struct ctx *ctx, const struct change *c)
{
	struct value on = change_new(c, "confirmed_on");

	return record_update(ctx, "customer", value_id(change_new(c, "customer")), (struct cell[]){
		{ "first_deal_on", on }, { "last_deal_on", on }, { 0 } });
}

static bool order_after(struct ctx *ctx, struct change *c)
{
	if (ctx->import)
		return true;
	return (!change_has(c, "assignee") || hand_on(ctx, c)) &&
	       (!change_has(c, "confirmed_on") || change_new(c, "confirmed_on").kind != V_TEXT || bought(ctx, c));
}

/*
 * Lines
 */

static bool fill_line(struct ctx *ctx, struct change *c)
{
	int64_t product = value_id(change_new(c, "product"));
	int64_t amount;
	struct value name, price;

	if (product && change_has(c, "product")) {
		if (!record_get(ctx, "product", product, "name", &name) || !record_get(ctx, "product", product, "list_price", &price))
			return false;
		change_set(c, "name", name);
		if (change_new(c, "price").kind != V_INT)
			change_set(c, "price", price);
	}
	if (!int_muldiv(value_id(change_new(c, "price")), value_id(change_new(c, "quantity")), 100, &amount) ||
	    !int_muldiv(amount, 10000 - value_id(change_new(c, "discount")), 10000, &amount))
		return fail(ctx, ERR_INVALID, "quantity", "金额太大", "The amount is too large");
	change_set(c, "amount", v_int(amount));
	return true;
}

static bool line_before(struct ctx *ctx, struct change *c)
{
	return (change_act(c) != CHANGE_CREATE && change_act(c) != CHANGE_UPDATE) || fill_line(ctx, c);
}

/* An order that is being deleted takes its lines along. */
static bool sum_lines(struct ctx *ctx, int64_t order)
{
	const char *sql = scope_sql(ctx, "order_line",
		"SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM order_line WHERE sales_order = $order");
	int64_t there;

	if (!record_find(ctx, "sales_order", fmt(ctx->mem, "id=eq.%" PRId64, order), &there))
		return false;
	if (!there)
		return true;

	struct query *q = ctx_query(ctx, sql, (struct bind[]){ { "order", v_int(order) }, { 0 } });

	if (!q)
		return false;

	bool found = db_next(q);
	struct cell cells[] = { { "lines", v_int(found ? db_int(q, 0) : 0) }, { "amount", v_int(found ? db_int(q, 1) : 0) }, { 0 } };
	bool failed = db_failed(q);

	db_done(q);
	return failed ? fail_db(ctx, "lines of an order") : record_update(ctx, "sales_order", order, cells);
}

static bool line_after(struct ctx *ctx, struct change *c)
{
	int64_t was = value_id(change_old(c, "sales_order"));
	int64_t now = value_id(change_new(c, "sales_order"));

	if (ctx->import)
		return true;            /* its rows are not there yet: order_sums follows */
	return sum_lines(ctx, now) && (!was || was == now || sum_lines(ctx, was));
}

/*
 * Actions
 */

static bool to_state(struct ctx *ctx, const struct action_call *call, enum step step, struct cell more)
{
	return record_update(ctx, "sales_order", call->id, (struct cell[]){ { "state", v_text(steps[step]) }, more, { 0 } });
}

static bool verify(struct ctx *ctx, struct action_call *call)
{
	return to_state(ctx, call, VERIFIED, (struct cell){ 0 });
}

static bool confirm(struct ctx *ctx, struct action_call *call)
{
	struct value told = action_param(call, "notified_at");

	return to_state(ctx, call, CONFIRMED, (struct cell){ told.kind == V_INT ? "notified_at" : NULL, told });
}

static bool complete(struct ctx *ctx, struct action_call *call)
{
	struct value reason = action_param(call, "late_reason");
	struct cell cells[5] = { { "state", v_text(steps[COMPLETED]) }, { "completed_on", action_param(call, "completed_on") } };

	/* What was written down before stays where nothing else is said. */
	if (!value_empty(reason)) {
		cells[2] = (struct cell){ "late_reason", reason };
		cells[3] = (struct cell){ "late_note", action_param(call, "late_note") };
	}
	return record_update(ctx, "sales_order", call->id, cells);
}

static bool accept(struct ctx *ctx, struct action_call *call)
{
	struct value assignee;

	if (!record_get(ctx, "sales_order", call->id, "assignee", &assignee))
		return false;
	if (value_id(assignee) != ctx->me->id)
		return fail(ctx, ERR_DENIED, "assignee", "交给谁办，由谁接受", "Whoever it is given to accepts it");
	return record_update(ctx, "sales_order", call->id, (struct cell[]){ { "accepted_at", v_int(ctx->now) }, { 0 } });
}

static bool back(struct ctx *ctx, struct action_call *call)
{
	struct value state;

	if (!record_get(ctx, "sales_order", call->id, "state", &state))
		return false;

	enum step was = step_of(state);

	if (was == RECEIVED || was == CANCELLED)
		return fail(ctx, ERR_INVALID, "state", "没有上一步可退", "There is no step to go back to");
	return to_state(ctx, call, (enum step)(was - 1), (struct cell){ "back_reason", action_param(call, "reason") });
}

static bool cancel(struct ctx *ctx, struct action_call *call)
{
	return to_state(ctx, call, CANCELLED, (struct cell){ "cancel_reason", action_param(call, "reason") });
}

/*
 * From a deal
 */

/* The products of its chosen offer, as many as years; without one its product at the agreed value. */
static bool lines_of(struct ctx *ctx, int64_t deal, int64_t order)
{
	struct value years, discount, product, price;
	int64_t offer;
	int64_t *ids;
	size_t n;

	if (!record_find(ctx, "offer", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&chosen=eq.true", deal), &offer))
		return false;
	if (!offer)
		return record_get(ctx, "opportunity", deal, "product", &product) && record_get(ctx, "opportunity", deal, "amount", &price) &&
		       (!value_id(product) || !value_id(price) || record_create(ctx, "order_line", (struct cell[]){
			{ "sales_order", v_int(order) }, { "product", product }, { "price", price }, { 0 } }, NULL));
	if (!record_get(ctx, "offer", offer, "years", &years) || !record_get(ctx, "offer", offer, "discount", &discount) ||
	    !ctx_ids(ctx, scope_sql(ctx, "offer_line", "SELECT id FROM offer_line WHERE offer = $offer ORDER BY id"),
	             (struct bind[]){ { "offer", v_int(offer) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_get(ctx, "offer_line", ids[i], "product", &product) || !record_get(ctx, "offer_line", ids[i], "price", &price) ||
		    !record_create(ctx, "order_line", (struct cell[]){
			{ "sales_order", v_int(order) }, { "product", product }, { "quantity", v_int(100 * value_id(years)) },
			{ "price", price }, { "discount", discount }, { 0 } }, NULL))
			return false;
	return true;
}

/* With the rights of whoever does it: the order is the deal's owner's. */
static bool make(struct ctx *ctx, struct action_call *call)
{
	struct value result, customer, contact, owner;
	int64_t order;

	if (!record_get(ctx, "opportunity", call->id, "result", &result) || !record_get(ctx, "opportunity", call->id, "customer", &customer) ||
	    !record_get(ctx, "opportunity", call->id, "contact", &contact) || !record_get(ctx, "opportunity", call->id, "owner", &owner) ||
	    !record_find(ctx, "sales_order", fmt(ctx->mem, "opportunity=eq.%" PRId64 "&state=ne.cancelled", call->id), &order))
		return false;
	if (!value_is(result, "won"))
		return fail(ctx, ERR_INVALID, "result", "赢单之后才转为订单", "A deal becomes an order once it is won");
	if (order)
		return fail(ctx, ERR_CONFLICT, NULL, "这笔商机已有订单；再订请新建订单", "This deal has its order; for another one, make it under orders");
	if (!record_create(ctx, "sales_order", (struct cell[]){
	        { "customer", customer }, { "contact", contact }, { "opportunity", v_int(call->id) }, { "owner", owner },
	        { "promised_on", action_param(call, "promised_on") }, { 0 } }, &order) || !lines_of(ctx, call->id, order))
		return false;
	action_answer(call, "sales_order", order);
	return true;
}

/*
 * At night
 */

/* The day promised has passed: not in time, whatever comes. */
static bool overdue(struct ctx *ctx, const struct json *args)
{
	int64_t *ids;
	size_t n;

	(void)args;
	if (!ctx_ids(ctx, scope_sql(ctx, "sales_order",
	        fmt(ctx->mem, "SELECT id FROM sales_order WHERE state = 'confirmed' AND in_time IS NULL AND promised_on < $today ORDER BY id LIMIT %d",
	            QUERY_LIMIT)), NULL, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_update(ctx, "sales_order", ids[i], (struct cell[]){ { "in_time", v_int(0) }, { 0 } }))
			return false;
	return n < QUERY_LIMIT || job_add(ctx, "orders_overdue", NULL, ctx->now, NULL);
}

/* Lines came with an import: the next orders, by id, that say something else than their lines. */
static bool sum_orders(struct ctx *ctx, const struct json *args)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "sales_order order_line",
	        fmt(ctx->mem, "SELECT o.id FROM sales_order o"
	            " JOIN (SELECT sales_order, count(*) AS n, sum(amount) AS amount FROM order_line GROUP BY sales_order) l ON l.sales_order = o.id"
	            " WHERE o.id > $after AND (coalesce(o.lines, 0) <> l.n OR coalesce(o.amount, 0) <> l.amount) ORDER BY o.id LIMIT %d", QUERY_LIMIT)),
	        (struct bind[]){ { "after", v_int(json_int(args, "after", 0)) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!sum_lines(ctx, ids[i]))
			return false;
	return n < QUERY_LIMIT || job_add(ctx, "order_sums", fmt(ctx->mem, "{\"after\":%" PRId64 "}", ids[n - 1]), ctx->now, NULL);
}

static bool import_after(struct ctx *ctx, struct change *c)
{
	return !change_has(c, "state") || !value_is(change_new(c, "state"), "done") || !value_is(change_new(c, "object"), "order_line") ||
	       job_add(ctx, "order_sums", NULL, ctx->now, NULL);
}

const struct module order_module = {
	.name = "order",
	.hooks = (const struct hook[]){
		{ "sales_order", HOOK_BEFORE | HOOK_WRITES, order_before },
		{ "sales_order", HOOK_AFTER | HOOK_WRITES | HOOK_SYSTEM, order_after },
		{ "order_line", HOOK_BEFORE, line_before },
		{ "order_line", HOOK_AFTER | HOOK_SYSTEM, line_after },
		{ "import", HOOK_AFTER, import_after },
		{ 0 },
	},
	.actions = (const struct action_impl[]){
		{ "sales_order", "verify", verify },
		{ "sales_order", "confirm", confirm },
		{ "sales_order", "complete", complete },
		{ "sales_order", "accept", accept },
		{ "sales_order", "back", back },
		{ "sales_order", "cancel", cancel },
		{ "opportunity", "order", make },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "orders_overdue", "daily 00:10", overdue, { "过了约定日期的订单记为未按时", "Note orders whose day has passed as not in time" } },
		{ "order_sums", NULL, sum_orders, { "合计导入的订单产品", "Sum up imported order lines" } },
		{ 0 },
	},
};
