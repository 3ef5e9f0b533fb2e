#include "modules/demo/demo_inner.h"

/*
 * Orders of the deals won in the last months: most are delivered as promised, some late with their reason, the last are
 * on their way; goods are counted before the first of them.  Nothing of it is drawn.
 */

enum { MONTHS = 4 * 30, MOST = 80, MINUTES = 60, GOODS = 7 };

struct sale {
	int64_t deal, customer, product, owner;
	int64_t won;                    /* the day */
	int64_t amount;
	int64_t pieces;
	int n;                          /* which of them it is */
};

static bool order_of(struct ctx *ctx, const struct sim *s, const struct sale *sale)
{
	static const char *const methods[] = { "transfer", "transfer", "acceptance", "transfer", "cheque" };
	static const char *const reasons[] = { "stock", "production", "transport", "customer" };
	int64_t promised = sale->won + 8 + sale->n % 13;
	bool late = sale->n % 9 == 4;
	int64_t done = promised + (late ? 2 + sale->n % 5 : -(sale->n % 3));
	int64_t confirmed = sale->won + 1 + sale->n % 3;
	/* A few are still to be delivered though their day has passed. */
	bool left = sale->n % 5 == 2 && promised > s->day - 20;
	int64_t order;

	at_minute(ctx, sale->won, 17 * MINUTES, sale->owner);
	if (!record_create(ctx, "sales_order", (struct cell[]){
	        { "customer", v_int(sale->customer) }, { "opportunity", v_int(sale->deal) }, { "owner", v_int(sale->owner) },
	        { "promised_on", v_text(date_text(ctx->mem, promised)) }, { "address", v_text("客户厂区收货处") },
	        { "payment_method", v_text(methods[sale->n % (int)LENGTH(methods)]) }, { "payment_terms", v_text("预付三成，发货前付清") }, { 0 } }, &order) ||
	    !record_create(ctx, "order_line", (struct cell[]){
	        { "sales_order", v_int(order) }, { "product", v_int(sale->product) }, { "quantity", v_int(100 * sale->pieces) },
	        { "price", v_int(sale->amount / sale->pieces) }, { 0 } }, NULL))
		return false;
	if (confirmed >= s->day)
		return true;
	at_minute(ctx, confirmed, 10 * MINUTES, sale->owner);
	if (!record_update(ctx, "sales_order", order, (struct cell[]){ { "state", v_text("verified") }, { 0 } }) ||
	    !record_update(ctx, "sales_order", order, (struct cell[]){ { "state", v_text("confirmed") }, { 0 } }))
		return false;
	if (left || done >= s->day)
		return true;
	at_minute(ctx, done, 15 * MINUTES, sale->owner);
	return record_update(ctx, "sales_order", order, (struct cell[]){
		{ "state", v_text("completed") }, { late ? "late_reason" : NULL, v_text(reasons[sale->n % (int)LENGTH(reasons)]) }, { 0 } });
}

/* Inside sales process what comes from the east and the south; the rest stays with whoever sold it. */
static bool allocate(struct ctx *ctx, int64_t clerk)
{
	static const char *const regions[] = { "31", "32", "33", "44" };

	for (size_t i = 0; clerk && i < LENGTH(regions); i++)
		if (!record_create(ctx, "order_route", (struct cell[]){ { "region", v_text(regions[i]) }, { "assignee", v_int(clerk) }, { 0 } }, NULL))
			return false;
	return true;
}

/* Goods – not software and service – are counted before the first of these orders, and kept by inside sales; some run short. */
static bool count_goods(struct ctx *ctx, const struct sim *s, int64_t clerk)
{
	at_minute(ctx, s->day - MONTHS - 1, 16 * MINUTES, clerk);
	for (int i = 0; i < GOODS; i++)
		if (!record_update(ctx, "product", s->products[i], (struct cell[]){
		        { "least", v_int(500) }, { "keeper", clerk ? v_int(clerk) : v_null() }, { 0 } }) ||
		    !record_create(ctx, "stock_move", (struct cell[]){
		        { "product", v_int(s->products[i]) }, { "kind", v_text("count") }, { "quantity", v_int(100 * (12 + 3 * i)) }, { 0 } }, NULL))
			return false;
	return true;
}

bool fill_orders(struct ctx *ctx, const struct sim *s)
{
	struct sale sale = { 0 };
	int64_t role, clerk;

	if (!record_need(ctx, "role", "name=eq.inside", &role) ||
	    !ctx_get_int(ctx, scope_sql(ctx, "member", "SELECT min(id) FROM member WHERE roles LIKE $role"),
	                 (struct bind[]){ { "role", v_text(fmt(ctx->mem, "%%,%" PRId64 ",%%", role)) }, { 0 } }, 0, &clerk) ||
	    !count_goods(ctx, s, clerk))
		return false;
	for (; sale.n < MOST; sale.n++) {
		struct value customer, product, owner, amount, won, price;

		if (!record_find(ctx, "opportunity", fmt(ctx->mem, "result=eq.won&closed_on=gte.%s&customer=is.notnull&product=is.notnull&amount=gt.0&id=gt.%" PRId64 "&sort=id",
		                                         date_text(ctx->mem, s->day - MONTHS), sale.deal), &sale.deal))
			return false;
		if (!sale.deal)
			break;
		if (!record_get(ctx, "opportunity", sale.deal, "customer", &customer) || !record_get(ctx, "opportunity", sale.deal, "product", &product) ||
		    !record_get(ctx, "opportunity", sale.deal, "owner", &owner) || !record_get(ctx, "opportunity", sale.deal, "amount", &amount) ||
		    !record_get(ctx, "opportunity", sale.deal, "closed_on", &won) || !record_get(ctx, "product", value_id(product), "list_price", &price))
			return false;
		sale.customer = value_id(customer);
		sale.product = value_id(product);
		sale.owner = value_id(owner);
		sale.amount = value_id(amount);
		sale.won = value_day(won);
		sale.pieces = value_id(price) ? (sale.amount + value_id(price) / 2) / value_id(price) : 1;
		/* Amounts are whole hundreds. */
		sale.pieces = sale.pieces < 2 ? 1 : sale.amount % (100 * sale.pieces) ? 2 : sale.pieces;
		if (!order_of(ctx, s, &sale))
			return false;
	}
	at_minute(ctx, s->day, 8 * MINUTES, 0);
	/* They were not entered in the order of their days. */
	return allocate(ctx, clerk) && job_now(ctx, "stock_levels", NULL) && job_now(ctx, "orders_overdue", NULL);
}
