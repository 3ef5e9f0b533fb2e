/*
 * Stock: what is there of each product, from movements that stay as they were written (S01-64).
 *
 * An order that is completed takes its goods out, and puts them back when it goes back.  What is on hand is never
 * added up here: the report stock_level says it, and the product keeps its answer for lists and forms.
 */
#include "engine/module.h"

/* Hundredths; null: no stock is kept of it. */
static bool level_of(struct ctx *ctx, int64_t product, struct value *ret)
{
	struct report_line *line;

	if (!report_rows(ctx, "stock_level", (struct bind[]){ { "product", v_text(fmt(ctx->mem, "%" PRId64, product)) }, { 0 } }, &line))
		return false;
	*ret = line ? report_value(line, "on_hand") : v_null();
	return true;
}

static bool keep_level(struct ctx *ctx, int64_t product)
{
	struct value was, now;

	return !product ||
	       (record_get(ctx, "product", product, "on_hand", &was) && level_of(ctx, product, &now) &&
	        (value_eq(was, now) || record_update(ctx, "product", product, (struct cell[]){ { "on_hand", now }, { 0 } })));
}

/*
 * Movements
 */

/* Nobody takes out by hand what is not there; what was delivered with an order is gone whatever the books say. */
static bool check_out(struct ctx *ctx, const struct change *c)
{
	int64_t product = value_id(change_new(c, "product"));
	struct value there;

	if (!value_is(change_new(c, "kind"), "out") || !product)
		return true;
	if (!record_get(ctx, "product", product, "on_hand", &there))
		return false;
	if (there.kind != V_INT)
		return fail(ctx, ERR_INVALID, "quantity", "这个产品还没有库存，请先入库或盘点",
		            "No stock is kept of this product yet: let it come in, or count it, first");
	return value_id(change_new(c, "quantity")) <= there.i ||
	       fail(ctx, ERR_INVALID, "quantity", "库存只有 %s，不够出库；实际不符的请先盘点", "Only %s on hand; if more is there, count it first",
	            decimal_text(ctx->mem, there.i, 2));
}

static bool move_before(struct ctx *ctx, struct change *c)
{
	struct value on = change_new(c, "moved_on");

	if (change_act(c) != CHANGE_CREATE)
		return true;
	if (on.kind == V_TEXT && strcmp(on.s, ctx->today) > 0)
		return fail(ctx, ERR_INVALID, "moved_on", "日期不能晚于今天", "The day is not after today");
	if (!value_is(change_new(c, "kind"), "count") && !value_id(change_new(c, "quantity")))
		return fail(ctx, ERR_INVALID, "quantity", "数量要大于 0", "The quantity is above 0");
	return ctx->import || ctx->me->system || check_out(ctx, c);
}

static bool move_after(struct ctx *ctx, struct change *c)
{
	if (ctx->import)
		return true;            /* its rows are not there yet: stock_levels follows */
	return keep_level(ctx, value_id(change_new(c, "product"))) &&
	       (value_eq(change_old(c, "product"), change_new(c, "product")) || keep_level(ctx, value_id(change_old(c, "product"))));
}

/*
 * Orders
 */

/* A movement for each product of the order that has a stock. */
static bool move_order(struct ctx *ctx, int64_t order, const char *kind, const char *sql, struct value day)
{
	struct { int64_t product, quantity; } *move = NULL;
	size_t n = 0, cap = 0;
	struct query *q = ctx_query(ctx, sql, (struct bind[]){ { "order", v_int(order) }, { 0 } });

	if (!q)
		return false;
	while (db_next(q)) {
		move = arena_grow(ctx->mem, move, &cap, n + 1, sizeof *move);
		move[n].product = db_int(q, 0);
		move[n++].quantity = db_int(q, 1);
	}

	bool failed = db_failed(q);

	db_done(q);
	if (failed)
		return fail_db(ctx, "goods of an order");
	for (size_t i = 0; i < n; i++)
		if (!record_create(ctx, "stock_move", (struct cell[]){
		        { "product", v_int(move[i].product) }, { "kind", v_text(kind) }, { "quantity", v_int(move[i].quantity) },
		        { "moved_on", day }, { "sales_order", v_int(order) }, { 0 } }, NULL))
			return false;
	return true;
}

static bool order_after(struct ctx *ctx, struct change *c)
{
	bool was = value_is(change_old(c, "state"), "completed");
	bool now = value_is(change_new(c, "state"), "completed");

	if (ctx->import || was == now)
		return true;
	if (now)
		return move_order(ctx, change_id(c), "out", scope_sql(ctx, "order_line product",
			"SELECT l.product, CAST(sum(l.quantity) AS BIGINT) FROM order_line l JOIN product p ON p.id = l.product"
			" WHERE l.sales_order = $order AND p.on_hand IS NOT NULL GROUP BY l.product ORDER BY l.product"), change_new(c, "completed_on"));
	/* As much as went out with it and has not come back. */
	return move_order(ctx, change_id(c), "back", scope_sql(ctx, "stock_move",
		"SELECT product, CAST(sum(CASE kind WHEN 'out' THEN quantity ELSE -quantity END) AS BIGINT) FROM stock_move"
		" WHERE sales_order = $order AND kind IN ('out', 'back') GROUP BY product"
		" HAVING sum(CASE kind WHEN 'out' THEN quantity ELSE -quantity END) > 0 ORDER BY product"), v_text(ctx->today));
}

/*
 * After an import
 */

/* The next products by id. */
static bool keep_levels(struct ctx *ctx, const struct json *args)
{
	int64_t *ids;
	size_t n;

	if (!ctx_ids(ctx, scope_sql(ctx, "stock_move",
	        fmt(ctx->mem, "SELECT DISTINCT product FROM stock_move WHERE product > $after ORDER BY product LIMIT %d", QUERY_LIMIT)),
	        (struct bind[]){ { "after", v_int(json_int(args, "after", 0)) }, { 0 } }, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!keep_level(ctx, ids[i]))
			return false;
	return n < QUERY_LIMIT || job_add(ctx, "stock_levels", fmt(ctx->mem, "{\"after\":%" PRId64 "}", ids[n - 1]), ctx->now, NULL);
}

static bool import_after(struct ctx *ctx, struct change *c)
{
	return !change_has(c, "state") || !value_is(change_new(c, "state"), "done") || !value_is(change_new(c, "object"), "stock_move") ||
	       job_add(ctx, "stock_levels", NULL, ctx->now, NULL);
}

const struct module stock_module = {
	.name = "stock",
	.hooks = (const struct hook[]){
		{ "stock_move", HOOK_BEFORE | HOOK_WRITES, move_before },
		{ "stock_move", HOOK_AFTER | HOOK_SYSTEM, move_after },
		{ "sales_order", HOOK_AFTER | HOOK_WRITES | HOOK_SYSTEM, order_after },
		{ "import", HOOK_AFTER, import_after },
		{ 0 },
	},
	.jobs = (const struct job_impl[]){
		{ "stock_levels", NULL, keep_levels, { "算出导入的库存", "Work out imported stock" } },
		{ 0 },
	},
};
